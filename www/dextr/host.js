import { Engine } from './engine.js';
import { DextrError, isFault } from './error.js';

/**
 * @typedef {import('./dextr.js').Fault} Fault
 * @typedef {{ id: number, method: string, argument: any } | { cancel: number }} HostRequest
 * @typedef {{ id: number, value: unknown } | { id: number, error: Fault }
 *   | { id: number, progress: { done: number, total: number } }
 *   | { broken: Fault }} HostReply `broken` ends the instance, whatever was called.
 * @typedef {{ postMessage(message: any): void,
 *   addEventListener(type: 'message', listener: (event: MessageEvent) => void): void }} Endpoint
 */

/** A running score gives way to messages this often, in milliseconds. */
const SLICE = 50;

/** After a trap the GPU has this long to report the cause, in milliseconds. */
const LAST_WORDS = 1000;

/** Lets messages that have arrived be handled. (A timer would be slowed down to 4 ms and more.) */
function macrotask() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(null);
  });
}

/**
 * Owns one wasm instance and answers the requests that come in by an endpoint,
 * in a worker or on the page.
 */
export class Host {
  #endpoint;
  #alone;
  #engine;
  /** @type {Map<number, { cancelled: boolean }>} */
  #running = new Map();
  #ended = false;
  #listening = new AbortController();

  /**
   * @param {Endpoint} endpoint
   * @param {object} thread
   * @param {boolean} thread.alone Whether there is nothing else in this thread.
   * @param {() => Promise<import('./engine.js').Glue>} thread.newGlue Loads the wasm's JavaScript there.
   */
  constructor(endpoint, { alone, newGlue }) {
    this.#endpoint = endpoint;
    this.#alone = alone;
    this.#engine = new Engine(newGlue);
    endpoint.addEventListener('message', ({ data }) => void this.#take(data));
    const { signal } = this.#listening;
    // Node has no such events, and no GPU that could send them.
    globalThis.addEventListener?.('error', (event) => this.#unheard(event, event.error), { signal });
    globalThis.addEventListener?.('unhandledrejection', (event) => this.#unheard(event, event.reason), { signal });
    this.#engine.watch.failure.then((fault) => {
      if (!this.#ended) this.#broken(fault);
    });
  }

  /** Ends the instance. @param {DextrError} reason */
  stop(reason) {
    this.#ended = true;
    for (const call of this.#running.values()) call.cancelled = true;
    // An open that hangs in a trapped instance would keep the next from its turn.
    this.#engine.watch.fail(reason);
    this.#engine.watch.release();
  }

  /** From now on the errors of this thread are somebody else's. */
  deafen() {
    this.#listening.abort();
  }

  /** @param {HostRequest} request */
  async #take(request) {
    if ('cancel' in request) {
      const call = this.#running.get(request.cancel);
      if (call) call.cancelled = true;
      return;
    }
    const { id, method, argument } = request;
    this.#running.set(id, { cancelled: false });
    try {
      this.#reply({ id, value: await this.#engine.call(method, argument, this.#stepOf(id)) });
    } catch (thrown) {
      this.#reply({ id, error: (await this.#judge(thrown)).toFault() });
    } finally {
      this.#running.delete(id);
    }
  }

  /** @param {HostReply} reply */
  #reply(reply) {
    if (!this.#ended) this.#endpoint.postMessage(reply);
  }

  /** The instance cannot be trusted any more. @param {DextrError} fault */
  #broken(fault) {
    this.#reply({ broken: fault.toFault() });
    this.stop(fault);
  }

  /** The fault to report for what was thrown; the GPU's own report comes before it. @param {unknown} thrown */
  async #judge(thrown) {
    if (isFault(thrown) && thrown.code !== 'device-lost') return DextrError.from(thrown);
    await Promise.race([this.#engine.watch.settle(), new Promise((resolve) => setTimeout(resolve, LAST_WORDS))]);
    const fault = this.#engine.faultOf(thrown);
    // The engine takes whatever it cannot read for a loss; `watch` knows better.
    return new DextrError({ ...fault.toFault(), code: fault.code === 'device-lost' ? 'internal' : fault.code });
  }

  /** A trap after an `await` comes out of no call. @param {Event} event @param {unknown} thrown */
  #unheard(event, thrown) {
    // The page around us has errors of its own.
    if (!this.#alone && !(this.#running.size > 0 && thrown instanceof WebAssembly.RuntimeError)) return;
    event.preventDefault();
    this.#judge(thrown).then((fault) => this.#broken(fault));
  }

  /** @param {number} id */
  #stepOf(id) {
    let last = performance.now();
    return async (/** @type {number} */ done, /** @type {number} */ total) => {
      if (performance.now() - last >= SLICE) {
        this.#reply({ id, progress: { done, total } });
        await macrotask();
        last = performance.now();
      }
      return !this.#running.get(id)?.cancelled;
    };
  }
}
