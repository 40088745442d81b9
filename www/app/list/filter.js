import { cell, isOwn, number } from './row.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {(row: Row) => boolean} Test */

/** @type {Record<string, (a: number, b: number) => boolean>} */
const COMPARE = { '<': (a, b) => a < b, '<=': (a, b) => a <= b, '>': (a, b) => a > b, '>=': (a, b) => a >= b, '=': (a, b) => a === b };
/** What stands for thousands, millions, billions. @type {Record<string, number>} */
const UNITS = { k: 1e3, m: 1e6, g: 1e9, b: 1e9 };

/** What words are looked for in. @type {import('./row.js').Column[]} */
const SEARCHED = ['arch', 'space', 'status', 'device', 'message', 'options'];

/** A number as people write it: `5e5`, `500k`, `1,000,000`. @param {string} text */
export function amount(text) {
  const [, digits = '', unit = ''] = /^([-+\d.,_]+(?:e[-+]?\d+)?)([kmgb]?)$/i.exec(text) ?? [];
  const value = number(digits.replace(/[,_](?=\d{3}\b)/g, ''));
  return value === null ? null : value * (UNITS[unit.toLowerCase()] ?? 1);
}

/**
 * What a filter lets through: words that must occur, and comparisons such as
 * `params<1e6`, `macs < 50M`. All must hold. `problems` says what of it cannot be
 * understood; it then lets nothing fall.
 * @param {string} text
 * @param {Row[]} rows
 * @returns {{ rows: Row[], problems: string[] }}
 */
export function filtered(text, rows) {
  const terms = text.trim().replace(/\s*(<=|>=|<|>|=)\s*/g, '$1').split(/\s+/).filter(Boolean);
  const read = terms.map((part) => term(part, rows));
  const problems = read.flatMap((part) => (typeof part === 'string' ? [part] : []));
  const tests = read.filter((part) => typeof part !== 'string');
  return { rows: rows.filter((row) => tests.every((test) => test(row))), problems };
}

/** @param {Row[]} rows */
function columnsOf(rows) {
  return [...new Set(rows.flatMap(({ own, others }) => [...Object.keys(own), ...others.keys()]))];
}

/** One part of a filter, or what is wrong with it. @param {string} text @param {Row[]} rows @returns {Test | string} */
function term(text, rows) {
  const word = text.toLowerCase();
  /** @type {Test} */
  const occurs = (row) => SEARCHED.some((name) => String(row.own[name] ?? '').toLowerCase().includes(word));
  const [, asked = '', sign = '', value = ''] = /^([^<>=]*)(<=|>=|<|>|=)(.*)$/.exec(text) ?? [];
  const compare = COMPARE[sign];
  if (!compare) return occurs;
  const columns = columnsOf(rows);
  const column = columns.find((name) => name === asked) ?? columns.find((name) => name.toLowerCase() === asked.toLowerCase());
  // An option reads `cells=1`, and is no column; so does a part of a genotype.
  if (column === undefined) return sign === '=' && rows.some(occurs) ? occurs : `There is no column “${asked}”. There are ${columns.filter((name) => rows.some((row) => number(cell(row, name)) !== null)).join(', ')}.`;
  const limit = amount(value);
  if (limit === null && sign !== '=') return `“${value}” in “${text}” is no number: write 500000, 5e5, 500k or 0.5M.`;
  return (row) => {
    const content = isOwn(row.own, column) || row.others.has(column) ? cell(row, column) : null;
    const found = number(content);
    if (limit !== null && found !== null) return compare(found, limit);
    return sign === '=' && String(content ?? '') === value;
  };
}
