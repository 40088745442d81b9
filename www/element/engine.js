import { Dextr } from '../dextr/index.js';

/** @typedef {import('../dextr/index.js').DeviceChoice} DeviceChoice */
/** @typedef {(progress: import('../dextr/index.js').Progress) => void} Listener */

/** @type {Map<DeviceChoice, { dextr: Promise<Dextr>, users: number, listeners: Set<Listener> }>} */
const engines = new Map();

/**
 * The engine of a device, one for all elements of a page. Give it back by
 * `release` when it is not needed any more.
 * @param {DeviceChoice} device
 * @param {Listener} onProgress Of the loading.
 * @returns {{ dextr: Promise<Dextr>, release: () => void }}
 */
export function acquire(device, onProgress) {
  let engine = engines.get(device);
  if (!engine) {
    /** @type {Set<Listener>} */
    const listeners = new Set();
    const dextr = Dextr.load({ device, onProgress: (progress) => listeners.forEach((listen) => listen(progress)) });
    engine = { dextr, users: 0, listeners };
    engines.set(device, engine);
    // What could not be loaded is tried anew the next time.
    dextr.catch(() => engines.delete(device));
  }
  const { dextr, listeners } = engine;
  const mine = engine;
  mine.users++;
  listeners.add(onProgress);
  let held = true;
  return {
    dextr,
    release() {
      if (!held) return;
      held = false;
      listeners.delete(onProgress);
      if (--mine.users > 0) return;
      if (engines.get(device) === mine) engines.delete(device);
      dextr.then((loaded) => loaded.dispose(), () => {});
    },
  };
}
