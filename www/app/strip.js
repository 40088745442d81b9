import { h, s } from './dom.js';
import { shape, significant } from './format.js';

/** @typedef {import('../dextr/dextr.js').ObservedMap} ObservedMap */

/** The plot's box in percent of the drawing: names of stages stand below it. */
const [TOP, BOTTOM] = [4, 86];
/** A part of the network narrower than this share has no room for its name. */
const NAMED = 0.12;

/** @param {ObservedMap} map */
function describe({ name, kind, shape: size, sigma_min, sigma_max, ratio, count }) {
  const times = count === 1 ? '' : `, counted ${count} times`;
  return `${name} (${kind}, ${shape(size)}): ratio ${significant(ratio)} = ${significant(sigma_min)} / ${significant(sigma_max)}${times}`;
}

/** Runs of maps in the same part of the network. @param {ObservedMap[]} maps */
function parts(maps) {
  /** @type {{ name: string, from: number, to: number }[]} */
  const parts = [];
  maps.forEach((map, index) => {
    const name = map.name.split('.', 1)[0] ?? '';
    const last = parts.at(-1);
    if (last?.name === name) last.to = index + 1;
    else parts.push({ name, from: index, to: index + 1 });
  });
  return parts;
}

/**
 * Every observed map's ratio by depth, one bar a map: where bars are low, the
 * channels are nearly collinear.
 * @param {ObservedMap[]} maps
 */
export function strip(maps) {
  const highest = Math.max(...maps.map((map) => map.ratio));
  const kinds = [...new Set(maps.map((map) => map.kind))];
  const x = (/** @type {number} */ index) => `${(100 * index) / maps.length}%`;
  const readout = h('p', { class: 'readout' }, 'Point at a bar to read it; the table below has them all.');

  const bars = maps.map((map, index) => {
    const height = highest > 0 ? ((BOTTOM - TOP) * map.ratio) / highest : 0;
    const title = describe(map);
    const show = () => readout.replaceChildren(title);
    return s('g', { class: 'bar', onpointerenter: show, onclick: show },
      s('title', {}, title),
      s('rect', { class: 'reach', x: x(index), y: 0, width: x(1), height: `${BOTTOM}%` }),
      s('rect', { class: `kind-${kinds.indexOf(map.kind) % 6}`, x: x(index + 0.1), y: `${BOTTOM - height}%`, width: x(0.8), height: `${height}%` }));
  });
  const names = parts(maps).flatMap(({ name, from, to }) => [
    from > 0 && s('line', { class: 'part', x1: x(from), x2: x(from), y1: 0, y2: '100%' }),
    (to - from) / maps.length > NAMED && s('text', { class: 'part-name', x: x((from + to) / 2), y: '96%' }, name),
  ]);

  return h('figure', { class: 'strip' },
    h('figcaption', {}, h('strong', {}, 'σ_min / σ_max of each observed map, by depth'), ` Highest: ${significant(highest)}. Low bars: nearly collinear channels.`),
    s('svg', { role: 'img', 'aria-label': `Bars of ${maps.length} ratios from the first map to the last; the table has the values.` },
      s('line', { class: 'axis', x1: 0, x2: '100%', y1: `${BOTTOM}%`, y2: `${BOTTOM}%` }), ...names, ...bars),
    h('ul', { class: 'legend' }, ...kinds.map((kind, index) =>
      h('li', {}, s('svg', { class: 'swatch', 'aria-hidden': 'true' }, s('rect', { class: `kind-${index % 6}`, width: '100%', height: '100%' })), kind))),
    readout);
}
