import { h, s } from '../../ui/dom.js';
import { lineClass, words } from './operation.js';

/**
 * @typedef {object} MenuOptions
 * @property {HTMLElement} host
 * @property {number} x In pixels of the host.
 * @property {number} y
 * @property {string} label
 * @property {string} value
 * @property {string[]} values
 * @property {(value: string) => void} onPick
 * @property {() => void} onClose
 */

/**
 * A menu of a choice's values beside the thing it belongs to. One at a time;
 * arrows move, Enter takes, Escape and a click elsewhere close it.
 */
export class Menu {
  #options;
  #items;
  #element;
  #open = true;

  /** @param {MenuOptions} options */
  constructor(options) {
    this.#options = options;
    const { host, x, y, label, value, values } = options;
    this.#items = values.map((name) => this.#item(name));
    this.#element = h('div', {
      class: 'menu', role: 'menu', 'aria-label': label,
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event), onfocusout: (/** @type {FocusEvent} */ event) => this.#onLeave(event),
    }, ...this.#items);
    host.append(this.#element);
    // Inside the host, whatever its width.
    this.#element.style.left = `${Math.max(0, Math.min(x - this.#element.offsetWidth / 2, host.clientWidth - this.#element.offsetWidth))}px`;
    this.#element.style.top = `${y}px`;
    this.#focus(Math.max(0, values.indexOf(value)));
  }

  /** @param {string} name */
  #item(name) {
    const { value, values } = this.#options;
    return h('button', {
      type: 'button', role: 'menuitemradio', 'aria-checked': name === value ? 'true' : 'false', tabindex: -1,
      onclick: () => this.#close(name),
    }, s('svg', { class: 'sample', 'aria-hidden': 'true', viewBox: '0 0 28 10' }, s('path', { d: 'M1 5H27', class: `edge ${lineClass(name, values)}` })),
    h('span', {}, name, words(name) && h('span', { class: 'help' }, words(name))));
  }

  /** @param {string} [picked] */
  #close(picked) {
    if (!this.#open) return;
    this.#open = false;
    this.#element.remove();
    this.#options.onClose();
    if (picked !== undefined) this.#options.onPick(picked);
  }

  /** @param {number} index */
  #focus(index) {
    this.#items[(index + this.#items.length) % this.#items.length]?.focus();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const at = this.#items.findIndex((item) => item === document.activeElement);
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: () => this.#focus(at + 1), ArrowUp: () => this.#focus(at - 1), Home: () => this.#focus(0), End: () => this.#focus(-1),
      Escape: () => this.#close(), Tab: () => this.#close(),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** @param {FocusEvent} event */
  #onLeave({ relatedTarget }) {
    if (this.#open && !this.#element.contains(/** @type {Node | null} */ (relatedTarget))) this.#close();
  }
}
