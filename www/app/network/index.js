import { DextrError } from '../../dextr/index.js';
import { h } from '../../ui/dom.js';
import { count, fault } from '../../ui/format.js';
import { pictureButtons } from '../../ui/picture.js';
import { arranged } from './arranged.js';
import { BOX, NetworkDrawing } from './drawing.js';

/** @typedef {import('../../dextr/dextr.js').ObservedMap} ObservedMap */
/** @typedef {import('../../dextr/index.js').Inspection} Inspection */

/** More layers take too long to arrange, and nobody finds a way through them. */
const MOST = 2000;

/** Whether the user folded the last one up or not: the next one follows. @type {boolean | null} */
let wanted = null;

/**
 * What is drawn, and when.
 * @typedef {object} GraphOptions
 * @property {boolean} open Whether it is unfolded at first.
 * @property {ObservedMap[]} maps
 * @property {() => Promise<Inspection>} inspect
 * @property {(name: string) => void} onPick
 */

/** @param {Inspection['layers']} layers @returns {[number, number][]} */
function edgesOf(layers) {
  const keys = new Set(layers.flatMap(({ inputs }, to) => inputs.map((from) => `${from} ${to}`)));
  return [...keys].map((key) => /** @type {[number, number]} */ (key.split(' ').map(Number)));
}

/** Draws the network into its place. @param {HTMLElement} place @param {GraphOptions} options */
async function draw(place, { maps, inspect, onPick }) {
  place.replaceChildren(h('p', { class: 'quiet' }, 'Drawing …'));
  try {
    const { layers } = await inspect();
    if (layers.length > MOST) {
      place.replaceChildren(h('p', { class: 'quiet' }, `The network has ${count(layers.length)} layers, too many to draw: the table of observed maps has the numbers.`));
      return;
    }
    const edges = edgesOf(layers);
    const drawing = new NetworkDrawing({ layers, maps, edges, arrangement: await arranged({ ...BOX, count: layers.length, edges }), onPick });
    place.removeAttribute('aria-live');
    place.replaceChildren(drawing.element, pictureButtons('dextr-network', () => drawing.element.querySelector('svg')));
    drawing.fit();
  } catch (error) {
    const { what, cure } = fault(DextrError.from(error));
    place.replaceChildren(h('p', { class: 'error' }, `${what} ${cure}`));
  }
}

/**
 * The network as a graph, which is arranged when it is first unfolded.
 * @param {GraphOptions} options
 */
export function networkGraph(options) {
  const place = h('div', { 'aria-live': 'polite' });
  /** @type {HTMLDetailsElement} */
  const element = h('details', { class: 'network-details', open: wanted ?? options.open, ontoggle: () => {
    if (element.open && !place.hasChildNodes()) void draw(place, options);
  } }, h('summary', { onclick: () => {
    wanted = !element.open;
  } }, 'The network as a graph'), place);
  return element;
}
