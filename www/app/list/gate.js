/** A gate that can be closed for a while. */
export class Gate {
  /** @type {Promise<void> | null} */
  #closed = null;
  #open = () => {};

  close() {
    this.#closed ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open() {
    this.#closed = null;
    this.#open();
  }

  /** Until the gate is open. */
  async passed() {
    await this.#closed;
  }
}
