import { compileModule } from './module.js';

/**
 * Where the engine's parts come from: files beside this one, files at another
 * address, or the page itself (the one-file build).
 * @typedef {object} Assets
 * @property {(onProgress: (progress: import('./module.js').LoadProgress) => void) => Promise<WebAssembly.Module>} compile
 * @property {() => string} glue Address of the wasm's JavaScript, new for each instance: a module is evaluated once
 *   for an address, and so is the instance in it.
 * @property {() => Worker} worker Throws where no worker can be made.
 */

let instances = 0;

/** The page's address, against which relative ones are read; in Node there is none. */
const here = () => globalThis.location?.href ?? import.meta.url;

/**
 * A worker whose script is on another origin: it may not be started from there,
 * but a script of our own may import it.
 * @param {URL} script
 */
function foreignWorker(script) {
  const source = URL.createObjectURL(new Blob([`import ${JSON.stringify(script.href)};`], { type: 'text/javascript' }));
  const worker = new Worker(source, { type: 'module', name: 'dextr' });
  worker.addEventListener('message', () => URL.revokeObjectURL(source), { once: true });
  return worker;
}

/**
 * The files of this package: beside this one, or below `base`.
 * @param {{ base?: string | URL, wasm?: string | URL }} places
 * @returns {Assets}
 */
export function files({ base, wasm }) {
  const below = base === undefined ? undefined : new URL(base, here());
  // Bundlers look for `new URL('…', import.meta.url)` in just this form.
  const own = {
    wasm: () => new URL('./dextr_bg.wasm', import.meta.url),
    glue: () => new URL('./dextr.js', import.meta.url),
    worker: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'dextr' }),
  };
  const module = wasm !== undefined ? new URL(wasm, here()) : below ? new URL('dextr_bg.wasm', below) : own.wasm();
  const glue = below ? new URL('dextr.js', below) : own.glue();
  const script = new URL('worker.js', below ?? import.meta.url);
  return {
    compile: (onProgress) => compileModule(module, onProgress),
    glue: () => `${glue.href}?instance=${instances++}`,
    worker() {
      if (script.origin !== globalThis.location?.origin) return foreignWorker(script);
      return below ? new Worker(script, { type: 'module', name: 'dextr' }) : own.worker();
    },
  };
}
