import { h, s } from '../../ui/dom.js';
import { significant } from '../../ui/format.js';
import { bars, describe } from '../../ui/maps.js';
import { pictureButtons } from '../../ui/picture.js';

/** @typedef {import('../../dextr/dextr.js').ObservedMap} ObservedMap */

/** The plot's box in percent of the drawing: names of stages stand below it. */
const [TOP, BOTTOM] = [4, 86];
/** A part of the network narrower than this share has no room for its name. */
const NAMED = 0.12;

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
 */
export class Strip {
  #maps;
  #onPick;
  #at = 0;
  #bars;
  #drawing;
  #readout = h('p', { class: 'readout' }, 'Point at a bar to read it; choose it for its singular values.');
  element;

  /**
   * @param {ObservedMap[]} maps
   * @param {{ onPick?: (name: string) => void, highest?: number, title?: string }} [options] `onPick` gets the name of a chosen map; `highest` is the ratio of the highest bar, where several strips have one scale.
   */
  constructor(maps, { onPick = () => {}, highest, title } = {}) {
    this.#maps = maps;
    this.#onPick = onPick;
    const kinds = [...new Set(maps.map((map) => map.kind))];
    const { highest: top, heights } = bars(maps, highest);
    this.#bars = maps.map((map, index) => this.#bar(index, ((BOTTOM - TOP) / 100) * (heights[index] ?? 0), kinds.indexOf(map.kind)));
    this.#drawing = s('svg', {
      role: 'slider', tabindex: 0, 'aria-label': `Observed maps by depth${title ? `: ${title}` : ''}`, 'aria-valuemin': 1, 'aria-valuemax': maps.length, 'aria-valuenow': 1,
      'aria-valuetext': maps[0] && describe(maps[0]),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event), onfocus: () => this.#show(this.#at), onblur: () => this.#mark(false),
    }, s('line', { class: 'axis', x1: 0, x2: '100%', y1: `${BOTTOM}%`, y2: `${BOTTOM}%` }), ...this.#names(), ...this.#bars);
    this.element = h('figure', { class: 'strip' },
      h('figcaption', {}, h('strong', {}, title ? `${title}: σ_min / σ_max by depth` : 'σ_min / σ_max of each observed map, by depth'), ` Highest: ${significant(top)}. Low bars: nearly collinear channels.`),
      this.#drawing,
      h('ul', { class: 'legend' }, ...kinds.map((kind, index) =>
        h('li', {}, s('svg', { class: 'swatch', 'aria-hidden': 'true' }, s('rect', { class: `kind-${index % 6}`, width: '100%', height: '100%' })), kind))),
      this.#readout, pictureButtons('dextr-ratios', () => this.#drawing));
  }

  /** Where a map's room begins. @param {number} index */
  #x(index) {
    return `${(100 * index) / this.#maps.length}%`;
  }

  /** @param {number} index @param {number} height In percent of the drawing. @param {number} kind */
  #bar(index, height, kind) {
    const map = this.#maps[index];
    return s('g', { class: 'bar', onpointerenter: () => this.#show(index), onclick: () => this.#pick(index) },
      s('title', {}, map && describe(map)),
      s('rect', { class: 'reach', x: this.#x(index), y: 0, width: this.#x(1), height: `${BOTTOM}%` }),
      s('rect', { class: `kind-${kind % 6}`, x: this.#x(index + 0.1), y: `${BOTTOM - height}%`, width: this.#x(0.8), height: `${height}%` }));
  }

  /** The parts of the network, with their names where there is room. */
  #names() {
    return parts(this.#maps).flatMap(({ name, from, to }) => [
      from > 0 && s('line', { class: 'part', x1: this.#x(from), x2: this.#x(from), y1: 0, y2: '100%' }),
      (to - from) / this.#maps.length > NAMED && s('text', { class: 'part-name', x: this.#x((from + to) / 2), y: '96%' }, name),
    ]);
  }

  /** @param {boolean} on */
  #mark(on) {
    this.#bars[this.#at]?.classList.toggle('current', on);
  }

  /** @param {number} index */
  #show(index) {
    const map = this.#maps[index];
    if (!map) return;
    this.#mark(false);
    this.#at = index;
    this.#mark(true);
    this.#drawing.setAttribute('aria-valuenow', String(index + 1));
    this.#drawing.setAttribute('aria-valuetext', describe(map));
    this.#readout.replaceChildren(`${index + 1} of ${this.#maps.length}: ${describe(map)}`);
  }

  /** @param {number} index */
  #pick(index) {
    this.#show(index);
    this.#onPick(this.#maps[index]?.name ?? '');
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const last = this.#maps.length - 1;
    const [next, before] = [Math.min(this.#at + 1, last), Math.max(this.#at - 1, 0)];
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowRight: () => this.#show(next), ArrowUp: () => this.#show(next), ArrowLeft: () => this.#show(before), ArrowDown: () => this.#show(before),
      Home: () => this.#show(0), End: () => this.#show(last), Enter: () => this.#pick(this.#at), ' ': () => this.#pick(this.#at),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}
