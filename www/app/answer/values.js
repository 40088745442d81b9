import { DextrError } from '../../dextr/index.js';
import { h, newId, s } from '../../ui/dom.js';
import { fault, shape, significant } from '../../ui/format.js';
import { pictureButtons } from '../../ui/picture.js';

/** @typedef {import('../../dextr/dextr.js').ObservedMap} ObservedMap */

/** The plot in units of its view box; its numbers stand left of it and below. */
const BOX = { width: 480, height: 200, left: 56, right: 8, top: 10, bottom: 26 };
/** Ratios below this are rounding noise, and the plot's floor. */
const FLOOR = -7;

/**
 * Singular values over their rank, on a logarithmic scale relative to the largest.
 * @param {ArrayLike<number>} values
 * @param {string} label
 */
function plot(values, label) {
  const sorted = Array.from(values).sort((a, b) => b - a);
  const largest = sorted[0] || 1;
  const logs = sorted.map((value) => Math.max(FLOOR, Math.log10(value / largest)));
  const floor = Math.min(-1, Math.floor(Math.min(...logs)));
  const x = (/** @type {number} */ at) => BOX.left + ((BOX.width - BOX.left - BOX.right) * at) / Math.max(1, sorted.length - 1);
  const y = (/** @type {number} */ log) => BOX.top + ((BOX.height - BOX.top - BOX.bottom) * log) / floor;
  const decades = Array.from({ length: 1 - floor }, (_, at) => -at);
  const last = sorted.length - 1;
  return s('svg', { viewBox: `0 0 ${BOX.width} ${BOX.height}`, class: 'values', role: 'img', 'aria-label': label },
    ...decades.flatMap((log) => [
      s('line', { class: 'grid', x1: BOX.left, x2: BOX.width - BOX.right, y1: y(log), y2: y(log) }),
      s('text', { class: 'tick end', x: BOX.left - 6, y: y(log) }, log === 0 ? '1' : `1e${log}`),
    ]),
    s('text', { class: 'tick', x: x(0), y: BOX.height - 10 }, '1'),
    last > 0 && s('text', { class: 'tick', x: x(last) - 8, y: BOX.height - 10 }, String(last + 1)),
    s('polyline', { class: 'curve', points: logs.map((log, at) => `${x(at).toFixed(1)},${y(log).toFixed(1)}`).join(' ') }),
    ...(sorted.length <= 128 ? logs.map((log, at) => s('circle', { class: 'dot', cx: x(at), cy: y(log), r: 2.2 }, s('title', {}, `σ ${at + 1}: ${significant(sorted[at] ?? 0)}`))) : []));
}

/** The singular values of one observed map, computed when it is chosen. */
export class ValuesPanel {
  #maps;
  #compute;
  #asked = 0;
  #shown = h('div', { 'aria-live': 'polite' });
  #select;
  element;

  /** @param {ObservedMap[]} maps @param {(name: string) => Promise<ArrayLike<number>>} compute */
  constructor(maps, compute) {
    this.#maps = maps;
    this.#compute = compute;
    const id = newId('map');
    this.#select = h('select', { id, onchange: () => this.show(this.#select.value) },
      h('option', { value: '' }, 'choose one, here or in the strip'), ...maps.map(({ name, shape: size }) => h('option', { value: name }, `${name} (${shape(size)})`)));
    this.element = h('div', { class: 'spectrum' }, h('div', { class: 'field' }, h('label', { for: id }, 'Singular values of a map'), this.#select), this.#shown);
  }

  /** @param {string} name Of a map. */
  async show(name) {
    const number = ++this.#asked;
    const map = this.#maps.find((map) => map.name === name);
    this.#select.value = map ? name : '';
    if (!map) {
      this.#shown.replaceChildren();
      return;
    }
    this.#shown.replaceChildren(h('p', { class: 'quiet' }, 'Computing …'));
    const parts = await this.#parts(map);
    if (number === this.#asked) this.#shown.replaceChildren(...parts);
  }

  /** @param {ObservedMap} map */
  async #parts({ name, ratio }) {
    try {
      const values = await this.#compute(name);
      const label = `${values.length} singular values of ${name}, the largest set to 1: they fall to ${significant(ratio)}.`;
      const drawing = plot(values, label);
      return [drawing, pictureButtons('dextr-singular-values', () => drawing), h('p', { class: 'help' }, label, ' A flat curve: independent channels. A steep one: few directions carry everything.')];
    } catch (error) {
      const { what, cure } = fault(DextrError.from(error));
      return [h('p', { class: 'error' }, `${what} ${cure}`)];
    }
  }
}
