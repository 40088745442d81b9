import { serve } from './host.js';

/**
 * A place where a host runs.
 * @typedef {object} Place
 * @property {'worker' | 'page'} thread
 * @property {import('./host.js').Endpoint} endpoint
 * @property {string} glue Address of the wasm's JavaScript, new for each instance.
 * @property {(reason: import('./error.js').DextrError) => Promise<void>} stop Resolves when nothing more is to be heard of it.
 * @property {(listener: (error: unknown) => void) => void} onCrash Hears of what the host cannot report itself.
 */

/** What an abandoned score on the page may still do until it stops, in milliseconds. */
const AFTERMATH = 500;

let instances = 0;

/** Fails where no worker can be made, as in some sandboxed pages. @returns {Promise<Place>} */
export function workerPlace() {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'dextr' });
    const failed = () => {
      worker.terminate();
      reject(new Error('the worker could not be started'));
    };
    worker.addEventListener('error', failed, { once: true });
    worker.addEventListener('message', () => {
      worker.removeEventListener('error', failed);
      resolve({
        thread: 'worker',
        endpoint: worker,
        glue: new URL('./dextr.js', import.meta.url).href,
        stop: async () => worker.terminate(),
        onCrash: (listener) =>
          worker.addEventListener('error', (event) => {
            event.preventDefault();
            listener(event.error ?? event.message);
          }),
      });
    }, { once: true });
  });
}

/** The page's own thread. @returns {Place} */
export function pagePlace() {
  const { port1, port2 } = new MessageChannel();
  const host = serve(port2, { alone: false });
  port1.start();
  port2.start();
  // A module is evaluated once for an address, and so is the instance in it.
  const glue = new URL(`./dextr.js?instance=${instances++}`, import.meta.url).href;
  return {
    thread: 'page',
    endpoint: port1,
    glue,
    async stop(reason) {
      host.stop(reason);
      port1.close();
      // Whose a trap is cannot be seen: one that comes late would be taken for the next instance's.
      await new Promise((resolve) => setTimeout(resolve, AFTERMATH));
      host.deafen();
    },
    onCrash() {},
  };
}
