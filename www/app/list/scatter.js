import { h, s } from '../dom.js';
import { short, significant } from '../format.js';
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

/**
 * A plot of points that can be pointed at. The table has the same numbers.
 * @param {{ describe: (index: number) => string, onOpen: (index: number) => void }} on
 */
export function scatter({ describe, onOpen }) {
  const readout = h('p', { class: 'readout' });
  const marked = s('circle', { class: 'scatter-mark', r: 6, visibility: 'hidden' });
  const svg = s('svg', { class: 'scatter', role: 'img', height: HEIGHT, onpointermove: point, onpointerleave: () => mark(-1), onclick: (/** @type {PointerEvent} */ event) => open(event) });
  const element = h('div', {}, svg, readout);

  /** @type {Point[]} */
  let points = [];
  let [xName, yName] = ['', ''];
  /** Where the points are in the drawing. @type {[number, number][]} */
  let places = [];
  let near = -1;

  function draw() {
    const width = Math.max(240, element.clientWidth || 640);
    svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
    svg.setAttribute('width', String(width));
    svg.setAttribute('aria-label', `${points.length} points: ${xName} against ${yName}. The table below has the numbers.`);
    mark(-1);
    if (points.length === 0) {
      places = [];
      svg.replaceChildren();
      return;
    }
    const [xLow, xHigh] = span(points.map(({ x }) => x));
    const [yLow, yHigh] = span(points.map(({ y }) => y));
    const [right, bottom] = [width - RIGHT, HEIGHT - BOTTOM];
    const x = (/** @type {number} */ value) => LEFT + ((value - xLow) / (xHigh - xLow)) * (right - LEFT);
    const y = (/** @type {number} */ value) => bottom - ((value - yLow) / (yHigh - yLow)) * (bottom - TOP);
    places = points.map((point) => [x(point.x), y(point.y)]);
    const d = places.map(([left, top]) => `M${left.toFixed(1)} ${top.toFixed(1)}h0`).join('');
    svg.replaceChildren(
      ...ticks(xLow, xHigh, width / 100).flatMap((value) => [
        s('line', { class: 'grid', x1: x(value), x2: x(value), y1: TOP, y2: bottom }),
        s('text', { class: 'tick x', x: x(value), y: bottom + 16 }, tickText(value)),
      ]),
      ...ticks(yLow, yHigh, 5).flatMap((value) => [
        s('line', { class: 'grid', x1: LEFT, x2: right, y1: y(value), y2: y(value) }),
        s('text', { class: 'tick y', x: LEFT - 6, y: y(value) }, tickText(value)),
      ]),
      s('text', { class: 'axis-name', x: (LEFT + right) / 2, y: HEIGHT - 8 }, xName),
      s('text', { class: 'axis-name', x: -(TOP + bottom) / 2, y: 13, transform: 'rotate(-90)' }, yName),
      s('path', { class: points.length > 2000 ? 'points many' : 'points', d }),
      marked,
    );
  }

  /** @param {PointerEvent} event */
  function nearest(event) {
    const box = svg.getBoundingClientRect();
    const [left, top] = [event.clientX - box.left, event.clientY - box.top];
    let [found, least] = [-1, REACH];
    places.forEach(([x, y], index) => {
      const distance = Math.hypot(x - left, y - top);
      if (distance < least) [found, least] = [index, distance];
    });
    return found;
  }

  /** @param {number} index */
  function mark(index) {
    near = index;
    const place = places[index];
    const shown = points[index];
    marked.setAttribute('visibility', place ? 'visible' : 'hidden');
    if (!place || !shown) {
      readout.replaceChildren('Point at a dot to read it, click to open it.');
      return;
    }
    marked.setAttribute('cx', String(place[0]));
    marked.setAttribute('cy', String(place[1]));
    readout.replaceChildren(`${describe(index)}: ${xName} ${significant(shown.x)}, ${yName} ${significant(shown.y)}`);
  }

  /** @param {PointerEvent} event */
  function point(event) {
    const index = nearest(event);
    if (index !== near) mark(index);
  }

  /** @param {PointerEvent} event */
  function open(event) {
    const index = nearest(event);
    if (index >= 0) onOpen(index);
  }

  let width = 0;
  new ResizeObserver(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    draw();
  }).observe(element);

  return {
    element,
    /** @param {Point[]} shown @param {string} xLabel @param {string} yLabel */
    show(shown, xLabel, yLabel) {
      [points, xName, yName] = [shown, xLabel, yLabel];
      draw();
    },
  };
}
