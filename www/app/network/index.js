import { DextrError } from '../../dextr/index.js';
import { h } from '../dom.js';
import { count, fault } from '../format.js';
import { arranged } from './arranged.js';
import { BOX, drawing } from './drawing.js';

/** @typedef {import('../../dextr/dextr.js').ObservedMap} ObservedMap */
/** @typedef {import('../../dextr/index.js').Inspection} Inspection */

/** More layers take too long to arrange, and nobody finds a way through them. */
const MOST = 2000;

/** Whether the user folded the last one up or not: the next one follows. @type {boolean | null} */
let wanted = null;

/**
 * The network as a graph, which is arranged when it is first unfolded.
 * @param {object} options
 * @param {boolean} options.open Whether it is unfolded at first.
 * @param {ObservedMap[]} options.maps
 * @param {() => Promise<Inspection>} options.inspect
 * @param {(name: string) => void} options.onPick
 */
export function networkGraph({ open, maps, inspect, onPick }) {
  const place = h('div', { 'aria-live': 'polite' });
  let begun = false;

  async function begin() {
    if (begun || !element.open) return;
    begun = true;
    place.replaceChildren(h('p', { class: 'quiet' }, 'Drawing …'));
    try {
      const { layers } = await inspect();
      if (layers.length > MOST) {
        place.replaceChildren(h('p', { class: 'quiet' }, `The network has ${count(layers.length)} layers, too many to draw: the table of observed maps has the numbers.`));
        return;
      }
      const keys = new Set(layers.flatMap(({ inputs }, to) => inputs.map((from) => `${from} ${to}`)));
      const edges = [...keys].map((key) => /** @type {[number, number]} */ (key.split(' ').map(Number)));
      const { element: figure, fit } = drawing(layers, maps, await arranged({ ...BOX, count: layers.length, edges }), edges, onPick);
      place.removeAttribute('aria-live');
      place.replaceChildren(figure);
      fit();
    } catch (error) {
      const { what, cure } = fault(DextrError.from(error));
      place.replaceChildren(h('p', { class: 'error' }, `${what} ${cure}`));
    }
  }

  /** @type {HTMLDetailsElement} */
  const element = h('details', { class: 'network-details', open: wanted ?? open, ontoggle: () => void begin() },
    h('summary', { onclick: () => {
      wanted = !element.open;
    } }, 'The network as a graph'), place);
  return element;
}
