/**
 * @typedef {import('./dextr.js').Choice} Choice
 * @typedef {import('./dextr.js').Correlation} Correlation
 */

/** The first bytes tell kinds of files apart. */
const HEAD = 4096;

/** What can be asked of architectures, lists and numbers: none of it needs a device. */
export class Questions {
  #ask;

  /** @param {(method: string, argument: object) => Promise<any>} ask The engine. */
  constructor(ask) {
    this.#ask = ask;
  }

  /**
   * The architecture as it is written in results; throws where it is wrong.
   * @param {string} space
   * @param {string} arch
   * @returns {Promise<string>}
   */
  canonical(space, arch) {
    return this.#ask('canonical', { space, arch });
  }

  /**
   * The architecture as it is understood: in canonical form, with all that the
   * text may mean where it may mean several things, and a note where there is
   * something to know. `reading` decides (`naslib`), and so does a prefix of the
   * text (`naslib:…`).
   * @param {string} space
   * @param {string} arch
   * @param {{ reading?: string }} [options]
   * @returns {Promise<import('./dextr.js').Parsed>}
   */
  parse(space, arch, { reading } = {}) {
    return this.#ask('parse', { space, arch, reading });
  }

  /**
   * Reads a list as the command line does: plain text, CSV, JSON. What `wishes`
   * does not say is guessed, and `layout` says what it was read as.
   * @param {string} text
   * @param {string} space Of rows that name none, and are of no other alone.
   * @param {import('./dextr.js').Wishes} [wishes]
   * @returns {Promise<import('./dextr.js').List>}
   */
  readList(text, space, wishes = {}) {
    return this.#ask('readList', { text, space, wishes });
  }

  /**
   * Whether a file is a model by its first bytes, whatever it is called.
   * @param {Blob} file
   * @returns {Promise<boolean>}
   */
  async isModel(file) {
    const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
    return this.#ask('isModel', { head });
  }

  /**
   * What can be chosen in an architecture.
   * @param {string} space
   * @param {string} arch
   * @returns {Promise<Choice[]>}
   */
  choices(space, arch) {
    return this.#ask('choices', { space, arch });
  }

  /**
   * The architecture with one choice changed.
   * @param {string} space
   * @param {string} arch
   * @param {number} index Of the choice.
   * @param {string} value
   * @returns {Promise<string>}
   */
  choose(space, arch, index, value) {
    return this.#ask('choose', { space, arch, index, value });
  }

  /**
   * All architectures one choice away.
   * @param {string} space
   * @param {string} arch
   * @returns {Promise<string[]>}
   */
  neighbours(space, arch) {
    return this.#ask('neighbours', { space, arch });
  }

  /**
   * A random architecture; the same seed gives the same one.
   * @param {string} space
   * @param {number} seed
   * @returns {Promise<string>}
   */
  sample(space, seed) {
    return this.#ask('sample', { space, seed });
  }

  /**
   * Rank correlations with 95 % intervals; null where there are none.
   * @param {number[]} scores
   * @param {number[]} truth
   * @returns {Promise<Correlation | null>}
   */
  correlate(scores, truth) {
    return this.#ask('correlate', { scores, truth });
  }

  /**
   * How much better one column ranks the truth than another: the difference of
   * Spearman's ρ with its paired 95 % interval; null where there is none.
   * @param {number[]} a
   * @param {number[]} b
   * @param {number[]} truth
   * @returns {Promise<import('./dextr.js').Estimate | null>}
   */
  compare(a, b, truth) {
    return this.#ask('compare', { a, b, truth });
  }

  /**
   * AZ-NAS of each network of a pool, the sum of the logarithms of its ranks by
   * four parts (`az_expressivity`, `az_progressivity`, `az_trainability`,
   * `az_complexity`); NaN stands for a part that is not there.
   * @param {number[][]} parts Four numbers a network.
   * @returns {Promise<Float64Array>}
   */
  pooled(parts) {
    return this.#ask('pooled', { parts: parts.flat() });
  }
}
