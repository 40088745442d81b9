import { h } from '../ui/dom.js';

/**
 * Says what happens out of sight, with a way there: files are dropped anywhere,
 * and what becomes of them may stand far below. Screen readers hear of it where
 * it happens.
 */
export class Elsewhere {
  #words = h('span', { class: 'elsewhere-words' });
  #go = h('button', { type: 'button', onclick: () => this.#visit() }, 'Show');
  element = h('aside', { class: 'elsewhere', 'aria-label': 'Out of sight', hidden: true }, this.#words, this.#go,
    h('button', { type: 'button', class: 'link', 'aria-label': 'Close this message', onclick: () => this.#hide() }, 'Close'));
  /** @type {HTMLElement | null} */
  #place = null;
  #seen = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) this.#hide();
  });

  /**
   * Says something of a place, unless it can be seen anyway.
   * @param {string} words
   * @param {HTMLElement} place
   * @param {HTMLElement[]} [also] Other places that say the same.
   */
  say(words, place, also = []) {
    if ([place, ...also].some(inSight)) return;
    this.#words.replaceChildren(words);
    this.element.hidden = false;
    this.#seen.disconnect();
    this.#place = place;
    this.#seen.observe(place);
  }

  #hide() {
    this.#seen.disconnect();
    this.#place = null;
    // Never leave the keyboard on a button that has gone.
    if (this.element.contains(document.activeElement)) document.querySelector('h1')?.focus();
    this.element.hidden = true;
  }

  #visit() {
    const place = this.#place;
    if (!place) return;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (!place.hasAttribute('tabindex')) place.setAttribute('tabindex', '-1');
    place.focus({ preventScroll: true });
    place.scrollIntoView({ behavior: calm ? 'auto' : 'smooth', block: 'center' });
    this.#hide();
  }
}

/** @param {HTMLElement} place */
function inSight(place) {
  const { top, bottom, height } = place.getBoundingClientRect();
  return height > 0 && bottom > 0 && top < innerHeight;
}
