/** Lets so many at a time work, in the order in which they came. */
export class Turns {
  #most;
  /** Those that have not begun. @type {(() => void)[]} */
  #waiting = [];
  #running = 0;

  /** @param {() => number} most */
  constructor(most) {
    this.#most = most;
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   * @param {boolean} [urgent] Whether it goes before all that waits.
   * @returns {Promise<T>}
   */
  async take(work, urgent = false) {
    // Whoever ends hands its place over.
    if (this.#running >= this.#most()) {
      await new Promise((resolve) => {
        const begin = () => resolve(undefined);
        if (urgent) this.#waiting.unshift(begin);
        else this.#waiting.push(begin);
      });
    } else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#running <= this.#most() ? this.#waiting.shift() : undefined;
      if (next) next();
      else this.#running--;
    }
  }
}
