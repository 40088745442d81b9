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
    // `layer1.0.relu`, or as exports have it, `/layer1/layer1.0/relu/Relu`.
    const name = /[^./]+/.exec(map.name)?.[0] ?? '';
    const last = parts.at(-1);
    if (last?.name === name) last.to = index + 1;
    else parts.push({ name, from: index, to: index + 1 });
  });
  return parts;
}

/**
 * Every observed map's ratio by depth, one bar a map: where bars are low, the
 * channels are nearly collinear. One stop of the keyboard: arrows go through the
 * bars, and Enter chooses one, as a click does.
 * @param {ObservedMap[]} maps
 * @param {(name: string) => void} onPick
 */
export function strip(maps, onPick) {
  const highest = Math.max(...maps.map((map) => map.ratio));
  const kinds = [...new Set(maps.map((map) => map.kind))];
  const x = (/** @type {number} */ index) => `${(100 * index) / maps.length}%`;
  const readout = h('p', { class: 'readout' }, 'Point at a bar to read it; choose it for its singular values.');
  let at = 0;

  const bars = maps.map((map, index) => {
    const height = highest > 0 ? ((BOTTOM - TOP) * map.ratio) / highest : 0;
    return s('g', { class: 'bar', onpointerenter: () => show(index), onclick: () => pick(index) },
      s('title', {}, describe(map)),
      s('rect', { class: 'reach', x: x(index), y: 0, width: x(1), height: `${BOTTOM}%` }),
      // A ratio of zero leaves a mark too.
      s('rect', { class: `kind-${kinds.indexOf(map.kind) % 6}`, x: x(index + 0.1), y: `${BOTTOM - Math.max(height, 0.8)}%`, width: x(0.8), height: `${Math.max(height, 0.8)}%` }));
  });
  const names = parts(maps).flatMap(({ name, from, to }) => [
    from > 0 && s('line', { class: 'part', x1: x(from), x2: x(from), y1: 0, y2: '100%' }),
    (to - from) / maps.length > NAMED && s('text', { class: 'part-name', x: x((from + to) / 2), y: '96%' }, name),
  ]);
  const drawing = s('svg', {
    role: 'slider', tabindex: 0, 'aria-label': 'Observed maps by depth', 'aria-valuemin': 1, 'aria-valuemax': maps.length, 'aria-valuenow': 1,
    onkeydown: onKey, onfocus: () => show(at), onblur: () => bars[at]?.classList.remove('current'),
  }, s('line', { class: 'axis', x1: 0, x2: '100%', y1: `${BOTTOM}%`, y2: `${BOTTOM}%` }), ...names, ...bars);

  /** @param {number} index */
  function show(index) {
    const map = maps[index];
    if (!map) return;
    bars[at]?.classList.remove('current');
    at = index;
    bars[at]?.classList.add('current');
    drawing.setAttribute('aria-valuenow', String(index + 1));
    drawing.setAttribute('aria-valuetext', describe(map));
    readout.replaceChildren(`${index + 1} of ${maps.length}: ${describe(map)}`);
  }

  /** @param {number} index */
  function pick(index) {
    show(index);
    onPick(maps[index]?.name ?? '');
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowRight: () => show(Math.min(at + 1, maps.length - 1)), ArrowUp: () => show(Math.min(at + 1, maps.length - 1)),
      ArrowLeft: () => show(Math.max(at - 1, 0)), ArrowDown: () => show(Math.max(at - 1, 0)),
      Home: () => show(0), End: () => show(maps.length - 1), Enter: () => pick(at), ' ': () => pick(at),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  drawing.setAttribute('aria-valuetext', maps[0] ? describe(maps[0]) : '');
  return h('figure', { class: 'strip' },
    h('figcaption', {}, h('strong', {}, 'σ_min / σ_max of each observed map, by depth'), ` Highest: ${significant(highest)}. Low bars: nearly collinear channels.`),
    drawing,
    h('ul', { class: 'legend' }, ...kinds.map((kind, index) =>
      h('li', {}, s('svg', { class: 'swatch', 'aria-hidden': 'true' }, s('rect', { class: `kind-${index % 6}`, width: '100%', height: '100%' })), kind))),
    readout);
}
