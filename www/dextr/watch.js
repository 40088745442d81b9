import { DextrError } from './error.js';
import { withTimestamps } from './timestamps.js';

/**
 * @typedef {{ error: { message: string } }} UncapturedEvent
 * @typedef {object} GpuDevice What is used here of a `GPUDevice`.
 * @property {Promise<{ reason: string, message: string }>} lost
 * @property {(type: 'uncapturederror', listener: (event: Event & UncapturedEvent) => void) => void} addEventListener
 * @property {(filter: string) => void} pushErrorScope
 * @property {() => Promise<unknown>} popErrorScope
 * @property {() => void} destroy
 */

/** Firefox refuses the commands of a lost device before it says that it is lost: so much later, in milliseconds. */
const LOSS_LATE = 300;

const ON_CPU = 'or choose the device "cpu"';

/** @param {{ reason: string, message: string }} info */
function lost({ reason, message }) {
  return new DextrError({
    code: 'device-lost',
    message: `The GPU was lost (${message || reason}).`,
    hint: `Try again; if it happens again, close other programs that use the GPU, update its driver, ${ON_CPU}.`,
  });
}

/** @param {{ message: string }} error */
function uncaptured(error) {
  const { name } = error.constructor;
  if (name === 'GPUOutOfMemoryError') {
    return new DextrError({
      code: 'out-of-memory',
      message: `The GPU’s memory is used up (${error.message || name}).`,
      hint: `Close other pages that use the GPU, lower the input size, the width or the number of curves, ${ON_CPU}.`,
    });
  }
  return new DextrError({
    code: 'internal',
    message: `The GPU refused a command (${error.message || name}).`,
    hint: `Update the browser, ${ON_CPU}; please report it with the architecture, the settings and the GPU’s name.`,
  });
}

/** Opens that are listened to take turns: they share a prototype. */
let turn = Promise.resolve();

/**
 * Hears of what happens to the WebGPU devices of one instance. The engine keeps
 * its device to itself, stops at the first uncaptured error and may wait for
 * ever for a lost device, so JavaScript listens itself.
 */
export class DeviceWatch {
  /** @type {GpuDevice[]} */
  #devices = [];
  /** What is told of and not yet judged. @type {Promise<void>[]} */
  #judged = [];
  #released = false;
  /** Ends what is being opened, with the reason. @type {(fault: DextrError) => void} */
  fail = () => {};
  /** The first thing that went wrong. @type {Promise<DextrError>} */
  failure = new Promise((resolve) => {
    this.fail = resolve;
  });

  /**
   * Runs `open` and watches the devices it asks for; fails with what becomes of them.
   * @template T
   * @param {() => Promise<T>} open
   * @returns {Promise<T>}
   */
  during(open) {
    const result = turn.then(() => this.#during(open));
    turn = result.then(() => {}, () => {});
    return result;
  }

  /** @template T @param {() => Promise<T>} open @returns {Promise<T>} */
  async #during(open) {
    const prototype = /** @type {any} */ (globalThis).GPUAdapter?.prototype;
    if (!prototype) return open();
    const original = prototype.requestDevice;
    let listening = true;
    const watch = (/** @type {GpuDevice} */ device) => {
      if (listening) this.#watch(device);
    };
    /** @this {unknown} @param {unknown[]} parameters */
    function requestDevice(...parameters) {
      const device = Reflect.apply(original, this, parameters);
      // Listeners are called in the order they came: these before the engine's.
      device.then(watch, () => {});
      return device;
    }
    prototype.requestDevice = requestDevice;
    try {
      // An open may hang for ever: what was changed for it is put back as soon as it has failed.
      const failed = this.failure.then((fault) => Promise.reject(fault));
      return await withTimestamps(() => Promise.race([open(), failed]));
    } finally {
      listening = false;
      // Someone may have put another over it since: then it only passes calls on.
      if (prototype.requestDevice === requestDevice) prototype.requestDevice = original;
    }
  }

  /** @param {GpuDevice} device */
  #watch(device) {
    this.#devices.push(device);
    device.lost.then((info) => {
      if (!this.#released) this.fail(lost(info));
    });
    device.addEventListener('uncapturederror', (event) => {
      // The engine would only stop, with less to say.
      event.stopImmediatePropagation();
      this.#judged.push(this.#judge(device, event.error));
    });
  }

  /** An error of a device that is lost says less than its loss. @param {GpuDevice} device @param {{ message: string }} error */
  async #judge(device, error) {
    await Promise.race([device.lost, new Promise((resolve) => setTimeout(resolve, LOSS_LATE))]);
    if (!this.#released) this.fail(uncaptured(error));
  }

  /**
   * Waits until everything that has gone wrong so far has been heard of: an
   * error scope ends after the errors of what was submitted before it.
   */
  async settle() {
    await Promise.all(this.#devices.map((device) => {
      device.pushErrorScope('validation');
      return device.popErrorScope().catch(() => {});
    }));
    await Promise.all(this.#judged);
  }

  /** Gives the devices back; what happens to them from here on is of no interest. */
  release() {
    this.#released = true;
    for (const device of this.#devices) device.destroy();
    this.#devices = [];
  }
}
