import { h } from '../../ui/dom.js';
import { fault } from '../../ui/format.js';
import { setShare } from '../../ui/progress.js';

/** In milliseconds. */
const SECOND = 1000;
/** A step that takes longer says for how long it has, in seconds. */
const WAIT = 3;

/**
 * The Score and Cancel buttons with the progress of a run. A submit button: the
 * form says when a run is wanted.
 */
export class RunPanel {
  #score = h('button', { type: 'submit', class: 'primary' }, 'Score');
  #cancel = h('button', { type: 'button', disabled: true, onclick: () => this.onCancel() }, 'Cancel');
  #follow = h('input', { type: 'checkbox' });
  #bar = h('progress', { max: 1, value: 0, hidden: true, 'aria-label': 'Progress' });
  #text = h('span', { class: 'step' });
  // Read out when something is decided; the count of layers would be a torrent.
  #status = h('p', { class: 'status', role: 'status' });
  #problem = h('p', { class: 'error', role: 'alert' });
  #said = '';
  #since = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;
  element = h('div', {}, h('div', { class: 'buttons' }, this.#score, this.#cancel, h('label', { class: 'check' }, this.#follow, 'live: follow every edit')),
    h('div', { class: 'progress' }, this.#status, this.#bar, this.#text), this.#problem);
  /** What the Cancel button does. */
  onCancel = () => {};

  /** @param {{ live: boolean }} options `live`: scores follow the edits. */
  constructor({ live }) {
    this.#follow.checked = live;
  }

  /** Whether scores follow the edits. */
  get live() {
    return this.#follow.checked;
  }

  /** Nothing can be scored. */
  forbid() {
    this.#score.disabled = true;
  }

  /** @param {string} message @param {{ cancellable?: boolean }} [options] */
  begin(message, { cancellable = true } = {}) {
    this.#problem.replaceChildren();
    this.#status.replaceChildren(message);
    this.#cancel.disabled = !cancellable;
    // Never leave the keyboard on a button that has gone.
    if (document.activeElement === this.#score) this.#cancel.focus();
    this.#score.disabled = true;
    this.#bar.hidden = false;
    setShare(this.#bar, null);
    this.#rest();
  }

  /** @param {{ share: number | null, words: string }} progress */
  progress({ share, words }) {
    this.#bar.hidden = false;
    setShare(this.#bar, share);
    this.say(words);
  }

  /** Words beside a bar that does not know how far it is. @param {string} words */
  say(words) {
    [this.#said, this.#since] = [words, performance.now()];
    this.#clock ??= setInterval(() => this.#tick(), SECOND);
    this.#text.replaceChildren(words);
  }

  /** A step may be one long layer: it is seen that the work goes on. */
  #tick() {
    const seconds = Math.floor((performance.now() - this.#since) / SECOND);
    if (seconds >= WAIT) this.#text.replaceChildren(`${this.#said}, for ${seconds} s so far`);
  }

  #rest() {
    clearInterval(this.#clock);
    this.#clock = undefined;
    this.#text.replaceChildren();
  }

  /** @param {string} message */
  end(message) {
    this.#status.replaceChildren(message);
    this.#score.disabled = false;
    if (document.activeElement === this.#cancel) this.#score.focus();
    this.#cancel.disabled = true;
    this.#bar.hidden = true;
    this.#rest();
  }

  /** @param {import('../../dextr/index.js').DextrError} thrown */
  fail(thrown) {
    const { what, cure } = fault(thrown);
    this.#problem.replaceChildren(`${what} ${cure}`);
  }
}
