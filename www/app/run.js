import { h } from './dom.js';
import { fault } from './format.js';

/**
 * The Score and Cancel buttons with the progress of a run. A submit button: the
 * form says when a run is wanted.
 * @param {{ live: boolean }} options `live`: scores follow the edits.
 */
export function runPanel({ live }) {
  let onCancel = () => {};
  const score = h('button', { type: 'submit', class: 'primary' }, 'Score');
  const cancel = h('button', { type: 'button', disabled: true, onclick: () => onCancel() }, 'Cancel');
  const follow = h('input', { type: 'checkbox' });
  follow.checked = live;
  const bar = h('progress', { max: 1, value: 0, hidden: true, 'aria-label': 'Progress' });
  const text = h('span', { class: 'step' });
  // Read out when something is decided; the count of layers would be a torrent.
  const status = h('p', { class: 'status', role: 'status' });
  const problem = h('p', { class: 'error', role: 'alert' });

  return {
    element: h('div', {}, h('div', { class: 'buttons' }, score, cancel, h('label', { class: 'check' }, follow, 'live: follow every edit')),
      h('div', { class: 'progress' }, status, bar, text), problem),
    /** Whether scores follow the edits. */
    get live() {
      return follow.checked;
    },
    /** @param {() => void} listener */
    onCancel(listener) {
      onCancel = listener;
    },
    /** @param {boolean} ready */
    ready(ready) {
      score.disabled = !ready;
    },
    /** @param {string} message @param {{ cancellable?: boolean }} [options] */
    begin(message, { cancellable = true } = {}) {
      problem.replaceChildren();
      status.replaceChildren(message);
      cancel.disabled = !cancellable;
      // Never leave the keyboard on a button that has gone.
      if (document.activeElement === score) cancel.focus();
      score.disabled = true;
      bar.hidden = false;
      bar.removeAttribute('value');
      text.replaceChildren();
    },
    /** @param {number} part @param {string} words */
    progress(part, words) {
      bar.hidden = false;
      bar.value = part;
      text.replaceChildren(words);
    },
    /** Words beside a bar that does not know how far it is. @param {string} words */
    say: (words) => text.replaceChildren(words),
    /** @param {string} message */
    end(message) {
      status.replaceChildren(message);
      score.disabled = false;
      if (document.activeElement === cancel) score.focus();
      cancel.disabled = true;
      bar.hidden = true;
      text.replaceChildren();
    },
    /** @param {import('../dextr/index.js').DextrError} thrown */
    fail(thrown) {
      const { what, cure } = fault(thrown);
      problem.replaceChildren(`${what} ${cure}`);
    },
  };
}
