import { DextrError } from '../../dextr/index.js';
import { count } from '../../ui/format.js';
import { Gate } from './gate.js';
import { ProgressPanel } from './progress.js';
import { FAILED } from './row.js';
import { scoreItems } from './run.js';

/** @typedef {import('./read.js').Item} Item */
/** @typedef {import('./run.js').Settings} Settings */
/**
 * What is scored: the items of a list, and how. `added` hears of each row's
 * number; a work whose `replaced` is aborted goes without a word.
 * @typedef {{ items: Item[], settings: Settings, fileName?: string, added?: (id: number) => void, replaced?: AbortSignal }} Work
 */
/**
 * Where rows and words go.
 * @typedef {object} QueueOptions
 * @property {import('../../dextr/index.js').Dextr} dextr
 * @property {import('./store.js').RowStore} store
 * @property {import('./notices.js').Notices} notices
 * @property {import('./unfinished.js').Unfinished} unfinished
 * @property {() => Promise<void>} keep Writes the rows; whoever sees that a list has ended may leave.
 * @property {(text: string) => void} announce
 * @property {(words: string) => void} onNews Hears what is scored now, and what was.
 * @property {(focused: boolean) => void} onEnd Hears that a list has ended, and whether its progress had the focus.
 */

/** Quarters are told to those who do not see the bar. */
const TOLD = 4;

/** Scores lists, one after the other. */
export class Queue {
  #options;
  #hold = new Gate();
  /** @type {AbortController | null} */
  #abort = null;
  /** @type {Promise<void>} */
  #last = Promise.resolve();
  #waiting = 0;
  /** How many rows of this list have errors. */
  #failed = 0;
  progress = new ProgressPanel({ onPause: (paused) => this.#pause(paused), onCancel: () => this.#cancel() });

  /** @param {QueueOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** Whether a list is being scored. */
  get running() {
    return this.#abort !== null;
  }

  /** Whether a list is being scored or waits for it. */
  get busy() {
    return this.#waiting > 0;
  }

  /** Scores a list in its turn; ends with it. @param {Work} work */
  async enqueue(work) {
    const { items, fileName } = work;
    if (items.length === 0) return;
    if (this.running) this.#options.notices.note(`${fileName ?? 'The list'} (${count(items.length)} rows) waits for the one that is being scored.`);
    this.#waiting++;
    const turn = this.#last.then(() => this.#run(work));
    this.#last = turn.finally(() => this.#waiting--);
    await turn;
  }

  /** @param {boolean} paused */
  #pause(paused) {
    if (paused) this.#hold.close();
    else this.#hold.open();
    this.#options.announce(paused ? 'The list is paused.' : 'The list goes on.');
  }

  #cancel() {
    this.#abort?.abort();
    this.#hold.open();
  }

  /** @param {Work} work */
  async #run(work) {
    const { announce, notices, unfinished, keep, onNews, onEnd } = this.#options;
    if (work.replaced?.aborted) return;
    unfinished.begin(work);
    const abort = (this.#abort = new AbortController());
    work.replaced?.addEventListener('abort', () => {
      abort.abort();
      if (this.#abort === abort) this.#hold.open();
    });
    this.#failed = 0;
    this.progress.begin(work.items.length, work.fileName);
    const begun = `${work.fileName ? `${work.fileName}: ` : ''}${count(work.items.length)} ${work.items.length === 1 ? 'architecture is' : 'architectures are'} being scored, in the list.`;
    announce(begun);
    onNews(begun);
    try {
      await this.#score(work, this.#abort.signal);
      if (this.#failed) notices.note(this.#done(work));
      else announce(`The list is done: ${this.#done(work)}`);
      onNews(`${work.fileName ? `${work.fileName}: ` : ''}${this.#done(work)}`);
    } catch (thrown) {
      const error = DextrError.from(thrown);
      if (work.replaced?.aborted) return;
      if (error.code !== 'cancelled') notices.fail(error);
      notices.note(`${error.code === 'cancelled' ? 'Cancelled' : 'The list ended early'}; ${this.#done(work)} They are kept.`);
    } finally {
      await keep();
      this.#abort = null;
      unfinished.end();
      this.#hold.open();
      const focused = this.progress.element.contains(document.activeElement);
      this.progress.end();
      onEnd(focused);
    }
  }

  /** @param {Work} work @param {AbortSignal} signal */
  async #score({ items, settings, fileName, added }, signal) {
    const { dextr, store, unfinished, announce } = this.#options;
    const mark = store.mark;
    let told = 0;
    for await (const row of scoreItems(dextr, items, settings, { signal, passed: () => this.#hold.passed() })) {
      for (const { id } of store.add([row], mark)) added?.(id);
      this.progress.advance();
      unfinished.advance();
      if (row.own.status === FAILED) this.#failed++;
      const part = Math.floor((TOLD * this.progress.done) / items.length);
      if (part > told && part < TOLD) announce(this.#done({ items, settings, fileName }));
      told = part;
    }
  }

  /** @param {Work} work */
  #done({ items }) {
    const failed = this.#failed ? `, ${count(this.#failed)} of them with errors (the table says which)` : '';
    return `${count(this.progress.done)} of ${count(items.length)} rows are done${failed}.`;
  }
}
