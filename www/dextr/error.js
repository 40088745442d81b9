/** @typedef {import('./dextr.js').Fault} Fault */

/**
 * @param {unknown} thrown
 * @returns {thrown is Fault}
 */
export function isFault(thrown) {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const { code, message } = /** @type {Record<string, unknown>} */ (thrown);
  return typeof code === 'string' && typeof message === 'string';
}

/** How browsers and the engine say that an allocation was refused. */
const NO_MEMORY = /out of memory|could not allocate|allocation (failed|size overflow|of \d+ bytes failed)/i;

/** Everything that Dextr throws: what went wrong, where, and what to do about it. */
export class DextrError extends Error {
  /**
   * @param {Fault} fault
   * @param {unknown} [cause]
   */
  constructor({ code, message, where, hint }, cause) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'DextrError';
    /** A stable word to branch on. */
    this.code = code;
    /** The place in the input, when there is one. */
    this.where = where;
    /** The cure, when there is one. */
    this.hint = hint;
  }

  /**
   * A typed error from whatever was thrown. What the core did not throw on
   * purpose is memory that is out, or a bug or a trap, which is called `internal`.
   * @param {unknown} thrown
   * @returns {DextrError}
   */
  static from(thrown) {
    if (thrown instanceof DextrError) return thrown;
    if (isFault(thrown)) return new DextrError(thrown);
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    if (NO_MEMORY.test(detail)) return DextrError.outOfMemory(detail, thrown);
    return new DextrError(
      {
        code: 'internal',
        message: `The engine stopped unexpectedly (${detail}).`,
        hint: 'Try again; if it happens again, please report it with the architecture and the settings.',
      },
      thrown,
    );
  }

  /**
   * @param {string} detail
   * @param {unknown} [cause]
   */
  static outOfMemory(detail, cause) {
    return new DextrError(
      {
        code: 'out-of-memory',
        message: `The engine’s memory is used up (${detail}).`,
        hint: 'Lower the input size, the width or the number of curves, or close other pages.',
      },
      cause,
    );
  }

  /**
   * The same as plain data, for a message to another thread.
   * @returns {Fault}
   */
  toFault() {
    return { code: this.code, message: this.message, where: this.where, hint: this.hint };
  }
}
