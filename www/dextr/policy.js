/**
 * Hears whether the page's content policy forbade a fetch. A fetch that it
 * forbids fails like one without a network; the browser says why by an event
 * alone, which comes a little later.
 */
export class PolicyWatch {
  #forbade = false;
  #target;
  #listener;

  constructor() {
    // Workers have the event on their global object. Node has no such events.
    this.#target = globalThis.document ?? globalThis;
    this.#listener = (/** @type {any} */ event) => {
      if (event.effectiveDirective === 'connect-src' || event.violatedDirective === 'connect-src') this.#forbade = true;
    };
    this.#target.addEventListener?.('securitypolicyviolation', this.#listener);
  }

  /** Whether it did, once the browser had time to say so. */
  async forbade() {
    await new Promise((resolve) => setTimeout(resolve));
    await new Promise((resolve) => setTimeout(resolve));
    return this.#forbade;
  }

  end() {
    this.#target.removeEventListener?.('securitypolicyviolation', this.#listener);
  }
}
