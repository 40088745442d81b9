import { DextrError } from '../dextr/index.js';

/** An edit is scored once the user pauses this long, in milliseconds. */
const PAUSE = 400;

/** What is told beside the architecture's text, and needs no more words here. @type {Record<string, string>} */
const REFUSED = { 'bad-architecture': 'see the architecture’s text', 'ambiguous-architecture': 'choose which cell the numbers mean' };

/**
 * What a runner does, and for whom.
 * @typedef {object} Work
 * @property {() => Promise<string>} check The architecture, or throws.
 * @property {(arch: string, signal: AbortSignal) => Promise<{ score: number | null }>} score
 * @property {() => void} onRefused After a wish for an architecture that is wrong.
 * @property {(busy: boolean) => void} onBusy
 * @property {() => void} onFailed What was asked for was not scored.
 * @property {(macs: number) => string} dear Why a score of so many multiply-accumulates waits until it is asked for; empty where it does not.
 * @property {(words: string) => void} onEnd Hears how a run has ended.
 */

/**
 * When scores are computed: on request, and after edits where the panel says so.
 * One at a time: a newer wish cancels the one under way.
 */
export class Runner {
  #panel;
  #work;
  /** @type {AbortController | null} */
  #current = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #begun = false;

  /** @param {import('./form/runpanel.js').RunPanel} panel @param {Work} work */
  constructor(panel, work) {
    this.#panel = panel;
    this.#work = work;
    panel.onCancel = () => this.#stop();
  }

  /** Scores what is in the form. */
  ask() {
    return this.#start(true);
  }

  /** Scores soon, where scores follow the edits and this one does not take long. @param {number} macs */
  follow(macs) {
    clearTimeout(this.#timer);
    if (!this.#panel.live || this.#current) return;
    const dear = this.#work.dear(macs);
    if (dear) this.#panel.end(dear);
    // What the page begins with is no edit: nothing more is to be waited for.
    else this.#timer = setTimeout(() => this.#start(false), this.#begun ? PAUSE : 0);
    this.#begun = true;
  }

  /** What is being scored is not what the form says any more. */
  outdate() {
    clearTimeout(this.#timer);
    if (this.#panel.live) this.giveWay('Edited: the score follows.');
  }

  /** Gives up what is being scored, for something that was asked for since. @param {string} words */
  giveWay(words) {
    clearTimeout(this.#timer);
    if (!this.#current) return;
    const old = this.#current;
    this.#current = null;
    old.abort();
    this.#panel.end(words);
    this.#work.onBusy(false);
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#current?.abort();
  }

  /** @param {boolean} asked By the user, not by an edit. */
  async #start(asked) {
    this.#stop();
    const own = new AbortController();
    this.#current = own;
    this.#work.onBusy(true);
    this.#panel.begin('Scoring …');
    const { end, fault, scored } = await this.#run(own, asked).catch(failed);
    // What a newer run has taken over is its to tell.
    if (this.#current !== own) return;
    this.#current = null;
    this.#panel.end(end);
    this.#work.onEnd(end);
    if (fault) this.#panel.fail(fault);
    if (!scored) this.#work.onFailed();
    this.#work.onBusy(false);
  }

  /** @param {AbortController} own @param {boolean} asked @returns {Promise<End>} */
  async #run(own, asked) {
    let refused = '';
    const arch = await this.#work.check().catch((thrown) => {
      const why = REFUSED[DextrError.from(thrown).code];
      if (!why) throw thrown;
      refused = why;
      return null;
    });
    if (arch === null || this.#current !== own) {
      if (asked && this.#current === own) this.#work.onRefused();
      return { end: `Not scored: ${refused || 'it was edited'}.` };
    }
    const { score } = await this.#work.score(arch, own.signal);
    return { scored: true, end: score === null ? 'Done: no score, see the answer.' : `Done: score ${score.toFixed(4)}.` };
  }
}

/** @typedef {{ end: string, fault?: DextrError, scored?: boolean }} End How a run ended, in words. */

/** @param {unknown} thrown @returns {End} */
function failed(thrown) {
  const fault = DextrError.from(thrown);
  return fault.code === 'cancelled' ? { end: 'Cancelled. Earlier results are kept.' } : { end: 'Not scored.', fault };
}
