import { h, newId, s } from '../../ui/dom.js';
import { GraphEdge } from './edge.js';
import { HEAD, layout, RADIUS } from './layout.js';

/** @typedef {import('./choice.js').Indexed} Indexed */

/** The edges of a larger cell have the numbers that they have in the list below, and those of a still larger one no words. */
const [NUMBERED, WORDED] = [5, 6];

/**
 * A cell as a graph. An edge is a button: click or Enter opens the menu of its
 * operations (or switches, where there are two), arrow keys go through them.
 */
export class CellGraph {
  #edges;
  element = h('div', { class: 'graph' });

  /**
   * @param {Indexed[]} choices Those with an edge.
   * @param {string} label
   * @param {(index: number, value: string) => void} onChoose
   */
  constructor(choices, label, onChoose) {
    const pairs = choices.map(({ edge }) => /** @type {[number, number]} */ (edge));
    const { width, height, nodes, arcs } = layout(pairs);
    const arrowId = newId('arrow');
    const arrow = s('marker', { id: arrowId, viewBox: '0 0 8 8', refX: 1, refY: 4, markerWidth: HEAD, markerHeight: HEAD, markerUnits: 'userSpaceOnUse', orient: 'auto' },
      s('path', { d: 'M0 0L8 4L0 8z', class: 'arrow' }));
    const circles = nodes.map(({ x, y }, index) =>
      s('g', { class: 'node', 'aria-hidden': 'true' }, s('circle', { cx: x, cy: y, r: RADIUS }), s('text', { x, y }, index)));
    const drawing = s('svg', { viewBox: `0 0 ${width} ${height}`, class: 'cell', role: 'group', 'aria-label': `${label}: node 0 is the input, node ${nodes.length - 1} the last; each edge is a button.` },
      s('defs', {}, arrow));
    /** Pixels of the host. @param {{ x: number, y: number }} point */
    const place = ({ x, y }) => ({ host: this.element, x: x * (this.element.clientWidth / width), y: y * (drawing.clientHeight / height) });
    this.#edges = choices.map((choice, at) => new GraphEdge(choice, {
      arc: /** @type {import('./layout.js').Arc} */ (arcs[at]), number: nodes.length <= NUMBERED ? null : at + 1, worded: nodes.length <= WORDED, arrowId, place, onChoose,
    }));
    drawing.append(...this.#edges.map(({ element }) => element), ...circles);
    this.element.append(drawing);
  }

  /** @param {Indexed[]} next The same choices with other values. */
  set(next) {
    next.forEach(({ value }, at) => this.#edges[at]?.show(value));
  }

  /** The choice whose edge has the focus. */
  get focused() {
    return this.#edges.find(({ element }) => element === document.activeElement)?.index;
  }

  /** @param {number} index */
  focus(index) {
    this.#edges.find((edge) => edge.index === index)?.element.focus();
  }

  /** Shows which edge is meant. @param {number} at @param {boolean} on */
  mark(at, on) {
    this.#edges[at]?.element.classList.toggle('marked', on);
  }
}
