import { DextrError } from './error.js';
import { cancelled } from './link.js';

/**
 * @typedef {import('./dextr.js').Score} Score
 * @typedef {import('./index.js').Dextr} Dextr
 * @typedef {import('./index.js').Request} Request
 * @typedef {Partial<Omit<import('./dextr.js').Unscored, 'status' | 'space' | 'arch' | 'message'>> & { status: 'error', space: string, arch: string } & import('./dextr.js').Fault} Failed A row with an error: the settings it was to be scored with, and what is wrong.
 */

/**
 * The row of what cannot be scored.
 * @param {Pick<Dextr, 'unscored'>} dextr
 * @param {Request} request
 * @param {DextrError} fault
 * @returns {Promise<Failed>}
 */
export async function failed(dextr, request, fault) {
  const known = await dextr.unscored(request).catch(() => ({}));
  return /** @type {Failed} */ ({ space: request.space, arch: request.arch, ...known, status: 'error', ...fault.toFault() });
}

/** @returns {{ promise: Promise<void>, wake: () => void }} */
function bell() {
  let wake = () => {};
  const promise = /** @type {Promise<void>} */ (new Promise((resolve) => (wake = () => resolve())));
  return { promise, wake };
}

/**
 * Scores what somebody decides on, by as many at a time as the device has.
 * @template Job
 */
export class Scoring {
  /** What has not begun. @type {Job[]} */
  queue = [];
  /** What was scored and not looked at, an error among it. @type {{ job: Job, row: Score | Failed }[]} */
  ready = [];
  /** What ended it. @type {DextrError | null} */
  fault = null;
  #dextr;
  #requestOf;
  #signal;
  #onProgress;
  /** How many more can be scored at a time. */
  #free;
  #working = 0;
  #bell = bell();
  /** Scores that are given up with the work. */
  #stop = new AbortController();

  /**
   * @param {Pick<Dextr, 'parallel' | 'score' | 'unscored'>} dextr
   * @param {(job: Job) => Request} requestOf
   * @param {Pick<import('./index.js').RunOptions, 'signal' | 'onProgress'>} [run]
   */
  constructor(dextr, requestOf, { signal, onProgress } = {}) {
    this.#dextr = dextr;
    this.#requestOf = requestOf;
    this.#signal = signal;
    this.#onProgress = onProgress;
    this.#free = dextr.parallel;
    signal?.addEventListener('abort', this.stop, { once: true });
  }

  stop = () => {
    this.#stop.abort();
    this.#bell.wake();
  };

  close() {
    this.stop();
    this.#signal?.removeEventListener('abort', this.stop);
  }

  /** @param {Job[]} jobs */
  take(jobs) {
    this.queue.push(...jobs);
    this.#begin();
  }

  #begin() {
    while (this.#free > 0 && this.queue.length && !this.fault && !this.#stop.signal.aborted) {
      this.#free--;
      this.#working++;
      const job = /** @type {Job} */ (this.queue.shift());
      this.#score(this.#requestOf(job)).then(
        (row) => this.ready.push({ job, row }),
        (error) => (this.fault = DextrError.from(error)),
      ).finally(() => {
        this.#free++;
        this.#working--;
        this.#begin();
        this.#bell.wake();
      });
    }
  }

  /** @param {Request} request */
  async #score(request) {
    try {
      return await this.#dextr.score(request, { signal: this.#stop.signal, onProgress: this.#onProgress });
    } catch (error) {
      const fault = DextrError.from(error);
      if (fault.code === 'cancelled' || fault.code === 'disposed') throw fault;
      return failed(this.#dextr, request, fault);
    }
  }

  /** How many it has that are not scored. */
  get open() {
    return this.queue.length + this.#working;
  }

  /** Whether nothing is under way, and nothing there to look at. */
  get isIdle() {
    return this.open === 0 && this.ready.length === 0 && !this.fault;
  }

  /**
   * Waits for rows, and then a little for more of them, as long as there is something to do.
   * @param {number} [pause] Milliseconds.
   */
  async wait(pause = 0) {
    while (!this.ready.length && !this.fault && !this.#stop.signal.aborted) await this.#rung();
    const end = performance.now() + pause;
    while (this.queue.length && performance.now() < end && !this.fault && !this.#stop.signal.aborted) await this.#rung();
    if (this.#signal?.aborted) throw cancelled();
    if (this.fault) throw this.fault;
  }

  async #rung() {
    await this.#bell.promise;
    this.#bell = bell();
  }
}
