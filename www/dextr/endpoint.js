import { newGlue, startWorker } from './assets.js';
import { Host } from './host.js';

/**
 * A place where a host runs.
 * @typedef {object} Place
 * @property {'worker' | 'page'} thread
 * @property {import('./host.js').Endpoint} endpoint
 * @property {(reason: import('./error.js').DextrError) => Promise<void>} stop Resolves when nothing more is to be heard of it.
 * @property {(listener: (error: unknown) => void) => void} onCrash Hears of what the host cannot report itself.
 */

/** What an abandoned score on the page may still do until it stops, in milliseconds. */
const AFTERMATH = 500;

/** A worker of the host's own. @implements {Place} */
class WorkerPlace {
  thread = /** @type {const} */ ('worker');

  /** @param {Worker} worker */
  constructor(worker) {
    this.endpoint = worker;
  }

  async stop() {
    this.endpoint.terminate();
  }

  /** @param {(error: unknown) => void} listener */
  onCrash(listener) {
    this.endpoint.addEventListener('error', (event) => {
      event.preventDefault();
      listener(event.error ?? event.message);
    });
  }
}

/** The page's own thread. @implements {Place} */
class PagePlace {
  thread = /** @type {const} */ ('page');
  #host;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.endpoint = port1;
    this.#host = new Host(port2, { alone: false, newGlue });
    port1.start();
    port2.start();
  }

  /** @param {import('./error.js').DextrError} reason */
  async stop(reason) {
    this.#host.stop(reason);
    this.endpoint.close();
    // Whose a trap is cannot be seen: one that comes late would be taken for the next instance's.
    await new Promise((resolve) => setTimeout(resolve, AFTERMATH));
    this.#host.deafen();
  }

  onCrash() {}
}

/** Fails where no worker can be made, as in some sandboxed pages. @returns {Promise<Place>} */
export function workerPlace() {
  return new Promise((resolve, reject) => {
    const worker = startWorker();
    const failed = () => {
      worker.terminate();
      reject(new Error('the worker could not be started'));
    };
    worker.addEventListener('error', failed, { once: true });
    worker.addEventListener('message', () => {
      worker.removeEventListener('error', failed);
      resolve(new WorkerPlace(worker));
    }, { once: true });
  });
}

/** @returns {Place} */
export function pagePlace() {
  return new PagePlace();
}
