import { pagePlace, workerPlace } from './endpoint.js';
import { DextrError } from './error.js';
import { findGpu } from './gpu.js';
import { cancelled, Link } from './link.js';

/**
 * @typedef {import('./dextr.js').DeviceChoice} DeviceChoice
 * @typedef {import('./engine.js').OpenAnswer} OpenAnswer
 * @typedef {{ link: Link, opened: OpenAnswer }} Open
 */

/** After these an instance cannot be trusted. */
const BROKEN = new Set(['internal', 'device-lost', 'out-of-memory']);

/** @param {DextrError} fault */
export function isBroken({ code }) {
  return BROKEN.has(code);
}

/** @returns {DextrError} */
export function disposed() {
  return new DextrError({ code: 'disposed', message: 'This Dextr was disposed of.', hint: 'Load another.' });
}

/**
 * Tries the GPU in a worker, the GPU on the page, the CPU in a worker and the
 * CPU on the page, in this order: some browsers have WebGPU on the page alone,
 * and an embedded page may have no workers.
 * @param {import('./code.js').Code} code
 * @param {DeviceChoice} choice
 * @returns {Promise<Open>}
 */
async function openFirst(code, choice) {
  const place = await workerPlace().catch(() => pagePlace());
  const first = await Link.open(place, code, choice);
  const { reason } = first.opened.device;
  const hidden = place.thread === 'worker' && (reason === 'no-webgpu' || reason === 'no-adapter');
  if (choice === 'cpu' || !hidden || (await findGpu(choice)).absence) return first;
  const second = await Link.open(pagePlace(), code, choice).catch(() => null);
  const better = second?.opened.device.kind === 'webgpu';
  (better ? first : second)?.link.close(disposed());
  return second && better ? second : first;
}

/** @param {import('./code.js').Code} code @param {DeviceChoice} choice */
async function openAsked(code, choice) {
  const open = await openFirst(code, choice);
  const { kind, reason, message } = open.opened.device;
  if (choice !== 'webgpu' || kind === 'webgpu') return open;
  open.link.close(disposed());
  throw new DextrError({
    code: reason ?? 'no-webgpu',
    message: `WebGPU was asked for, but ${message}`,
    hint: 'Choose the device "auto" or "cpu".',
  });
}

/** Runs calls on one device, whose instance is replaced when it breaks. */
export class Runner {
  #code;
  #choice;
  /** @type {Promise<Link> | null} */
  #link = null;
  #disposed = false;
  /** What is tried again, one after the other; nothing else begins meanwhile. @type {Promise<void>} */
  #retries = Promise.resolve();
  /** What the last instance said of itself. @type {OpenAnswer | null} */
  opened = null;
  /** Where it runs. @type {'worker' | 'page' | null} */
  thread = null;

  /**
   * @param {import('./code.js').Code} code
   * @param {DeviceChoice} choice
   */
  constructor(code, choice) {
    this.#code = code;
    this.#choice = choice;
  }

  /**
   * Does `work`, and once more on a new instance when the first one broke.
   * @template T
   * @param {(link: Link) => Promise<T>} work
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  async run(work, signal) {
    await this.#retries;
    try {
      return await this.#attempt(work, signal);
    } catch (error) {
      if (!isBroken(DextrError.from(error))) throw error;
    }
    // An instance takes all that was under way with it. So everything is tried
    // again alone: what breaks the next one too breaks it for itself.
    const retry = this.#retries.then(() => this.#attempt(work, signal));
    this.#retries = retry.then(() => {}, () => {});
    return retry;
  }

  /**
   * @template T
   * @param {(link: Link) => Promise<T>} work
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  async #attempt(work, signal) {
    if (signal?.aborted) throw cancelled();
    /** @type {Link | undefined} */
    let link;
    try {
      link = await this.#open();
      return await work(link);
    } catch (error) {
      const fault = DextrError.from(error);
      if (isBroken(fault)) await link?.close(fault);
      throw fault;
    }
  }

  /** Frees the worker and the device. What is under way fails with `disposed`. */
  dispose() {
    this.#disposed = true;
    this.#link?.then((link) => link.close(disposed()), () => {});
  }

  /** The open link, or a new one when the last was closed. @returns {Promise<Link>} */
  async #open() {
    if (this.#disposed) throw disposed();
    const before = this.#link;
    const current = await before;
    if (current && !current.closed) return current;
    // While this waited, another call may have begun to open one.
    if (this.#link !== before) return this.#open();
    const opening = openAsked(this.#code, this.#choice).then(({ link, opened }) => {
      this.opened = opened;
      this.thread = link.thread;
      return link;
    });
    this.#link = opening;
    opening.catch(() => {
      this.#link = null;
    });
    return opening;
  }
}
