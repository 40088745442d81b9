import { Dextr } from '../dextr/index.js';

/** @typedef {import('../dextr/index.js').DeviceChoice} DeviceChoice */
/** @typedef {(progress: import('../dextr/index.js').Progress) => void} Listener */
/** @typedef {{ dextr: Promise<Dextr>, users: Set<Hold>, listeners: Set<Listener> }} Engine */

/** One engine of a device for all elements of a page. @type {Map<DeviceChoice, Engine>} */
const engines = new Map();

/** @param {DeviceChoice} device @returns {Engine} */
function engineOf(device) {
  const known = engines.get(device);
  if (known) return known;
  /** @type {Set<Listener>} */
  const listeners = new Set();
  const dextr = Dextr.load({ device, workers: 1, onProgress: (progress) => listeners.forEach((listen) => listen(progress)) });
  const engine = { dextr, users: new Set(), listeners };
  engines.set(device, engine);
  // What could not be loaded is tried anew the next time.
  dextr.catch(() => engines.delete(device));
  return engine;
}

/** An element's hold on the engine of a device, which goes when nobody holds it any more. */
export class Hold {
  #device;
  #listener;
  #engine;

  /**
   * @param {DeviceChoice} device
   * @param {Listener} onProgress Of the loading.
   */
  constructor(device, onProgress) {
    this.#device = device;
    this.#listener = onProgress;
    this.#engine = engineOf(device);
    this.#engine.users.add(this);
    this.#engine.listeners.add(onProgress);
  }

  /** Fails where the engine cannot be loaded. */
  get dextr() {
    return this.#engine.dextr;
  }

  /** Gives the engine back; a second time does nothing. */
  release() {
    const { users, listeners, dextr } = this.#engine;
    if (!users.delete(this)) return;
    listeners.delete(this.#listener);
    if (users.size > 0) return;
    if (engines.get(this.#device) === this.#engine) engines.delete(this.#device);
    dextr.then((loaded) => loaded.dispose(), () => {});
  }
}
