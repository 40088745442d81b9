/** @typedef {import('../../dextr/index.js').Score} Score */

/** The command line's columns, in its order: all it takes to repeat a score. */
export const COLUMNS = /** @type {const} */ ([
  'arch', 'space', 'status', 'score', 'score_std', 's', 'k', 'curvature', 'ratio_sum', 'params', 'macs', 'seed', 'seeds',
  'protocol', 'observe', 'device', 'version', 'seconds', 'message', 'image_seed', 'curve_seed', 'curves', 'image', 'options',
]);
/** Keys of the command line's `--details`, which no column may have as its name. */
export const DETAILS = ['layers', 'phases'];
export const FAILED = 'error';

/** @typedef {(typeof COLUMNS)[number]} Column */
/** @typedef {string | number | null} Cell */
/**
 * One row of the table. Rows never change.
 * @typedef {object} Row
 * @property {number} id Grows from row to row.
 * @property {Record<Column, Cell>} own
 * @property {Map<string, Cell>} others The input's other columns, under the names they are saved by.
 */
/** @typedef {Omit<Row, 'id'>} NewRow */

/** What must be equal for two rows to say the same: all that a score depends on. @type {Column[]} */
const KEY = ['arch', 'space', 'seed', 'seeds', 'image_seed', 'curve_seed', 'protocol', 'observe', 'curves', 'image', 'options'];
const OWN = new Set(/** @type {readonly string[]} */ (COLUMNS));
const RESERVED = new Set([...COLUMNS, ...DETAILS]);

/** @param {string} name @returns {name is Column} */
export function isOwn(name) {
  return OWN.has(name);
}

/** @param {Row | NewRow} row @param {string} column @returns {Cell} */
export function cell(row, column) {
  return (isOwn(column) ? row.own[column] : row.others.get(column)) ?? null;
}

/** A cell as a finite number. @param {Cell | undefined} value */
export function number(value) {
  if (typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) value = Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** @param {Row | NewRow} row */
export function keyOf({ own, others }) {
  return JSON.stringify([KEY.map((name) => own[name]), [...others]]);
}

/**
 * All columns. CSV cannot tell nothing from an empty text, so there is one of them alone.
 * @param {Partial<Record<Column, Cell>>} cells
 * @returns {Record<Column, Cell>}
 */
export function ownCells(cells) {
  const content = (/** @type {Column} */ name) => (cells[name] === '' ? null : cells[name]) ?? (name === 'message' ? '' : null);
  return /** @type {Record<Column, Cell>} */ (Object.fromEntries(COLUMNS.map((name) => [name, content(name)])));
}

/** @param {Score} score @param {Map<string, Cell>} [others] @returns {NewRow} */
export function scoredRow(score, others = new Map()) {
  return { own: ownCells(score), others };
}

/**
 * Names for the input's other columns that no result column has: as the command
 * line does it, `input_` goes before one that is taken.
 * @param {string[]} others
 */
export function freeNames(others) {
  /** @type {string[]} */
  const names = [];
  const given = new Set(others);
  const used = new Set();
  for (const other of others) {
    let name = other;
    if (RESERVED.has(name) || used.has(name)) {
      while (RESERVED.has(name) || used.has(name) || given.has(name)) name = `input_${name}`;
    }
    used.add(name);
    names.push(name);
  }
  return names;
}
