import { h, newId } from '../../ui/dom.js';

/** A field that finds boxes by name, kind or shape, and goes from one to the next. */
export class Finder {
  #texts;
  #on;
  /** @type {number[]} */
  #found = [];
  #at = -1;
  #field = h('input', { id: newId('find-layer'), type: 'search', spellcheck: 'false', autocapitalize: 'off', oninput: () => this.#look(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event) });
  #next = h('button', { type: 'button', disabled: true, onclick: () => this.#go() }, 'Next');
  #count = h('span', { class: 'quiet', role: 'status' });
  element = h('div', { class: 'find' }, h('label', { for: this.#field.id }, 'Find a layer'), this.#field, this.#next, this.#count);

  /** @param {string[]} texts What each box says. @param {{ onFound: (found: number[]) => void, onGo: (index: number) => void }} on */
  constructor(texts, on) {
    this.#texts = texts.map((text) => text.toLowerCase());
    this.#on = on;
  }

  /** What was looked for: a drawing that is made anew looks for it again. */
  get wish() {
    return this.#field.value;
  }

  /** @param {string} wish */
  look(wish) {
    this.#field.value = wish;
    this.#look();
  }

  #look() {
    const wish = this.wish.trim().toLowerCase();
    this.#found = wish ? [...this.#texts.keys()].filter((index) => this.#texts[index]?.includes(wish)) : [];
    this.#at = -1;
    this.#next.disabled = this.#found.length === 0;
    this.#count.replaceChildren(!wish ? '' : this.#found.length === 0 ? 'not here' : `${this.#found.length} found`);
    this.#on.onFound(this.#found);
  }

  #go() {
    this.#at = (this.#at + 1) % this.#found.length;
    const index = this.#found[this.#at];
    if (index === undefined) return;
    this.#count.replaceChildren(`${this.#at + 1} of ${this.#found.length}`);
    this.#on.onGo(index);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key !== 'Enter') return;
    // It would send the form around it.
    event.preventDefault();
    if (this.#found.length > 0) this.#go();
  }
}
