import { h, newId } from '../../ui/dom.js';
import { sentence } from '../../ui/format.js';

/** @typedef {import('../../dextr/dextr.js').ProxyInfo} ProxyInfo */

/** The score itself: it is always there. */
const SCORE = 'dextr';
/** What is in every row anyway: its halves and its sizes. */
const ALWAYS = ['s', 'k', 'params', 'macs'];
/** What the classes of cost are in words. @type {Record<string, string>} */
const COST = { graph: 'counts, free', weights: 'looks at weights', forward: 'one pass', batch: 'a pass of many images', gradients: 'gradients, dear' };

/** @param {string} names */
function separated(names) {
  return names.split(',').map((name) => name.trim()).filter(Boolean);
}

/**
 * Which proxies are computed beside the score. As a control it has a `value`:
 * their names, separated by commas, as in a request.
 */
export class ProxyPicker {
  /** @type {Map<string, HTMLInputElement>} */
  #boxes = new Map();
  disabled = false;
  element;

  /** @param {ProxyInfo[]} proxies */
  constructor(proxies) {
    const offered = proxies.filter(({ name }) => name !== SCORE && !ALWAYS.includes(name));
    this.element = h('fieldset', { class: 'proxies' }, h('legend', {}, 'Proxies beside the score'), ...offered.map((about) => this.#choice(about)));
  }

  /** @param {ProxyInfo} about */
  #choice({ name, title, needs, paper, cost }) {
    const help = newId('proxy-help');
    const box = h('input', { type: 'checkbox', name, 'aria-describedby': help });
    this.#boxes.set(name, box);
    return h('div', { class: 'proxy', title: sentence(`${paper}; ${needs}`) }, h('label', { class: 'check' }, box, name), h('span', { id: help, class: 'help' }, `${title} (${COST[cost] ?? cost})`));
  }

  get value() {
    return [SCORE, ...[...this.#boxes].filter(([, { checked }]) => checked).map(([name]) => name)].join(',');
  }

  /** Names that are not offered are left out. */
  set value(names) {
    const asked = new Set(separated(names));
    for (const [name, box] of this.#boxes) box.checked = asked.has(name);
  }

  /** The names as `value` has them, whatever their order; with those that it does not know. @param {string} names */
  usual(names) {
    const asked = separated(names).filter((name) => name !== SCORE && !ALWAYS.includes(name));
    const strange = asked.filter((name) => !this.#boxes.has(name));
    return [SCORE, ...[...this.#boxes.keys()].filter((name) => asked.includes(name)), ...strange].join(',');
  }

  checkValidity() {
    return true;
  }
}
