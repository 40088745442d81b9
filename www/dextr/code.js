import { compileModule } from './module.js';

/**
 * @typedef {import('./module.js').LoadProgress} LoadProgress
 *
 * @typedef {object} Parts What an instance is made of.
 * @property {WebAssembly.Module} first What a first score needs.
 * @property {WebAssembly.Module} [rest] The other functions, where they are at hand.
 * @property {string} [address] Where they are otherwise.
 */

/**
 * The engine's code: what a first score needs is fetched at once, the rest when
 * something asks for it. Both are compiled once, for as many workers as are needed.
 */
export class Code {
  #where;
  /** @type {Promise<WebAssembly.Module> | undefined} */
  #rest;
  /** Fetched already. @type {WebAssembly.Module | undefined} */
  #here;

  /**
   * @param {WebAssembly.Module} first
   * @param {URL | undefined} where Its second part is; nothing where it is in one piece.
   */
  constructor(first, where) {
    this.first = first;
    this.#where = where;
  }

  /**
   * @param {URL | Promise<Response>} first
   * @param {URL | undefined} rest
   * @param {(progress: LoadProgress) => void} onProgress
   */
  static async load(first, rest, onProgress) {
    return new Code(await compileModule(first, onProgress), rest);
  }

  /** What there is now, for a new instance. @returns {Parts} */
  get parts() {
    return { first: this.first, rest: this.#here, address: this.#where?.href };
  }

  /** All of it. @returns {Promise<Parts>} */
  async whole() {
    if (this.#where) {
      this.#rest ??= compileModule(this.#where, () => {});
      try {
        this.#here = await this.#rest;
      } catch (error) {
        // The network may be back at the next try.
        this.#rest = undefined;
        throw error;
      }
    }
    return this.parts;
  }
}

/** What a first visit calls of itself: see `npm/visit.js`, by which the wasm is cut. */
const FIRST = new Set(['canonical', 'parse', 'choices', 'choose', 'neighbours', 'sample', 'inspect', 'unscored', 'score', 'singularValues', 'parseAll', 'list']);
const PROXIES = new Set(['dextr', 's', 'k', 'params', 'macs']);

/**
 * Whether the first part does for a call. A wrong yes costs the worker a wait for
 * the network in mid-call, a wrong no an early fetch.
 * @param {string} method
 * @param {any} argument
 */
export function isFirst(method, argument) {
  const asked = argument?.request ?? argument;
  if (!FIRST.has(method) || asked?.model) return false;
  // A list, or a text of names; what is wrong with it the engine says.
  return String(asked?.proxies ?? '').split(',').every((name) => !name || PROXIES.has(name.trim()));
}
