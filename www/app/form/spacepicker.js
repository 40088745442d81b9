import { h, newId } from '../../ui/dom.js';
import { short } from '../../ui/format.js';

/** @typedef {import('../spaces.js').Space} Space */

/** How large a space is, in words. @param {number} size */
function sizeWords(size) {
  if (size < 1e12) return `${size < 1e6 ? size.toLocaleString('en') : short(size)} architectures`;
  return `about 10^${Math.round(Math.log10(size))} architectures`;
}

/** The list of search spaces, with a line on the picked one. */
export class SpacePicker {
  #spaces;
  #about = h('p', { id: newId('space-help'), class: 'help' });
  #select = h('select', { id: newId('space'), 'aria-describedby': this.#about.id });
  element = h('div', { class: 'field space' }, h('label', { for: this.#select.id }, 'Search space'), this.#select, this.#about);

  /** @param {Space[]} spaces @param {(space: Space) => void} onPick */
  constructor(spaces, onPick) {
    this.#spaces = spaces;
    this.#select.append(...spaces.map(({ name, label }) => h('option', { value: name }, label ?? name)));
    this.#select.addEventListener('change', () => {
      this.#show();
      const space = this.#picked;
      if (space) onPick(space);
    });
  }

  /** @param {Space} space */
  set(space) {
    this.#select.value = space.name;
    this.#show();
  }

  get #picked() {
    return this.#spaces.find(({ name }) => name === this.#select.value);
  }

  #show() {
    const space = this.#picked;
    this.#about.replaceChildren(space ? `${space.title}${space.size > 0 ? `: ${sizeWords(space.size)}` : ''}.` : '');
  }
}
