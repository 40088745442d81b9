import { h, newId } from './dom.js';
import { fault } from './format.js';

/** @typedef {import('../dextr/index.js').DextrError} DextrError */

/** The offending character of `text`, when the error names one, with its surroundings. @param {string} text @param {DextrError} error */
function excerpt(text, error) {
  const place = /character (\d+)/i.exec(`${error.where ?? ''} ${error.message}`);
  // Positions count characters, not UTF-16 units.
  const characters = Array.from(text);
  const at = place ? Number(place[1]) - 1 : -1;
  if (at < 0 || at > characters.length) return null;
  const before = characters.slice(Math.max(0, at - 24), at).join('');
  const after = characters.slice(at + 1, at + 16).join('');
  return h('code', { class: 'excerpt' }, at > 24 ? '…' : '', before, h('mark', {}, characters[at] ?? '␣'), after,
    at + 16 < characters.length ? '…' : '');
}

/** How many lines say something. @param {string} text */
function lines(text) {
  return text.split(/\r?\n/).filter((line) => line.trim()).length;
}

/**
 * A box for an architecture's text, with its error beneath.
 * @param {(text: string) => void} onInput
 * @param {(text: string) => void} onLines Gets a pasted text of several lines.
 */
export function archBox(onInput, onLines) {
  const [id, helpId, errorId] = [newId('arch'), newId('arch-help'), newId('arch-error')];
  const error = h('div', { id: errorId, class: 'error', 'aria-live': 'polite' });
  const box = h('textarea', {
    id, rows: 2, spellcheck: 'false', autocapitalize: 'off', 'aria-describedby': `${helpId} ${errorId}`,
    oninput: () => onInput(box.value),
    onpaste: (/** @type {ClipboardEvent} */ event) => {
      const text = event.clipboardData?.getData('text') ?? '';
      if (lines(text) < 2) return;
      event.preventDefault();
      onLines(text);
    },
    // One architecture is one line: Enter scores it.
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      box.form?.requestSubmit();
    },
  });

  return {
    element: h('div', { class: 'field' }, h('label', { for: id }, 'Architecture as text'), box,
      h('p', { id: helpId, class: 'help' }, 'Paste one, or a whole list with one a line: a list goes to the table below.'), error),
    get value() {
      return box.value;
    },
    /** @param {string} text */
    set(text) {
      box.value = text;
      this.fail(null);
    },
    focus: () => box.focus(),
    /** Shows what is wrong with the text, or that nothing is. @param {DextrError | null} thrown */
    fail(thrown) {
      if (thrown) box.setAttribute('aria-invalid', 'true');
      else box.removeAttribute('aria-invalid');
      error.replaceChildren();
      if (!thrown) return;
      const { what, cure } = fault(thrown);
      error.append(h('p', {}, h('strong', {}, what), ` ${cure}`));
      const shown = excerpt(box.value, thrown);
      if (shown) error.append(shown);
    },
    /** Adds a way out below the error. @param {Node} offer */
    offer(offer) {
      error.append(offer);
    },
  };
}
