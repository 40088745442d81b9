/** Says things to screen readers, by a live region that nobody sees. */
export class Announcer {
  #region;
  #odd = false;

  /** @param {HTMLElement} region */
  constructor(region) {
    this.#region = region;
  }

  /** @param {string} text */
  say(text) {
    // The same words twice are only read when something differs.
    this.#odd = !this.#odd;
    this.#region.replaceChildren(this.#odd ? text : `${text}\u00a0`);
  }
}
