import { FAILED, number } from './row.js';

/** @typedef {import('./row.js').Cell} Cell */
/** @typedef {import('./row.js').NewRow} NewRow */

/**
 * Saved results as rows. A row that is damaged becomes an error row.
 * @param {import('../../dextr/dextr.js').List} list
 * @param {import('./schema.js').RowSchema} schema
 * @returns {{ results: NewRow[], notes: string[] }}
 */
export function loadResults({ columns, items, layout }, schema) {
  const at = new Map(columns.map((name, index) => [name, index]));
  let damaged = 0;
  const truth = layout.truth === null ? '' : (columns[layout.truth] ?? '');
  const about = { truth: schema.reserves(truth) ? '' : truth, index: layout.index.map((index) => columns[index] ?? '') };
  const results = items.map(({ place, cells, problem }) => {
    let wrong = problem;
    const cell = (/** @type {string} */ name) => cells[at.get(name) ?? -1] ?? null;
    /** @type {Map<string, Cell>} */
    const read = new Map();
    for (const { name, numeric } of schema.columnsFor(cell('proxies') ?? undefined)) {
      const value = cell(name);
      const { taken, bad } = numeric ? takeNumber(value) : { taken: value, bad: false };
      read.set(name, taken);
      if (bad) wrong ??= `has “${String(value).slice(0, 40)}” for ${name}, which is not a number; correct the file`;
    }
    if (read.get('status') === 'ok' && read.get('score') === null) wrong ??= 'has the status ok and no score; correct the file';
    if (!read.get('arch')) wrong ??= 'has no architecture; correct the file';
    if (wrong) {
      damaged++;
      read.set('status', FAILED).set('score', null).set('message', `${place}: ${wrong}`);
    }
    const others = columns.filter((name) => !schema.reserves(name) && !read.has(name));
    return { own: schema.own(read), others: new Map(others.map((name) => [name, cell(name)])), about };
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
