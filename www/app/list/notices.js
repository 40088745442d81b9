import { h } from '../dom.js';
import { fault } from '../format.js';

/** How many are shown; older ones go. */
const MOST = 6;

/** What there is to say about lists: errors, and what was noticed in reading them. */
export function notices() {
  const element = h('div', { class: 'list-notices', role: 'log', 'aria-label': 'Messages about lists' });

  /** @param {HTMLElement} message */
  function put(message) {
    element.append(message);
    while (element.children.length > MOST) element.firstElementChild?.remove();
  }

  return {
    element,
    clear: () => element.replaceChildren(),
    /** @param {string} text */
    note: (text) => put(h('p', { class: 'notice' }, text)),
    /** @param {import('../../dextr/index.js').DextrError} error */
    fail(error) {
      const { what, cure } = fault(error);
      put(h('p', { class: 'error' }, h('strong', {}, what), ` ${cure}`));
    },
  };
}
