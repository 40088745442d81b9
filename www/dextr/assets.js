/**
 * Where the parts of the engine are: beside this file. A bundle has another
 * module in the place of this one, with the parts inside.
 */

let instances = 0;

/** The engine. @returns {URL | Promise<Response>} */
export function wasm() {
  return new URL('./dextr_bg.wasm', import.meta.url);
}

/** What a first score does not need of it; nothing where it is in one piece. @returns {URL | undefined} */
export function rest() {
  return new URL('./dextr_rest.wasm', import.meta.url);
}

/** Throws, or has an `error`, where no worker can be made. */
export function startWorker() {
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'dextr' });
}

/**
 * The wasm's JavaScript for one more instance in this thread. A module is
 * evaluated once for an address, and so is the instance in it.
 * @returns {Promise<typeof import('./dextr.js')>}
 */
export function newGlue() {
  return import(new URL(`./dextr.js?instance=${instances++}`, import.meta.url).href);
}
