import { isFirst } from './code.js';
import { DextrError } from './error.js';

/**
 * @typedef {import('./engine.js').OpenAnswer} OpenAnswer
 * @typedef {{ done: number, total: number }} Steps
 * @typedef {{ signal?: AbortSignal, onSteps?: (steps: Steps) => void }} CallOptions
 * @typedef {{ resolve(value: any): void, reject(error: DextrError): void, onSteps?: (steps: Steps) => void }} Call
 */

/** How long a cancelled run has to stop by itself, in milliseconds. */
const GRACE = 2000;

/** @returns {DextrError} */
export function cancelled() {
  return new DextrError({ code: 'cancelled', message: 'Cancelled.' });
}

/**
 * A connection to one wasm instance. It is disposable: once closed it stays
 * closed, and whoever needs another opens another.
 */
export class Link {
  #place;
  #code;
  /** Whether the instance has all of the engine's code. @type {Promise<unknown> | null} */
  #whole = null;
  /** Why it was closed. @type {DextrError | null} */
  #reason = null;
  /** @type {Map<number, Call>} */
  #calls = new Map();
  #last = 0;
  /** @type {Promise<void> | null} */
  #stopped = null;

  /** @param {import('./endpoint.js').Place} place @param {import('./code.js').Code} code */
  constructor(place, code) {
    this.#place = place;
    this.#code = code;
    this.thread = place.thread;
    place.endpoint.addEventListener('message', ({ data }) => this.#answer(data));
    place.onCrash((error) => this.close(DextrError.from(error)));
  }

  get closed() {
    return this.#stopped !== null;
  }

  /**
   * @param {import('./endpoint.js').Place} place
   * @param {import('./code.js').Code} code
   * @param {import('./dextr.js').DeviceChoice} device
   * @returns {Promise<{ link: Link, opened: OpenAnswer }>}
   */
  static async open(place, code, device) {
    const link = new Link(place, code);
    try {
      // The page's own thread must not wait for the network in mid-call.
      const parts = place.thread === 'page' ? await code.whole() : code.parts;
      const opened = await link.#send('open', { parts, device });
      if (parts.rest || !parts.address) link.#whole = Promise.resolve();
      return { link, opened };
    } catch (error) {
      await link.close(DextrError.from(error));
      throw error;
    }
  }

  /**
   * @param {string} method
   * @param {unknown} argument
   * @param {CallOptions} [options]
   * @returns {Promise<any>}
   */
  async call(method, argument, options = {}) {
    if (options.signal?.aborted) throw cancelled();
    if (!isFirst(method, argument)) await this.#complete();
    return this.#send(method, argument, options);
  }

  /** Gives the instance the rest of its code. */
  async #complete() {
    this.#whole ??= this.#code.whole().then(({ rest }) => this.#send('complete', { rest }));
    try {
      await this.#whole;
    } catch (error) {
      this.#whole = null;
      throw error;
    }
  }

  /**
   * @param {string} method
   * @param {unknown} argument
   * @param {CallOptions} [options]
   * @returns {Promise<any>}
   */
  #send(method, argument, { signal, onSteps } = {}) {
    // While code was fetched, either may have happened.
    if (signal?.aborted) return Promise.reject(cancelled());
    if (this.#reason) return Promise.reject(this.#reason);
    const id = ++this.#last;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const abort = () => {
      this.#place.endpoint.postMessage({ cancel: id });
      timer = setTimeout(() => this.#giveUp(id), GRACE);
    };
    signal?.addEventListener('abort', abort, { once: true });
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject, onSteps });
      this.#place.endpoint.postMessage({ id, method, argument });
    }).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    });
  }

  /**
   * A cancelled run that does not react takes its instance with it; other calls
   * may be made again on the next.
   * @param {number} id
   */
  #giveUp(id) {
    this.#calls.get(id)?.reject(cancelled());
    this.#calls.delete(id);
    this.close(new DextrError({ code: 'internal', message: 'The engine was stopped, as a cancelled run did not react.' }));
  }

  /** @param {import('./host.js').HostReply} reply */
  #answer(reply) {
    if ('broken' in reply) {
      this.close(new DextrError(reply.broken));
      return;
    }
    const call = this.#calls.get(reply.id);
    if (!call) return;
    if ('progress' in reply) {
      call.onSteps?.(reply.progress);
      return;
    }
    this.#calls.delete(reply.id);
    if ('error' in reply) call.reject(new DextrError(reply.error));
    else call.resolve(reply.value);
  }

  /**
   * Ends the instance; what was still under way fails with `reason`. Resolves
   * when another can be opened.
   * @param {DextrError} reason
   * @returns {Promise<void>}
   */
  close(reason) {
    if (!this.#stopped) {
      this.#reason = reason;
      this.#stopped = this.#place.stop(reason);
      for (const call of this.#calls.values()) call.reject(reason);
      this.#calls.clear();
    }
    return this.#stopped;
  }
}
