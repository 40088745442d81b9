import { DextrError } from './error.js';
import { Runner } from './runner.js';

/**
 * @typedef {import('./dextr.js').DeviceChoice} DeviceChoice
 * @typedef {import('./link.js').Link} Link
 */

/** More instances than this are not worth their memory. */
const MOST = 8;
/** Memory that an instance may come to need, in GiB, where the browser says how much there is. */
const EACH = 1;

/** Instances that nobody needed for so long are given back, in milliseconds. */
const IDLE = 30_000;

/** How many instances this machine has cores and memory for. */
export function machine() {
  const { hardwareConcurrency = 1, deviceMemory = MOST } = /** @type {Navigator & { deviceMemory?: number }} */ (globalThis.navigator ?? {});
  return Math.max(1, Math.min(hardwareConcurrency, Math.floor(deviceMemory / EACH), MOST));
}

/**
 * Runs calls on instances of one device. A CPU's work is spread over workers,
 * which are started as they are needed; whatever breaks one of them is its own.
 */
export class Pool {
  #code;
  #choice;
  #workers;
  /** @type {Runner[]} */
  #runners;
  /** How many calls each is doing. @type {Map<Runner, number>} */
  #busy = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #rest;
  #disposed = false;

  /**
   * @param {import('./code.js').Code} code
   * @param {DeviceChoice} choice
   * @param {number} workers At most.
   */
  constructor(code, choice, workers) {
    this.#code = code;
    this.#choice = choice;
    this.#workers = workers;
    this.#runners = [new Runner(code, choice)];
  }

  /** The first instance: it says what the device is, and answers questions. */
  get first() {
    return /** @type {Runner} */ (this.#runners[0]);
  }

  /** How many calls can be computed at a time. */
  get size() {
    // On the page's own thread a second instance would only take turns with the first.
    return this.first.opened?.device.kind === 'cpu' && this.first.thread === 'worker' ? this.#workers : 1;
  }

  /**
   * Does `work` on an instance that is free.
   * @template T
   * @param {(link: Link) => Promise<T>} work
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  async run(work, signal) {
    const runner = this.#free();
    const shared = this.#runners.length > 1;
    try {
      return await this.#on(runner, work, signal);
    } catch (error) {
      if (!shared || DextrError.from(error).code !== 'out-of-memory') throw error;
      // There was no room beside the others: from here on one at a time.
      this.#workers = 1;
      this.#shrink();
      return this.#on(this.first, work, signal);
    }
  }

  /**
   * @template T
   * @param {Runner} runner
   * @param {(link: Link) => Promise<T>} work
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  async #on(runner, work, signal) {
    clearTimeout(this.#rest);
    this.#busy.set(runner, (this.#busy.get(runner) ?? 0) + 1);
    try {
      return await runner.run(work, signal);
    } finally {
      this.#busy.set(runner, (this.#busy.get(runner) ?? 1) - 1);
      if (this.#runners.length > 1) this.#rest = setTimeout(() => this.#shrink(), IDLE);
    }
  }

  /** Gives back what is idle. */
  #shrink() {
    const idle = this.#runners.filter((runner) => runner !== this.first && !this.#busy.get(runner));
    this.#runners = this.#runners.filter((runner) => !idle.includes(runner));
    for (const runner of idle) runner.dispose();
  }

  #free() {
    const free = this.#runners.find((runner) => !this.#busy.get(runner));
    if (free || this.#disposed || this.#runners.length >= this.size) return free ?? this.first;
    const another = new Runner(this.#code, this.#choice === 'auto' ? 'cpu' : this.#choice);
    this.#runners.push(another);
    return another;
  }

  /** Frees all. What is under way fails with `disposed`. */
  dispose() {
    this.#disposed = true;
    clearTimeout(this.#rest);
    for (const runner of this.#runners) runner.dispose();
  }
}
