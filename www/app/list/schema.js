import { EVIDENCE, PROXY, PROXY_PARTS } from './row.js';

/** @typedef {import('./row.js').Cell} Cell */
/** @typedef {import('./row.js').Column} Column */
/** @typedef {import('./row.js').NewRow} NewRow */
/** @typedef {import('./row.js').Row} Row */

/** What a row is, as the engine says it. */
export class RowSchema {
  #columns;
  #names;
  #identity;

  /** @param {import('../../dextr/dextr.js').Column[]} columns */
  constructor(columns) {
    this.#columns = columns;
    this.#names = new Set(columns.map(({ name }) => name));
    this.#identity = /** @type {Column[]} */ (columns.filter(({ role }) => role === 'identity').map(({ name }) => name));
  }

  /** The columns that decide whether two rows are the same experiment. */
  get identity() {
    return this.#identity;
  }

  /** Whether a result has a column or evidence of this name. @param {string} name */
  reserves(name) {
    return this.#names.has(name) || EVIDENCE.includes(name);
  }

  /** The columns of a row that was asked for these proxies, and whether they hold numbers. @param {Cell | undefined} proxies */
  columnsFor(proxies) {
    const own = this.#columns.map(({ name, kind }) => ({ name, numeric: kind !== 'text' }));
    const others = String(proxies ?? PROXY).split(',').map((name) => name.trim());
    const asked = others.filter((name, index) => name !== '' && !this.reserves(name) && !(index === 0 && name === PROXY));
    const more = asked.flatMap((name) => [name, ...PROXY_PARTS[name] ?? []]);
    return [...own, ...more.map((name) => ({ name, numeric: true }))];
  }

  /**
   * The own cells of a row that was saved. CSV cannot tell nothing from an empty
   * text: a text that is not there is empty, a number is none.
   * @param {Map<string, Cell>} cells
   */
  own(cells) {
    const columns = this.columnsFor(cells.get('proxies'));
    const texts = this.#columns.filter(({ kind }) => kind === 'text');
    const filled = new Map([...texts.map(({ name }) => /** @type {[string, string]} */ ([name, ''])), ['proxies', PROXY]]);
    return /** @type {Row['own']} */ (Object.fromEntries(columns.map(({ name }) => [name, (cells.get(name) === '' ? null : cells.get(name)) ?? filled.get(name) ?? null])));
  }

  /** The same text for rows that say the same. @param {Row | NewRow} row */
  keyOf({ own, others }) {
    // Rows that were kept before a column was there have nothing in it.
    return JSON.stringify([this.#identity.map((name) => own[name] ?? ''), [...others]]);
  }

  /** The same text for rows whose scores are comparable. @param {Row} row */
  settingOf({ own }) {
    // The first proxy is the score; the others stand beside it.
    const part = (/** @type {Column} */ name) => (name === 'proxies' ? String(own.proxies ?? PROXY).split(',')[0] : own[name] ?? '');
    return JSON.stringify(this.#identity.map((name) => (name === 'arch' || name === 'seed' ? null : part(name))));
  }

  /**
   * Names for the input's other columns that no result column has: as the command
   * line does it, `input_` goes before one that is taken.
   * @param {string[]} others
   */
  freeNames(others) {
    /** @type {string[]} */
    const free = [];
    const given = new Set(others);
    const used = new Set();
    const taken = (/** @type {string} */ name) => this.reserves(name) || used.has(name);
    for (const other of others) {
      let name = other;
      if (taken(name)) while (taken(name) || given.has(name)) name = `input_${name}`;
      used.add(name);
      free.push(name);
    }
    return free;
  }
}
