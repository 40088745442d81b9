import { cell, number, OWN_TRUTH } from './row.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {{ column: string, descending: boolean }} Order `id` is the order of arrival. */

/**
 * The rows in order. Rows without a value come last, equal ones as they came in.
 * @param {Row[]} rows In the order of arrival.
 * @param {Order} order
 */
export function sortRows(rows, { column, descending }) {
  if (column === 'id') return descending ? rows.toReversed() : rows;
  const values = rows.map((row, index) => {
    const content = cell(row, column);
    return { row, index, value: number(content) ?? (content === '' ? null : content) };
  });
  const sign = descending ? -1 : 1;
  values.sort((a, b) => {
    if (a.value === null || b.value === null) return a.value === b.value ? a.index - b.index : a.value === null ? 1 : -1;
    if (a.value === b.value) return a.index - b.index;
    // Numbers before texts.
    if (typeof a.value !== typeof b.value) return typeof a.value === 'number' ? -sign : sign;
    return a.value < b.value ? -sign : sign;
  });
  return values.map(({ row }) => row);
}

/** The accuracy of rows that an earlier version kept, which do not tell. */
const UNTOLD = /acc|top-?1/i;

/**
 * The input's columns that hold numbers, and of these the likely accuracy: the
 * one that the lists have, or each list's own where they call it differently.
 * @param {Row[]} rows
 */
export function numericColumns(rows) {
  /** @type {Map<string, { numbers: number, filled: number }>} */
  const seen = new Map();
  /** @type {Set<string>} */
  const truths = new Set();
  for (const { others, about } of rows) {
    if (about?.truth) truths.add(about.truth);
    for (const [name, content] of others) {
      if (content === null || content === '' || about?.index.includes(name)) continue;
      const counts = seen.get(name) ?? { numbers: 0, filled: 0 };
      seen.set(name, counts);
      counts.filled++;
      if (number(content) !== null) counts.numbers++;
    }
  }
  const names = [...seen].filter(([, { numbers, filled }]) => numbers > 1 && numbers * 2 > filled).map(([name]) => name);
  const own = names.filter((name) => truths.has(name));
  return { names, own, likely: own.length > 1 ? OWN_TRUTH : (own[0] ?? names.find((name) => UNTOLD.test(name)) ?? '') };
}
