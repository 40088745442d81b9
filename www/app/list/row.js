/** @typedef {import('../../dextr/index.js').Score} Score */
/** @typedef {import('../../dextr/index.js').ScoreRequest} ScoreRequest */

/**
 * The command line's columns, in its order: all it takes to repeat a score. This
 * is the one place that knows them.
 */
const SCHEMA = /** @type {const} */ ([
  { name: 'arch', key: true, searched: true, marks: true },
  { name: 'space', key: true, searched: true, marks: true },
  { name: 'status', searched: true, marks: true },
  { name: 'score', number: true, marks: true, compared: 'Dextr' },
  { name: 'score_std', number: true },
  { name: 's', number: true, compared: 'S' },
  { name: 'k', number: true, compared: 'K' },
  { name: 'curvature', number: true },
  { name: 'ratio_sum', number: true },
  { name: 'params', number: true, compared: '#params' },
  { name: 'macs', number: true, compared: 'MACs' },
  { name: 'seed', number: true, key: true, setting: true, marks: true },
  { name: 'seeds', number: true, key: true, setting: true },
  { name: 'protocol', key: true, setting: true },
  { name: 'observe', key: true, setting: true, fixed: true },
  { name: 'device', searched: true },
  { name: 'version', marks: true },
  { name: 'seconds', number: true },
  { name: 'message', searched: true },
  { name: 'image_seed', number: true, key: true, setting: true },
  { name: 'curve_seed', number: true, key: true, setting: true },
  { name: 'curves', number: true, key: true, setting: true, fixed: true },
  { name: 'image', key: true },
  { name: 'options', key: true, searched: true },
]);
/**
 * What there is to know of a column.
 * @typedef {object} ColumnFacts
 * @property {Column} name
 * @property {true} [number] Its cells are numbers.
 * @property {true} [key] A score depends on it: rows in which all of these are equal say the same.
 * @property {true} [setting] A link has it under this name.
 * @property {true} [fixed] The published protocol sets it.
 * @property {true} [searched] A filter looks for words in it.
 * @property {true} [marks] A table with all of these is one of saved results.
 * @property {string} [compared] What it is called where it is compared with accuracies.
 */
/** @typedef {(typeof SCHEMA)[number]['name']} Column */
/** @typedef {string | number | null} Cell */
/**
 * One row of the table. Rows never change.
 * @typedef {object} Row
 * @property {number} id Grows from row to row.
 * @property {Record<Column, Cell>} own
 * @property {Map<string, Cell>} others The input's other columns, under the names they are saved by.
 */
/** @typedef {Omit<Row, 'id'>} NewRow */

/** @type {readonly ColumnFacts[]} */
const FACTS = SCHEMA;
/** @param {(column: ColumnFacts) => unknown} wanted */
const names = (wanted) => FACTS.filter(wanted).map(({ name }) => name);

export const COLUMNS = names(() => true);
export const FAILED = 'error';
/** A table with these columns is one of saved results. */
export const RESULT = names(({ marks }) => marks);
/** What words are looked for in. */
export const SEARCHED = names(({ searched }) => searched);
/** The score, its halves, and what it has to be better than, with their labels. */
export const COMPARED = FACTS.flatMap(({ name, compared }) => (compared ? [{ name, label: compared }] : []));
/** Keys of the command line's `--details`, which no column may have as its name. */
const DETAILS = ['layers', 'phases'];
const KEY = names(({ key }) => key);
/** What has to be equal for scores to be comparable. */
const COMPARABLE = KEY.filter((name) => name !== 'arch' && name !== 'seed');
const SETTINGS = names(({ setting }) => setting);
/** What the published protocol fixes itself. @type {string[]} */
export const FIXED = names(({ fixed }) => fixed);
const NUMBERS = new Set(names(({ number }) => number));
const OWN = new Set(/** @type {string[]} */ (COLUMNS));
const RESERVED = new Set([...OWN, ...DETAILS]);

/** @param {string} name @returns {name is Column} */
export function isOwn(name) {
  return OWN.has(name);
}

/** @param {Column} name */
export function isNumeric(name) {
  return NUMBERS.has(name);
}

/** Whether results have something of this name. @param {string} name */
export function isReserved(name) {
  return RESERVED.has(name);
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

/** The same text for rows that say the same. @param {Row | NewRow} row */
export function keyOf({ own, others }) {
  return JSON.stringify([KEY.map((name) => own[name]), [...others]]);
}

/** The same text for rows whose scores are comparable. @param {Row} row */
export function settingOf({ own }) {
  return JSON.stringify(COMPARABLE.map((name) => own[name]));
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
 * The row of what could not be scored.
 * @param {{ space: string, arch: string, others: Map<string, Cell> }} item
 * @param {string} message
 * @param {Omit<ScoreRequest, 'arch' | 'space'>} settings
 * @param {import('../../dextr/index.js').Dextr} dextr
 * @returns {NewRow}
 */
export function failedRow({ space, arch, others }, message, settings, { device, version }) {
  return {
    own: ownCells({
      arch, space, status: FAILED, message, device: device.kind, version,
      seed: settings.seed ?? 0, seeds: settings.seeds ?? 1, image_seed: settings.imageSeed ?? 0, curve_seed: settings.curveSeed ?? 0,
      protocol: settings.protocol ?? 'refined', observe: settings.observe, curves: settings.curves, image: settings.image ? 'picture' : 'pink',
    }),
    others,
  };
}

/**
 * The settings of a row as a link has them.
 * @param {Row['own']} row
 * @returns {Record<string, string>}
 */
export function rowSettings(row) {
  const own = SETTINGS.flatMap((name) => {
    const value = row[name];
    if (row.protocol === 'published' && FIXED.includes(name)) return [];
    return value === null || value === '' ? [] : [[name, String(value)]];
  });
  const options = String(row.options ?? '').split(/\s+/).filter((part) => part.includes('='))
    .map((part) => [`set.${part.slice(0, part.indexOf('='))}`, part.slice(part.indexOf('=') + 1)]);
  return Object.fromEntries([...own, ...options]);
}

/**
 * Names for the input's other columns that no result column has: as the command
 * line does it, `input_` goes before one that is taken.
 * @param {string[]} others
 */
export function freeNames(others) {
  /** @type {string[]} */
  const free = [];
  const given = new Set(others);
  const used = new Set();
  const taken = (/** @type {string} */ name) => isReserved(name) || used.has(name);
  for (const other of others) {
    let name = other;
    if (taken(name)) while (taken(name) || given.has(name)) name = `input_${name}`;
    used.add(name);
    free.push(name);
  }
  return free;
}
