import { h, s } from '../../ui/dom.js';
import { short, significant } from '../../ui/format.js';
import { pictureButtons } from '../../ui/picture.js';
import { ticks } from './ticks.js';

/** @typedef {{ x: number, y: number }} Point */

// One path draws all points, each a line of no length with a round cap: 10,000
// cost one element, colours follow the style sheet, and no library is needed.

const HEIGHT = 320;
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 12, 12, 44];
/** How near the pointer must be to a point, in pixels. */
const REACH = 24;

/** @param {number} value */
const tickText = (value) => (Math.abs(value) >= 1e4 ? short(value) : String(value));

/** A range with some air; one value gets a range around it. @param {number[]} values @returns {[number, number]} */
function span(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const air = (high - low) * 0.04 || Math.abs(low) * 0.1 || 1;
  return [low - air, high + air];
}

/** Where a value of the range stands. @param {[number, number]} range @param {number} from In pixels, where the least stands. @param {number} to */
function scale([low, high], from, to) {
  return (/** @type {number} */ value) => from + ((value - low) / (high - low)) * (to - from);
}

/** A plot of points that can be pointed at. The table has the same numbers. */
export class Scatter {
  #on;
  #readout = h('p', { class: 'readout' });
  #marked = s('circle', { class: 'scatter-mark', r: 6, visibility: 'hidden' });
  #svg = s('svg', {
    class: 'scatter', role: 'img', height: HEIGHT,
    onpointermove: (/** @type {PointerEvent} */ event) => this.#point(event), onpointerleave: () => this.#mark(-1), onclick: (/** @type {PointerEvent} */ event) => this.#open(event),
  });
  element = h('div', {}, this.#svg, this.#readout, pictureButtons('dextr-scatter', () => this.#svg));
  /** @type {Point[]} */
  #points = [];
  /** The corners of a line beside them. @type {Point[]} */
  #front = [];
  #xName = '';
  #yName = '';
  /** Where the points are in the drawing. @type {[number, number][]} */
  #places = [];
  #near = -1;
  #width = 0;

  /** @param {{ describe: (index: number) => string, onOpen: (index: number) => void }} on */
  constructor(on) {
    this.#on = on;
    new ResizeObserver(() => {
      if (this.element.clientWidth === this.#width) return;
      this.#width = this.element.clientWidth;
      this.#draw();
    }).observe(this.element);
  }

  /** @param {Point[]} points @param {string} xName @param {string} yName @param {Point[]} [front] Points that a line joins: the Pareto front. */
  show(points, xName, yName, front = []) {
    [this.#points, this.#xName, this.#yName, this.#front] = [points, xName, yName, front];
    this.#draw();
  }

  #draw() {
    const width = Math.max(240, this.element.clientWidth || 640);
    this.#svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
    this.#svg.setAttribute('width', String(width));
    this.#svg.setAttribute('aria-label', `${this.#points.length} points: ${this.#xName} against ${this.#yName}. The table below has the numbers.`);
    this.#mark(-1);
    if (this.#points.length === 0) {
      this.#places = [];
      this.#svg.replaceChildren();
      return;
    }
    const [right, bottom] = [width - RIGHT, HEIGHT - BOTTOM];
    const [xs, ys] = [span(this.#points.map(({ x }) => x)), span(this.#points.map(({ y }) => y))];
    const [x, y] = [scale(xs, LEFT, right), scale(ys, bottom, TOP)];
    this.#places = this.#points.map((point) => [x(point.x), y(point.y)]);
    const d = this.#places.map(([left, top]) => `M${left.toFixed(1)} ${top.toFixed(1)}h0`).join('');
    this.#svg.replaceChildren(
      ...ticks(...xs, width / 100).flatMap((value) => [
        s('line', { class: 'grid', x1: x(value), x2: x(value), y1: TOP, y2: bottom }),
        s('text', { class: 'tick x', x: x(value), y: bottom + 16 }, tickText(value)),
      ]),
      ...ticks(...ys, 5).flatMap((value) => [
        s('line', { class: 'grid', x1: LEFT, x2: right, y1: y(value), y2: y(value) }),
        s('text', { class: 'tick y', x: LEFT - 6, y: y(value) }, tickText(value)),
      ]),
      s('text', { class: 'axis-name', x: (LEFT + right) / 2, y: HEIGHT - 8 }, this.#xName),
      s('text', { class: 'axis-name', x: -(TOP + bottom) / 2, y: 13, transform: 'rotate(-90)' }, this.#yName),
      ...(this.#front.length > 0 ? [s('path', { class: 'front', d: `M${this.#front.map((point) => `${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join('L')}` })] : []),
      s('path', { class: this.#points.length > 2000 ? 'points many' : 'points', d }),
      this.#marked,
    );
  }

  /** @param {PointerEvent} event */
  #nearest(event) {
    const box = this.#svg.getBoundingClientRect();
    const [left, top] = [event.clientX - box.left, event.clientY - box.top];
    let [found, least] = [-1, REACH];
    this.#places.forEach(([x, y], index) => {
      const distance = Math.hypot(x - left, y - top);
      if (distance < least) [found, least] = [index, distance];
    });
    return found;
  }

  /** @param {number} index */
  #mark(index) {
    this.#near = index;
    const place = this.#places[index];
    const shown = this.#points[index];
    this.#marked.setAttribute('visibility', place ? 'visible' : 'hidden');
    if (!place || !shown) {
      this.#readout.replaceChildren('Point at a dot to read it, click to open it.');
      return;
    }
    this.#marked.setAttribute('cx', String(place[0]));
    this.#marked.setAttribute('cy', String(place[1]));
    this.#readout.replaceChildren(`${this.#on.describe(index)}: ${this.#xName} ${significant(shown.x)}, ${this.#yName} ${significant(shown.y)}`);
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const index = this.#nearest(event);
    if (index !== this.#near) this.#mark(index);
  }

  /** @param {PointerEvent} event */
  #open(event) {
    const index = this.#nearest(event);
    if (index >= 0) this.#on.onOpen(index);
  }
}
