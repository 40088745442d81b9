import { h, newId, s } from '../dom.js';
import { count, shape, significant } from '../format.js';

/**
 * @typedef {import('../../dextr/dextr.js').Layer} Layer
 * @typedef {import('../../dextr/dextr.js').ObservedMap} ObservedMap
 * @typedef {import('./arrange.js').Arrangement} Arrangement
 * @typedef {import('./arrange.js').Point} Point
 */

/** A layer's box. */
export const BOX = { width: 188, height: 42 };
/** As many characters of a name fit in. */
const ROOM = 23;
const [SMALLEST, LARGEST, STEP] = [0.02, 2, 1.25];

/** Lower limits of the colours, with their words. @type {[number, string][]} */
const RATIOS = [[0.1, '0.1 and more'], [0.01, '0.01 and more'], [0.001, '0.001 and more'], [Number.MIN_VALUE, 'less than 0.001'], [0, '0: collinear']];

/** @param {ObservedMap | undefined} map */
function colour(map) {
  return map ? `ratio-${RATIOS.findIndex(([limit]) => map.ratio >= limit)}` : 'unobserved';
}

/** The end of a name says more than its beginning. @param {string} name */
function short(name) {
  return name.length > ROOM ? `…${name.slice(1 - ROOM)}` : name;
}

/** @param {Layer} layer @param {ObservedMap | undefined} map */
function describe({ name, kind, shape: size, params }, map) {
  const weights = params ? `, ${count(params)} parameters` : '';
  const seen = map ? `ratio ${significant(map.ratio)} = ${significant(map.sigma_min)} / ${significant(map.sigma_max)}` : 'not observed';
  return `${name} (${kind}, ${shape(size)}${weights}): ${seen}`;
}

/** A smooth line through the bends. @param {Point[]} points */
function path(points) {
  const at = ({ x, y } = { x: 0, y: 0 }) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const bends = points.slice(1, -1).map((point, index) => {
    const next = points[index + 2] ?? point;
    const end = index === points.length - 3 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${at(point)} ${at(end)}`;
  });
  return `M${at(points[0])}${points.length > 2 ? bends.join('') : `L${at(points[1])}`}`;
}

/**
 * The network's layers as boxes from top to bottom, coloured by ratio. One stop
 * of the keyboard: arrows go through the layers in their order, Enter chooses
 * one, plus and minus zoom.
 * @param {Layer[]} layers
 * @param {ObservedMap[]} maps
 * @param {Arrangement} arrangement
 * @param {[number, number][]} edges
 * @param {(name: string) => void} onPick Gets an observed map's name.
 */
export function drawing(layers, maps, { width, height, nodes, edges: bends }, edges, onPick) {
  const observed = new Map(maps.map((map) => [map.name, map]));
  const helpId = newId('graph-help');
  const readout = h('p', { class: 'readout' }, 'Point at a layer to read it; choose an observed one for its singular values.');
  let at = 0;
  let scale = 1;

  const boxes = layers.map((layer, index) => {
    const map = observed.get(layer.name);
    const { x, y } = nodes[index] ?? { x: 0, y: 0 };
    const words = describe(layer, map);
    const button = s('g', {
      class: 'layer-button', role: 'button', tabindex: index === 0 ? 0 : -1, 'aria-label': words, 'aria-disabled': !map && 'true',
      onfocus: () => show(index), onpointerenter: () => read(index), onclick: () => pick(index),
    }, s('title', {}, words), s('rect', { width: BOX.width, height: BOX.height, rx: 6 }));
    // What is written on the button says less than its name.
    const texts = s('g', { 'aria-hidden': 'true' },
      s('text', { class: 'layer-name', x: 8, y: 15 }, short(layer.name)),
      s('text', { x: 8, y: 32 }, `${layer.kind} ${shape(layer.shape)}`.slice(0, map ? 19 : 27)),
      map && s('text', { class: 'layer-ratio', x: BOX.width - 8, y: 32 }, significant(map.ratio)));
    const transform = `translate(${(x - BOX.width / 2).toFixed(1)} ${(y - BOX.height / 2).toFixed(1)})`;
    return { button, group: s('g', { class: `layer ${colour(map)}`, transform }, button, texts) };
  });
  const lines = bends.map((points, index) => {
    const [from, to] = edges[index] ?? [0, 0];
    return s('path', { class: layers[from]?.live && layers[to]?.live ? 'flow' : 'flow constant', d: path(points) });
  });
  const picture = s('svg', { class: 'network', viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': `${layers.length} layers from the input at the top to the output, ${maps.length} of them observed`, 'aria-describedby': helpId, onkeydown: onKey },
    ...lines, ...boxes.map(({ group }) => group));
  const view = h('div', { class: 'scroll network-scroll' }, picture);

  /** @param {number} index */
  function read(index) {
    const layer = layers[index];
    if (layer) readout.replaceChildren(`${index + 1} of ${layers.length}: ${describe(layer, observed.get(layer.name))}`);
  }

  /** @param {number} index */
  function show(index) {
    boxes[at]?.button.setAttribute('tabindex', '-1');
    at = index;
    boxes[at]?.button.setAttribute('tabindex', '0');
    read(index);
  }

  /** @param {number} index */
  function move(index) {
    const button = boxes[Math.max(0, Math.min(index, boxes.length - 1))]?.button;
    button?.focus({ preventScroll: true });
    button?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** @param {number} index */
  function pick(index) {
    const name = layers[index]?.name ?? '';
    if (observed.has(name)) onPick(name);
  }

  /** Keeps the middle of the view where it is. @param {number} next */
  function zoom(next) {
    const ratio = Math.max(SMALLEST, Math.min(next, LARGEST)) / scale;
    const [x, y] = [view.scrollLeft + view.clientWidth / 2, view.scrollTop + view.clientHeight / 2];
    scale *= ratio;
    picture.setAttribute('width', String(Math.round(width * scale)));
    picture.setAttribute('height', String(Math.round(height * scale)));
    view.scrollTo({ left: x * ratio - view.clientWidth / 2, top: y * ratio - view.clientHeight / 2 });
  }

  const whole = () => zoom(Math.min((view.clientWidth - 2) / width, (view.clientHeight - 2) / height));

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: () => move(at + 1), ArrowRight: () => move(at + 1), ArrowUp: () => move(at - 1), ArrowLeft: () => move(at - 1),
      Home: () => move(0), End: () => move(boxes.length - 1), Enter: () => pick(at), ' ': () => pick(at),
      '+': () => zoom(scale * STEP), '=': () => zoom(scale * STEP), '-': () => zoom(scale / STEP), 0: whole,
    };
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  const button = (/** @type {string} */ label, /** @type {string} */ words, /** @type {() => void} */ act) => h('button', { type: 'button', title: words, 'aria-label': words, onclick: act }, label);
  const element = h('figure', { class: 'network-figure' },
    h('div', { class: 'buttons' }, button('−', 'Zoom out', () => zoom(scale / STEP)), button('+', 'Zoom in', () => zoom(scale * STEP)),
      button('Whole', 'Show the whole graph', whole), button('Width', 'Fit the graph’s width', () => zoom(Math.min(1, (view.clientWidth - 2) / width)))),
    view,
    h('ul', { class: 'legend' }, ...RATIOS.map(([, words], index) => entry(`ratio-${index}`, words)), entry('unobserved', 'not observed')),
    readout,
    h('p', { id: helpId, class: 'help' }, 'Each box is a layer, coloured by σ_min / σ_max of its map. Arrow keys go through the layers, + and − zoom, 0 shows the whole. The table of observed maps has the same numbers.'));
  return {
    element,
    /** Once it is on the page: as large as its width allows. */
    fit: () => {
      zoom(Math.max(0.65, Math.min(1, (view.clientWidth - 2) / width)));
      view.scrollTo({ left: ((nodes[0]?.x ?? 0) * scale) - view.clientWidth / 2, top: 0 });
    },
  };
}

/** @param {string} name @param {string} words */
function entry(name, words) {
  return h('li', {}, s('svg', { class: 'swatch', 'aria-hidden': 'true' }, s('g', { class: `layer ${name}` }, s('rect', { width: '100%', height: '100%' }))), words);
}
