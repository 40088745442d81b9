import { h, newId, s } from '../../ui/dom.js';
import { count, shape, short as brief, significant } from '../../ui/format.js';
import { ratioWords } from '../../ui/maps.js';
import { Finder } from './find.js';

/**
 * @typedef {import('./fold.js').Node} Node
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

/** @param {Node} node */
function describe({ name, kind, shape: size, params, macs, map, layers, changed }) {
  const cost = `${params ? `, ${count(params)} parameters` : ''}${macs ? `, ${brief(macs)} multiply-accumulates` : ''}`;
  const ratio = map ? `${layers > 1 ? `lowest at ${map.name}, ` : ''}${ratioWords(map)}` : 'not observed';
  return `${name} (${kind}, ${shape(size)}${cost}${changed ? ', not so in the kept one' : ''}): ${ratio}`;
}

/** What is drawn, in words. @param {Node[]} nodes */
function outline(nodes) {
  const all = nodes.reduce((sum, { layers }) => sum + layers, 0);
  const folded = all > nodes.length ? `, folded into ${nodes.length} boxes` : '';
  return `${all} layers from the input at the top to the output${folded}, ${nodes.filter(({ map }) => map).length} observed`;
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

/** @param {string} name @param {string} words */
function entry(name, words) {
  return h('li', {}, s('svg', { class: 'swatch', 'aria-hidden': 'true' }, s('g', { class: `layer ${name}` }, s('rect', { width: '100%', height: '100%' }))), words);
}

/** @param {string} label @param {string} words @param {() => void} act */
function button(label, words, act) {
  return h('button', { type: 'button', title: words, 'aria-label': words, onclick: act }, label);
}

/**
 * A network and where it is drawn.
 * @typedef {object} Plan
 * @property {Node[]} nodes
 * @property {[number, number][]} edges
 * @property {Arrangement} arrangement
 * @property {(name: string) => void} onPick Gets an observed map's name.
 * @property {(block: number) => void} onFold Folds a block, or unfolds it.
 */

/**
 * The network's layers as boxes from top to bottom, coloured by ratio. One stop
 * of the keyboard: arrows go through the layers in their order, Enter chooses
 * one, plus and minus zoom.
 */
export class NetworkDrawing {
  #plan;
  #at = 0;
  #scale = 1;
  /** @type {SVGGElement[]} */
  #buttons = [];
  finder;
  #picture;
  #view;
  #readout = h('p', { class: 'readout' }, 'Point at a layer to read it; choose an observed one for its singular values, a folded block to unfold it.');
  #help = h('p', { id: newId('graph-help'), class: 'help' }, 'Each box is a layer, coloured by σ_min / σ_max of its map. Arrow keys go through the layers, + and − zoom, 0 shows the whole, Backspace folds a block up. The table of observed maps has the same numbers.');
  element;

  /** @param {Plan} plan */
  constructor(plan) {
    this.#plan = plan;
    const { nodes, arrangement: { width, height } } = plan;
    this.finder = new Finder(nodes.map(({ name, kind, shape: size }) => `${name} ${kind} ${shape(size)}`), { onFound: (found) => this.#mark(found), onGo: (index) => this.#move(index) });
    this.#picture = s('svg', {
      class: 'network', viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': outline(nodes), 'aria-describedby': this.#help.id,
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event),
    }, ...this.#lines(), ...nodes.map((node, index) => this.#box(node, index)));
    this.#view = h('div', { class: 'scroll network-scroll' }, this.#picture);
    this.element = h('figure', { class: 'network-figure' },
      h('div', { class: 'buttons' }, button('−', 'Zoom out', () => this.#zoom(this.#scale / STEP)), button('+', 'Zoom in', () => this.#zoom(this.#scale * STEP)),
        button('Whole', 'Show the whole graph', () => this.#whole()), button('Width', 'Fit the graph’s width', () => this.#zoom(Math.min(1, this.#wide))), this.finder.element),
      this.#view,
      h('ul', { class: 'legend' }, ...RATIOS.map(([, words], index) => entry(`ratio-${index}`, words)), entry('unobserved', 'not observed'), nodes.some(({ changed }) => changed) && entry('unobserved changed', 'not so in the kept one')),
      this.#readout, this.#help);
  }

  /** Once it is on the page: as large as its width allows. */
  fit() {
    this.#zoom(Math.max(0.65, Math.min(1, this.#wide)));
    const { nodes } = this.#plan.arrangement;
    this.#view.scrollTo({ left: ((nodes[0]?.x ?? 0) * this.#scale) - this.#view.clientWidth / 2, top: 0 });
  }

  #lines() {
    const { nodes, edges, arrangement } = this.#plan;
    return arrangement.edges.map((points, index) => {
      const [from, to] = edges[index] ?? [0, 0];
      return s('path', { class: nodes[from]?.live && nodes[to]?.live ? 'flow' : 'flow constant', d: path(points) });
    });
  }

  /** @param {Node} node @param {number} index */
  #box(node, index) {
    const { map } = node;
    const { x, y } = this.#plan.arrangement.nodes[index] ?? { x: 0, y: 0 };
    const words = describe(node);
    const many = node.layers > 1;
    const button = s('g', {
      class: 'layer-button', role: 'button', tabindex: index === 0 ? 0 : -1, 'aria-label': words, 'aria-disabled': !map && !many && 'true', 'aria-expanded': many && 'false',
      onfocus: () => this.#show(index), onpointerenter: () => this.#read(index), onclick: () => this.#pick(index),
    }, s('title', {}, words), many && s('rect', { class: 'behind', x: 4, y: 4, width: BOX.width, height: BOX.height, rx: 6 }), s('rect', { width: BOX.width, height: BOX.height, rx: 6 }));
    this.#buttons.push(button);
    // What is written on the button says less than its name.
    const texts = s('g', { 'aria-hidden': 'true' },
      s('text', { class: 'layer-name', x: 8, y: 15 }, short(node.name)),
      s('text', { x: 8, y: 32 }, `${node.kind} ${shape(node.shape)}`.slice(0, map ? 19 : 27)),
      map && s('text', { class: 'layer-ratio', x: BOX.width - 8, y: 32 }, significant(map.ratio)));
    const transform = `translate(${(x - BOX.width / 2).toFixed(1)} ${(y - BOX.height / 2).toFixed(1)})`;
    return s('g', { class: `layer ${colour(map)}${node.changed ? ' changed' : ''}`, transform }, button, texts);
  }

  /** @param {number} index */
  #read(index) {
    const { nodes } = this.#plan;
    const node = nodes[index];
    if (node) this.#readout.replaceChildren(`${index + 1} of ${nodes.length}: ${describe(node)}`);
  }

  /** @param {number} index */
  #show(index) {
    this.#buttons[this.#at]?.setAttribute('tabindex', '-1');
    this.#at = index;
    this.#buttons[this.#at]?.setAttribute('tabindex', '0');
    this.#read(index);
  }

  /** @param {number} index */
  #move(index) {
    const button = this.#buttons[Math.max(0, Math.min(index, this.#buttons.length - 1))];
    button?.focus({ preventScroll: true });
    button?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** The boxes that were looked for. @param {number[]} found */
  #mark(found) {
    const all = new Set(found);
    this.#buttons.forEach((button, index) => button.parentElement?.classList.toggle('found', all.has(index)));
  }

  /** @param {number} index */
  #pick(index) {
    const node = this.#plan.nodes[index];
    if (node && node.layers > 1) this.#plan.onFold(node.block);
    else if (node?.map) this.#plan.onPick(node.name);
  }

  /** Folds the block up that a layer is of. @param {number} index */
  #fold(index) {
    const node = this.#plan.nodes[index];
    if (node && node.layers === 1 && node.block >= 0) this.#plan.onFold(node.block);
  }

  /** Goes to the first box of a block. @param {number} block */
  visit(block) {
    this.#move(this.#plan.nodes.findIndex((node) => node.block === block));
  }

  /** Keeps the middle of the view where it is. @param {number} next */
  #zoom(next) {
    const view = this.#view;
    const { width, height } = this.#plan.arrangement;
    const ratio = Math.max(SMALLEST, Math.min(next, LARGEST)) / this.#scale;
    const [x, y] = [view.scrollLeft + view.clientWidth / 2, view.scrollTop + view.clientHeight / 2];
    this.#scale *= ratio;
    this.#picture.setAttribute('width', String(Math.round(width * this.#scale)));
    this.#picture.setAttribute('height', String(Math.round(height * this.#scale)));
    view.scrollTo({ left: x * ratio - view.clientWidth / 2, top: y * ratio - view.clientHeight / 2 });
  }

  /** The scale at which the width fits. */
  get #wide() {
    return (this.#view.clientWidth - 2) / this.#plan.arrangement.width;
  }

  #whole() {
    this.#zoom(Math.min(this.#wide, (this.#view.clientHeight - 2) / this.#plan.arrangement.height));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const [at, last] = [this.#at, this.#buttons.length - 1];
    const [next, before] = [() => this.#move(at + 1), () => this.#move(at - 1)];
    const larger = () => this.#zoom(this.#scale * STEP);
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: next, ArrowRight: next, ArrowUp: before, ArrowLeft: before, Home: () => this.#move(0), End: () => this.#move(last),
      Enter: () => this.#pick(at), ' ': () => this.#pick(at), Backspace: () => this.#fold(at), '+': larger, '=': larger, '-': () => this.#zoom(this.#scale / STEP), 0: () => this.#whole(),
    };
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }
}
