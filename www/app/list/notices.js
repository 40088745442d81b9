import { h } from '../../ui/dom.js';
import { fault } from '../../ui/format.js';

/** How many are shown; older ones go. */
const MOST = 6;

/** What there is to say about lists: errors, and what was noticed in reading them. */
export class Notices {
  #onSaid;
  element = h('div', { class: 'list-notices', role: 'log', 'aria-label': 'Messages about lists' });

  /** @param {(words: string) => void} onSaid Hears of every message. */
  constructor(onSaid) {
    this.#onSaid = onSaid;
  }

  clear() {
    this.element.replaceChildren();
  }

  /** @param {string} text */
  note(text) {
    this.#put(h('p', { class: 'notice' }, text));
  }

  /** @param {import('../../dextr/index.js').DextrError} error */
  fail(error) {
    const { what, cure } = fault(error);
    this.#put(h('p', { class: 'error' }, h('strong', {}, what), ` ${cure}`));
  }

  /** @param {HTMLElement} message */
  #put(message) {
    this.element.append(message);
    this.#onSaid(message.textContent ?? '');
    while (this.element.children.length > MOST) this.element.firstElementChild?.remove();
  }
}
