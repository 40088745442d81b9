import { h, newId } from '../../ui/dom.js';
import { fault } from '../../ui/format.js';

/** @typedef {import('../../dextr/index.js').DextrError} DextrError */

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

/** A box for an architecture's text, with its error beneath. */
export class ArchBox {
  #onLines;
  #help = h('p', { id: newId('arch-help'), class: 'help' }, 'Paste one, or a whole list with one a line: a list goes to the table below.');
  #error = h('div', { id: newId('arch-error'), class: 'error', 'aria-live': 'polite' });
  /** What the text is asked about, and what there is to know about it. */
  #said = h('div', { 'aria-live': 'polite' });
  #box;
  element;

  /**
   * @param {(text: string) => void} onInput
   * @param {(text: string) => void} onLines Gets a pasted text of several lines.
   */
  constructor(onInput, onLines) {
    this.#onLines = onLines;
    this.#box = h('textarea', {
      id: newId('arch'), rows: 2, spellcheck: 'false', autocapitalize: 'off', 'aria-describedby': `${this.#help.id} ${this.#error.id}`,
      oninput: () => onInput(this.value),
      onpaste: (/** @type {ClipboardEvent} */ event) => this.#pasted(event),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event),
    });
    this.element = h('div', { class: 'field' }, h('label', { for: this.#box.id }, 'Architecture as text'), this.#box, this.#help, this.#error, this.#said);
  }

  get value() {
    return this.#box.value;
  }

  /** @param {string} text */
  set(text) {
    this.#box.value = text;
    this.accept();
  }

  /** The question comes first, where there is one. */
  focus() {
    (this.#said.querySelector('button') ?? this.#box).focus();
  }

  /** Nothing is wrong with the text. */
  accept() {
    this.#box.removeAttribute('aria-invalid');
    this.#error.replaceChildren();
    this.#said.replaceChildren();
  }

  /** Nothing is wrong with the text, and there is something to know or to ask. @param {Node} said */
  say(said) {
    this.accept();
    this.#said.replaceChildren(said);
  }

  /** Shows what is wrong with the text. @param {DextrError} thrown */
  fail(thrown) {
    this.#box.setAttribute('aria-invalid', 'true');
    this.#said.replaceChildren();
    const { what, cure } = fault(thrown);
    this.#error.replaceChildren(h('p', {}, h('strong', {}, what), ` ${cure}`));
    const shown = excerpt(this.value, thrown);
    if (shown) this.#error.append(shown);
  }

  /** Adds a way out below the error. @param {Node} offer */
  offer(offer) {
    this.#error.append(offer);
  }

  /** @param {ClipboardEvent} event */
  #pasted(event) {
    const text = event.clipboardData?.getData('text') ?? '';
    if (lines(text) < 2) return;
    event.preventDefault();
    this.#onLines(text);
  }

  /** One architecture is one line: Enter scores it. @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#box.form?.requestSubmit();
  }
}
