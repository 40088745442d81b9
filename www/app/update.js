import { registerOffline } from '../offline.js';
import { h } from '../ui/dom.js';

/**
 * Keeps the page for the next visit without network, and says when there is a
 * newer one: results are only left when the user wants it.
 * @param {HTMLElement} place
 */
export function keepOffline(place) {
  return registerOffline({
    onUpdate: (apply) => place.replaceChildren('A new version of this page is ready. ',
      h('button', { type: 'button', onclick: apply }, 'Reload with it')),
  });
}
