import { DextrError } from '../../dextr/index.js';
import { cell, compared, FAILED, number, POOLED, PROXY_PARTS } from './row.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('../../dextr/index.js').Dextr} Dextr */
/** @typedef {{ value: number, low: number | null, high: number | null }} Estimate */
/** @typedef {{ part: string, column: string, n: number, spearman: Estimate | null, kendall: Estimate | null, message: string, against: Estimate | null, best: boolean }} Entry `against`: how much better it ranks than #params; `best`: than any other, and not by luck. */
/** @typedef {{ rows: Row[], truth: number[], left: { errors: number, score: number, truth: number }, pool?: Map<Row, number> }} Usable `pool`: what has a value among these rows alone. */

/** The rival that costs nothing. */
const BASELINE = 'params';

/** The parts that are looked at: the best of this fraction by truth. @type {[string, number][]} */
export const PARTS = [['all rows', 1], ['best half', 0.5], ['best tenth', 0.1]];

/**
 * The rows that have a score and a truth. Disconnected rows keep their score 0;
 * error rows are left out and counted.
 * @param {Row[]} rows
 * @param {string} column The truth's.
 * @returns {Usable}
 */
export function usableRows(rows, column) {
  /** @type {Usable} */
  const usable = { rows: [], truth: [], left: { errors: 0, score: 0, truth: 0 } };
  for (const row of rows) {
    const truth = number(cell(row, column));
    if (row.own.status === FAILED) usable.left.errors++;
    else if (number(row.own.score) === null) usable.left.score++;
    else if (truth === null) usable.left.truth++;
    else {
      usable.rows.push(row);
      usable.truth.push(truth);
    }
  }
  return usable;
}

/**
 * The places of the best ⌈fraction·n⌉ by truth, in their own order; of equal
 * values at the border the earlier ones, as the command line takes them.
 * @param {number[]} truth
 * @param {number} fraction
 */
function withinBest(truth, fraction) {
  const keep = Math.ceil(fraction * truth.length - 1e-9);
  const places = truth.map((_, place) => place).sort((a, b) => /** @type {number} */ (truth[b]) - /** @type {number} */ (truth[a]));
  return places.slice(0, keep).sort((a, b) => a - b);
}

/**
 * The correlations of each column with the truth, over all rows and the best.
 * @param {Dextr} dextr
 * @param {Usable} usable
 * @param {() => boolean} stale Asked in between: whether the answer is no longer wanted.
 * @returns {Promise<Entry[] | null>}
 */
export async function correlations(dextr, usable, stale) {
  /** @type {Entry[]} */
  const entries = [];
  usable = { ...usable, pool: await pool(dextr, usable.rows) };
  for (const [part, fraction] of PARTS) {
    const best = withinBest(usable.truth, fraction);
    /** @type {Entry[]} */
    const found = [];
    for (const { name: column } of compared(usable.rows)) {
      const { columns: [values = []], truth } = numbers(usable, best, [column]);
      const entry = await correlation(dextr, values, truth);
      const against = await difference(dextr, numbers(usable, best, [column, BASELINE]));
      if (stale()) return null;
      const without = best.length - truth.length;
      found.push({ ...entry, against, best: false, part, column, message: [without > 0 && `${without} rows without a number`, entry.message].filter(Boolean).join('; ') });
    }
    const [first, second] = found.toSorted((a, b) => (b.spearman?.value ?? -Infinity) - (a.spearman?.value ?? -Infinity));
    const lead = first && second && await difference(dextr, numbers(usable, best, [first.column, second.column]));
    if (first) first.best = (lead?.low ?? 0) > 0;
    entries.push(...found);
  }
  return entries;
}

/** The values of the rows that were asked for what is a rank among others. @param {Dextr} dextr @param {Row[]} rows @returns {Promise<Map<Row, number>>} */
async function pool(dextr, rows) {
  const names = /** @type {string[]} */ (PROXY_PARTS[POOLED]);
  const asked = rows.filter((row) => names.some((name) => number(cell(row, name)) !== null));
  if (asked.length === 0) return new Map();
  const values = await dextr.pooled(asked.map((row) => names.map((name) => number(cell(row, name)) ?? NaN)));
  return new Map(asked.map((row, place) => [row, /** @type {number} */ (values[place])]));
}

/** The numbers of some columns and the truth, of the rows that have them all. @param {Usable} usable @param {number[]} places @param {string[]} names */
function numbers({ rows, truth, pool }, places, names) {
  /** @param {Row} row @param {string} name */
  const value = (row, name) => (name === POOLED ? pool?.get(row) ?? null : number(cell(row, name)));
  const kept = places.flatMap((place) => {
    const row = rows[place];
    const values = row ? names.map((name) => value(row, name)) : [null];
    return values.some((value) => value === null) ? [] : [{ values: /** @type {number[]} */ (values), truth: /** @type {number} */ (truth[place]) }];
  });
  return { columns: names.map((_, index) => kept.map(({ values }) => /** @type {number} */ (values[index]))), truth: kept.map(({ truth }) => truth) };
}

/** @param {Dextr} dextr @param {{ columns: number[][], truth: number[] }} numbers @returns {Promise<Estimate | null>} */
async function difference(dextr, { columns: [a = [], b = []], truth }) {
  try {
    return truth.length < 2 ? null : await dextr.compare(a, b, truth);
  } catch {
    // The correlation itself says what is wrong.
    return null;
  }
}

/** @param {Dextr} dextr @param {number[]} values @param {number[]} truth @returns {Promise<Pick<Entry, 'n' | 'spearman' | 'kendall' | 'message'>>} */
async function correlation(dextr, values, truth) {
  const none = { n: values.length, spearman: null, kendall: null, message: 'too few rows, or all equal' };
  if (values.length < 2) return none;
  try {
    const found = await dextr.correlate(values, truth);
    return found ? { n: found.n, spearman: found.spearman, kendall: found.kendall, message: '' } : none;
  } catch (error) {
    return { ...none, message: DextrError.from(error).message };
  }
}
