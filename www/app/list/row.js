/** @typedef {import('../../dextr/index.js').Score} Score */

/** @typedef {Exclude<keyof Score, 'layers' | 'phases'>} Column */
/** @typedef {string | number | null} Cell */
/**
 * One row of the table. Rows never change.
 * @typedef {object} Row
 * @property {number} id Grows from row to row.
 * @property {Record<Column, Cell>} own All columns, and those of the proxies that were asked for.
 * @property {Map<string, Cell>} others The input's other columns, under the names they are saved by.
 */
/** @typedef {Omit<Row, 'id'>} NewRow */

export const FAILED = 'error';
/** A table with these columns is one of saved results. @type {Column[]} */
export const RESULT = ['arch', 'space', 'status', 'score', 'seed', 'version'];
/** The score, its halves, and what it has to be better than, with their labels. @type {{ name: Column, label: string }[]} */
export const COMPARED = [{ name: 'score', label: 'Dextr' }, { name: 's', label: 'S' }, { name: 'k', label: 'K' }, { name: 'params', label: '#params' }, { name: 'macs', label: 'MACs' }];
/** What a link has under the name of its column. @type {Column[]} */
const SETTINGS = ['seed', 'seeds', 'protocol', 'observe', 'image_seed', 'curve_seed', 'curves'];
/** What the published protocol fixes itself. @type {string[]} */
export const FIXED = ['observe', 'curves'];
/** What a result has beside its columns, and no column may have as its name. */
export const EVIDENCE = ['layers', 'phases'];
/** What rows of a list have beside them. */
const BESIDE = new Set([...EVIDENCE, 'index', 'code', 'where', 'hint']);

/** @param {Row | NewRow} row @param {string} column @returns {Cell} */
export function cell({ own, others }, column) {
  return (isOwn(own, column) ? own[column] : others.get(column)) ?? null;
}

/** @param {Row['own']} own @param {string} name @returns {name is Column} */
export function isOwn(own, name) {
  return Object.hasOwn(own, name);
}

/** A cell as a finite number. @param {Cell | undefined} value */
export function number(value) {
  if (typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) value = Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The cells of a result. @param {object} result @returns {Row['own']} */
function ownCells(result) {
  return /** @type {Row['own']} */ (Object.fromEntries(Object.entries(result).filter(([name]) => !BESIDE.has(name))));
}

/** @param {Score} score @param {Map<string, Cell>} [others] @returns {NewRow} */
export function scoredRow(score, others = new Map()) {
  return { own: ownCells(score), others };
}

/**
 * The row of what could not be scored.
 * @param {{ space: string, arch: string, others: Map<string, Cell> }} item
 * @param {string} message
 * @param {object} settings What the engine knows of its row.
 * @returns {NewRow}
 */
export function failedRow({ space, arch, others }, message, settings) {
  return { own: { ...ownCells({ arch, space, ...settings }), status: FAILED, message }, others };
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
