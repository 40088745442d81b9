/** @typedef {import('../../dextr/index.js').Score} Score */

/** @typedef {Exclude<keyof Score, 'layers' | 'phases'>} Column */
/** @typedef {string | number | null} Cell */
/**
 * One row of the table. Rows never change.
 * @typedef {object} Row
 * @property {number} id Grows from row to row.
 * @property {Record<Column, Cell>} own All columns, and those of the proxies that were asked for.
 * @property {Map<string, Cell>} others The input's other columns, under the names they are saved by.
 * @property {About} [about] What these are for in its list.
 */
/** What the other columns of a list are for: the accuracy (empty for none), and those that count rows. @typedef {{ truth: string, index: string[] }} About */
/** @typedef {Omit<Row, 'id'>} NewRow */

export const FAILED = 'error';
/** The score itself, among proxies. */
export const PROXY = 'dextr';
/** A table with these columns is one of saved results. @type {Column[]} */
export const RESULT = ['arch', 'space', 'status', 'score', 'seed', 'version'];
/** The score, its halves, and what it has to be better than, with their labels. @type {{ name: Column, label: string }[]} */
export const COMPARED = [{ name: 'score', label: 'Dextr' }, { name: 's', label: 'S' }, { name: 'k', label: 'K' }, { name: 'params', label: '#params' }, { name: 'macs', label: 'MACs' }];
/** The value of a network in a pool, by these parts of it. */
export const POOLED = 'az_nas';
/** The parts of proxies that have columns of their own. @type {Record<string, string[]>} */
export const PROXY_PARTS = { [POOLED]: ['az_expressivity', 'az_progressivity', 'az_trainability', 'az_complexity'] };
/** The columns of the proxies that any of these rows was asked for, beside those that every row has. @param {(Row | NewRow)[]} rows @returns {{ name: string, label: string }[]} */
export function proxyColumns(rows) {
  const asked = new Set(rows.map(({ own }) => own.proxies));
  const names = new Set([...asked].flatMap((names) => String(names ?? '').split(',')).map((name) => name.trim()).filter(Boolean));
  const own = [...names].filter((name) => name !== PROXY && !COMPARED.some((known) => known.name === name));
  return own.flatMap((name) => [name, ...PROXY_PARTS[name] ?? []]).map((name) => ({ name, label: name }));
}

/** What is compared in these rows. @param {Row[]} rows @returns {{ name: string, label: string }[]} */
export function compared(rows) {
  return [...COMPARED, ...proxyColumns(rows)];
}

/** What a link has under the name of its column. @type {Column[]} */
const SETTINGS = ['seed', 'seeds', 'protocol', 'observe', 'image_seed', 'curve_seed', 'curves', 'swap_size', 'proxies'];
/** What the published protocol fixes itself. @type {string[]} */
export const FIXED = ['observe', 'curves'];
/** What a result has beside its columns, and no column may have as its name. */
export const EVIDENCE = ['layers', 'phases'];
/** What rows of a list have beside them. */
const BESIDE = new Set([...EVIDENCE, 'index', 'code', 'where', 'hint']);

/** Stands for the accuracy of each row's own list, whatever it is called there. */
export const OWN_TRUTH = '*';

/** What a column is called on the page. @param {string} column */
export function columnLabel(column) {
  return column === OWN_TRUTH ? 'accuracy' : column;
}

/** @param {Row | NewRow} row @param {string} column @returns {Cell} */
export function cell({ own, others, about }, column) {
  if (column === OWN_TRUTH) return others.get(about?.truth ?? '') ?? null;
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

/** @param {Score} score @param {{ others?: Map<string, Cell>, about?: About }} [item] Of a list. @returns {NewRow} */
export function scoredRow(score, { others = new Map(), about } = {}) {
  return { own: ownCells(score), others, ...(about && { about }) };
}

/**
 * The row of what could not be scored.
 * @param {{ space: string, arch: string, others: Map<string, Cell>, about?: About }} item
 * @param {string} message
 * @param {object} settings What the engine knows of its row.
 * @returns {NewRow}
 */
export function failedRow({ space, arch, others, about }, message, settings) {
  return { own: { ...ownCells({ arch, space, ...settings }), status: FAILED, message }, others, ...(about && { about }) };
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
