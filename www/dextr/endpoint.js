import { serve } from './host.js';

/**
 * A place where a host runs.
 * @typedef {object} Place
 * @property {'worker' | 'page'} thread
 * @property {import('./host.js').Endpoint} endpoint
 * @property {string} glue Address of the wasm's JavaScript, new for each instance.
 * @property {() => void} stop
 * @property {(listener: (error: unknown) => void) => void} onCrash Hears of traps that no call reports.
 */

let instances = 0;

/** @returns {Promise<Place>} */
function worker() {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'dextr' });
    const stop = () => worker.terminate();
    const failed = () => {
      stop();
      reject(new Error('the worker could not be started'));
    };
    worker.addEventListener('error', failed, { once: true });
    worker.addEventListener('message', () => {
      worker.removeEventListener('error', failed);
      resolve({
        thread: 'worker',
        endpoint: worker,
        glue: new URL('./dextr.js', import.meta.url).href,
        stop,
        onCrash: (listener) =>
          worker.addEventListener('error', (event) => {
            event.preventDefault();
            listener(event.error ?? event.message);
          }),
      });
    }, { once: true });
  });
}

/** @returns {Place} */
function page() {
  const { port1, port2 } = new MessageChannel();
  const crashes = new AbortController();
  serve(port2);
  port1.start();
  port2.start();
  // A module is evaluated once for an address, and so is the instance in it.
  const glue = new URL(`./dextr.js?instance=${instances++}`, import.meta.url).href;
  return {
    thread: 'page',
    endpoint: port1,
    glue,
    stop() {
      crashes.abort();
      port1.close();
    },
    onCrash(listener) {
      /** @param {Event} event @param {unknown} error */
      const trap = (event, error) => {
        // The page around us has errors of its own.
        if (!(error instanceof WebAssembly.RuntimeError)) return;
        event.preventDefault();
        listener(error);
      };
      const { signal } = crashes;
      globalThis.addEventListener('error', (event) => trap(event, event.error), { signal });
      globalThis.addEventListener('unhandledrejection', (event) => trap(event, event.reason), { signal });
    },
  };
}

/**
 * A worker where one can be made, the page's own thread otherwise (an embedded,
 * sandboxed page may have none).
 * @returns {Promise<Place>}
 */
export async function openPlace() {
  try {
    return await worker();
  } catch {
    return page();
  }
}
