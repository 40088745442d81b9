import { newGlue, startWorker } from './assets.js';
import { serve } from './host.js';

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
      resolve({
        thread: 'worker',
        endpoint: worker,
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
  const host = serve(port2, { alone: false, newGlue });
  port1.start();
  port2.start();
  return {
    thread: 'page',
    endpoint: port1,
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
