/**
 * The parts of the engine inside a bundle, in the place of `dextr/assets.js`:
 * the worker starts from its text, whatever the address of the bundle is.
 */
import makeGlue from 'bundled:glue';
import workerText from 'bundled:worker';

export { rest, wasm } from 'bundled:wasm';

/** @type {string | undefined} */
let address;

/** Throws, or has an `error`, where no worker can be made. */
export function startWorker() {
  address ??= URL.createObjectURL(new Blob([workerText], { type: 'text/javascript' }));
  return new Worker(address, { name: 'dextr' });
}

/** The wasm's JavaScript for one more instance in this thread. */
export async function newGlue() {
  return makeGlue();
}
