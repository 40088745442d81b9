import { DextrError } from '../../dextr/index.js';
import { h } from '../../ui/dom.js';
import { count, fault } from '../../ui/format.js';
import { pictureButtons } from '../../ui/picture.js';
import { arranged } from './arranged.js';
import { BOX, NetworkDrawing } from './drawing.js';
import { blocks, boxes } from './fold.js';

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
 * @property {ReadonlySet<string>} [changed] Layers that another network has not.
 */

/**
 * A network's drawing, whose blocks fold.
 */
class Graph {
  #layers;
  #options;
  #place;
  #blocks;
  /** The blocks that are unfolded. @type {Set<number>} */
  #open = new Set();
  /** What is looked for now. */
  #wish = () => '';
  #fold = h('button', { type: 'button', onclick: () => this.#foldAll() });

  /** @param {HTMLElement} place @param {Inspection['layers']} layers @param {GraphOptions} options */
  constructor(place, layers, options) {
    this.#place = place;
    this.#layers = layers;
    this.#options = options;
    this.#blocks = blocks(layers);
  }

  /** @param {{ block?: number, wish?: string }} [kept] What the keyboard was on, and what was looked for. */
  async draw({ block, wish = '' } = {}) {
    const { maps, onPick, changed } = this.#options;
    const { nodes, edges } = boxes({ layers: this.#layers, maps, changed }, this.#blocks, this.#open);
    const drawing = new NetworkDrawing({
      nodes, edges, onPick, arrangement: await arranged({ ...BOX, count: nodes.length, edges }),
      onFold: (folded) => {
        if (!this.#open.delete(folded)) this.#open.add(folded);
        void this.draw({ block: folded, wish: drawing.finder.wish });
      },
    });
    this.#wish = () => drawing.finder.wish;
    const some = this.#open.size < this.#blocks.length;
    this.#fold.replaceChildren(some ? `Unfold all ${count(this.#blocks.length)} blocks` : 'Fold into blocks');
    this.#place.removeAttribute('aria-live');
    this.#place.replaceChildren(drawing.element, h('div', { class: 'buttons' }, this.#blocks.length > 0 && this.#fold, pictureButtons('dextr-network', () => drawing.element.querySelector('svg'))));
    drawing.fit();
    drawing.finder.look(wish);
    if (block !== undefined) drawing.visit(block);
  }

  #foldAll() {
    const some = this.#open.size < this.#blocks.length;
    this.#open = new Set(some ? this.#blocks.keys() : []);
    void this.draw({ wish: this.#wish() }).then(() => this.#fold.focus());
  }
}

/** Draws the network into its place. @param {HTMLElement} place @param {GraphOptions} options */
async function draw(place, options) {
  place.replaceChildren(h('p', { class: 'quiet' }, 'Drawing …'));
  try {
    const { layers } = await options.inspect();
    if (layers.length > MOST) {
      place.replaceChildren(h('p', { class: 'quiet' }, `The network has ${count(layers.length)} layers, too many to draw: the table of observed maps has the numbers.`));
      return;
    }
    await new Graph(place, layers, options).draw();
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
