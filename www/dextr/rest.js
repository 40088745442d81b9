import { DextrError } from './error.js';
import { readFile } from './module.js';

/**
 * The wasm's second part, for one instance. Its functions have placeholders in
 * the first part's table; when one of them is called before they are there, the
 * part is fetched then and there, while the instance waits.
 */
export class Rest {
  #address;
  #onFailure;
  #there = false;

  /**
   * @param {string | undefined} address Where it is; nothing where the wasm is in one piece.
   * @param {(fault: DextrError) => void} onFailure Hears when it cannot be had in mid-call: the instance is no good then.
   */
  constructor(address, onFailure) {
    this.#address = address;
    this.#onFailure = onFailure;
  }

  /**
   * Puts its functions into the table.
   * @param {WebAssembly.Exports} first
   * @param {WebAssembly.Module | undefined} module
   */
  async add(first, module) {
    if (!module || this.#there) return;
    await WebAssembly.instantiate(module, { first });
    this.#there = true;
  }

  /**
   * Answers a call of a placeholder.
   * @param {WebAssembly.Exports} first
   * @param {string} slot Its place in the table.
   * @param {unknown[]} values
   */
  call(first, slot, values) {
    if (!this.#there) this.#addNow(first);
    const table = Object.values(first).find((value) => value instanceof WebAssembly.Table);
    return /** @type {WebAssembly.Table} */ (table).get(Number(slot))(...values);
  }

  /** @param {WebAssembly.Exports} first */
  #addNow(first) {
    try {
      new WebAssembly.Instance(new WebAssembly.Module(this.#fetched()), { first });
    } catch (error) {
      const fault = DextrError.from(error);
      this.#onFailure(fault);
      throw fault;
    }
    this.#there = true;
  }

  /** @returns {BufferSource} */
  #fetched() {
    const url = new URL(/** @type {string} */ (this.#address));
    const file = url.protocol === 'file:' && readFile(url);
    if (file) return file;
    const request = new XMLHttpRequest();
    request.open('GET', url, false);
    request.responseType = 'arraybuffer';
    try {
      request.send();
    } catch (error) {
      throw missing(url, 'the server cannot be reached', error);
    }
    if (request.status !== 200) throw missing(url, `the server answered ${request.status}`);
    return request.response;
  }
}

/** @param {URL} url @param {string} why @param {unknown} [cause] */
function missing(url, why, cause) {
  return new DextrError({
    code: 'load-failed', message: `The engine’s second part could not be fetched: ${why}.`, where: url.pathname,
    hint: 'Check the connection and try again.',
  }, cause);
}
