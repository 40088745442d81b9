import { COLUMNS, FAILED, isNumeric, isReserved, number, ownCells } from './row.js';

/** @typedef {import('./row.js').Cell} Cell */
/** @typedef {import('./row.js').Column} Column */
/** @typedef {import('./row.js').NewRow} NewRow */

/**
 * Saved results as rows. A row that is damaged becomes an error row.
 * @param {import('./table.js').Table} table
 * @returns {{ results: NewRow[], notes: string[] }}
 */
export function loadResults({ columns, rows }) {
  const others = columns.flatMap((name, index) => (isReserved(name) ? [] : [/** @type {const} */ ([name, index])]));
  const own = COLUMNS.map((name) => /** @type {const} */ ([name, columns.indexOf(name)]));
  let damaged = 0;
  const results = rows.map(({ number: place, cells, wrong }) => {
    /** @type {Partial<Record<Column, Cell>>} */
    const read = {};
    for (const [name, index] of own) {
      const value = cells[index] ?? null;
      const { taken, bad } = isNumeric(name) ? takeNumber(value) : { taken: value, bad: false };
      read[name] = taken;
      if (bad) wrong ??= `has “${String(value).slice(0, 40)}” for ${name}, which is not a number; correct the file`;
    }
    if (read.status === 'ok' && read.score === null) wrong ??= 'has the status ok and no score; correct the file';
    if (!read.arch) wrong ??= 'has no architecture; correct the file';
    if (wrong) {
      damaged++;
      Object.assign(read, { status: FAILED, score: null, message: `row ${place}: ${wrong}` });
    }
    return { own: ownCells(read), others: new Map(others.map(([name, index]) => [name, cells[index] ?? null])) };
  });
  return { results, notes: damaged ? [`${damaged} damaged ${damaged === 1 ? 'row has' : 'rows have'} the status error; the message says what is wrong.`] : [] };
}

/** Numbers that would lose digits stay text. @param {Cell} value @returns {{ taken: Cell, bad: boolean }} */
function takeNumber(value) {
  if (value === null) return { taken: null, bad: false };
  const taken = number(value);
  if (taken === null) return { taken: null, bad: true };
  return { taken: typeof value === 'string' && /^\d+$/.test(value) && !Number.isSafeInteger(taken) ? value : taken, bad: false };
}
