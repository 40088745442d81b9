import { DextrError } from './error.js';
import { cancelled, Link } from './link.js';
import { compileModule } from './module.js';

export { DextrError };

/**
 * @typedef {import('./dextr.js').Device} Device
 * @typedef {import('./dextr.js').DeviceChoice} DeviceChoice
 * @typedef {import('./dextr.js').Inspection} Inspection
 * @typedef {import('./dextr.js').Score} Score
 * @typedef {import('./dextr.js').ScoreRequest} ScoreRequest
 * @typedef {import('./dextr.js').Space} Space
 * @typedef {import('./module.js').LoadProgress | { stage: 'score', done: number, total: number }} Progress
 *
 * @typedef {object} LoadOptions
 * @property {DeviceChoice} [device]
 * @property {string | URL} [wasm] Where the wasm is, when not beside this file.
 * @property {(progress: Progress) => void} [onProgress]
 *
 * @typedef {object} RunOptions
 * @property {AbortSignal} [signal]
 * @property {(progress: Progress) => void} [onProgress]
 */

/** After these the instance cannot be trusted: it is replaced, and the item tried once more. */
const BROKEN = new Set(['internal', 'device-lost', 'out-of-memory']);

/** Scores neural architectures before training, on this device. */
export class Dextr {
  /** @type {WebAssembly.Module} */
  #module;
  /** @type {DeviceChoice} */
  #choice;
  /** @type {Promise<Link> | null} */
  #link = null;
  /** @type {import('./host.js').OpenAnswer | null} */
  #opened = null;
  /** @type {Promise<unknown>} The last score asked for: one instance runs one at a time. */
  #queue = Promise.resolve();
  #disposed = false;

  /**
   * @param {WebAssembly.Module} module
   * @param {DeviceChoice} choice
   */
  constructor(module, choice) {
    this.#module = module;
    this.#choice = choice;
  }

  /**
   * Fetches the engine and opens a device. `auto` takes the CPU where there is
   * no real GPU, and `device` says why; `webgpu` fails there instead.
   * @param {LoadOptions} [options]
   * @returns {Promise<Dextr>}
   */
  static async load({ device = 'auto', wasm, onProgress = () => {} } = {}) {
    const url = new URL(wasm ?? './dextr_bg.wasm', import.meta.url);
    const dextr = new Dextr(await compileModule(url, onProgress), device);
    onProgress({ stage: 'start' });
    await dextr.#open();
    return dextr;
  }

  /** The device really used, and for a CPU the reason. @returns {Device} */
  get device() {
    return this.#facts.device;
  }

  /** @returns {Space[]} */
  get spaces() {
    return this.#facts.spaces;
  }

  /** @returns {string} */
  get version() {
    return this.#facts.version;
  }

  get #facts() {
    return /** @type {import('./host.js').OpenAnswer} */ (this.#opened);
  }

  /**
   * The architecture as it is written in results; throws where it is wrong.
   * @param {string} space
   * @param {string} arch
   * @returns {Promise<string>}
   */
  canonical(space, arch) {
    return this.#call('canonical', { space, arch }, {});
  }

  /**
   * Layers, shapes, parameters and multiply-accumulates, without scoring.
   * @param {ScoreRequest} request
   * @returns {Promise<Inspection>}
   */
  inspect(request) {
    return this.#call('inspect', request, {});
  }

  /**
   * Scores one architecture. Scores asked for meanwhile wait their turn. The
   * second argument may carry settings too, which win over the request's.
   * @param {ScoreRequest} request
   * @param {RunOptions & Partial<ScoreRequest>} [options]
   * @returns {Promise<Score>}
   */
  score(request, { signal, onProgress, ...settings } = {}) {
    // A setting that is undefined is one that was left out.
    const given = Object.entries({ ...request, ...settings }).filter(([, value]) => value !== undefined);
    const run = () =>
      this.#call('score', Object.fromEntries(given), {
        signal,
        onSteps: (steps) => onProgress?.({ stage: 'score', ...steps }),
      });
    const result = this.#queue.then(run);
    this.#queue = result.catch(() => {});
    return result;
  }

  /** Frees the worker and the device. What is under way fails with `disposed`. */
  dispose() {
    this.#disposed = true;
    this.#link?.then((link) => link.close(disposed()), () => {});
  }

  /**
   * @param {string} method
   * @param {unknown} argument
   * @param {import('./link.js').CallOptions} options
   */
  async #call(method, argument, options) {
    for (let attempt = 1; ; attempt++) {
      if (options.signal?.aborted) throw cancelled();
      const link = await this.#open();
      try {
        return await link.call(method, argument, options);
      } catch (error) {
        const fault = DextrError.from(error);
        if (!BROKEN.has(fault.code)) throw fault;
        link.close(fault);
        if (attempt > 1) throw fault;
      }
    }
  }

  /** The open link, or a new one when the last was closed. @returns {Promise<Link>} */
  async #open() {
    if (this.#disposed) throw disposed();
    const before = this.#link;
    const current = await before;
    if (current && !current.closed) return current;
    // While this waited, another call may have begun to open one.
    if (this.#link !== before) return this.#open();
    const opening = Link.open(this.#module, this.#choice).then(({ link, opened }) => {
      this.#opened = opened;
      return link;
    });
    this.#link = opening;
    opening.catch(() => {
      this.#link = null;
    });
    return opening;
  }
}

function disposed() {
  return new DextrError({ code: 'disposed', message: 'This Dextr was disposed of.', hint: 'Load another.' });
}
