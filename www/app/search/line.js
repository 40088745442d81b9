import { h, s } from '../../ui/dom.js';
import { significant } from '../../ui/format.js';
import { pictureButtons } from '../../ui/picture.js';

/** @typedef {{ done: number, best: number }} Step A number of candidates, and the best of them. */

const [WIDTH, HEIGHT] = [640, 180];
const [LEFT, RIGHT, TOP, BOTTOM] = [56, 12, 12, 34];

/** The best so far over the candidates, as a line of steps. */
export class BestLine {
  #svg = s('svg', { class: 'best-line', role: 'img', viewBox: `0 0 ${WIDTH} ${HEIGHT}` });
  #words = h('p', { class: 'readout' });
  element = h('figure', { class: 'search-plot' }, h('figcaption', {}, h('strong', {}, 'Best so far')), this.#svg, this.#words, pictureButtons('dextr-search', () => this.#svg));

  /** @param {Step[]} steps Where the best has changed. @param {number} done @param {string} aim */
  show(steps, done, aim) {
    const last = steps.at(-1);
    this.#svg.setAttribute('aria-label', last ? `The best ${aim} over ${done} candidates: ${significant(last.best)} since candidate ${last.done}.` : 'No candidate yet.');
    this.#words.replaceChildren(last ? `${significant(last.best)} since candidate ${last.done} of ${done}.` : '');
    if (!last) return this.#svg.replaceChildren();
    const values = steps.map(({ best }) => best);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const air = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
    const x = (/** @type {number} */ at) => LEFT + (at / Math.max(done, 1)) * (WIDTH - LEFT - RIGHT);
    const y = (/** @type {number} */ value) => HEIGHT - BOTTOM - ((value - low + air) / (high - low + 2 * air)) * (HEIGHT - BOTTOM - TOP);
    const path = steps.map(({ done: at, best }, index) => (index === 0 ? `M${x(at)} ${y(best)}` : `H${x(at)}V${y(best)}`)).join('');
    this.#svg.replaceChildren(
      ...[low, high].map((value) => s('text', { class: 'tick', x: LEFT - 6, y: y(value), 'text-anchor': 'end' }, significant(value))),
      s('line', { class: 'axis', x1: LEFT, x2: WIDTH - RIGHT, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM }),
      s('text', { class: 'tick', x: LEFT, y: HEIGHT - BOTTOM + 16 }, '0'), s('text', { class: 'tick end', x: WIDTH - RIGHT, y: HEIGHT - BOTTOM + 16 }, String(done)),
      s('path', { class: 'best-path', d: `${path}H${x(done)}` }));
  }
}
