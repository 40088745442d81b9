import { scoredRow } from '../list/row.js';

/** @typedef {import('./form.js').Wishes} Wishes */
/** @typedef {import('./keep.js').Kept} Kept */
/** @typedef {import('../../dextr/dextr.js').SearchEntry} SearchEntry */
/** @typedef {import('../../dextr/index.js').SearchRow} SearchRow */

/** A row as it is saved: a row as any, with the search's own columns behind it. @param {SearchRow} row */
export function savedRow({ step, round, aim, ...row }) {
  return scoredRow(/** @type {any} */ (row), { others: new Map(Object.entries({ step, round, aim })) });
}

/** A search as it goes. */
export class Run {
  /** @type {SearchRow[]} */
  rows = [];
  /** Rows that are not kept yet. @type {SearchRow[]} */
  fresh = [];
  /** Where the best has changed. @type {import('./line.js').Step[]} */
  steps = [];
  done = 0;
  total = 0;
  /** @type {SearchEntry[]} */
  best = [];
  /** @type {SearchEntry[]} */
  front = [];
  /** The one with the most parameters: what a proxy has to beat. @type {SearchEntry | null} */
  largest = null;
  /** Of a projection. @type {import('../../dextr/dextr.js').Decision[]} */
  decided = [];
  /** @type {import('../../dextr/dextr.js').Decision[]} */
  undecided = [];
  state = '';

  /** @param {Wishes} wishes @param {Record<string, unknown>} request */
  constructor(wishes, request) {
    this.wishes = wishes;
    this.request = request;
  }

  /** @param {import('../../dextr/index.js').SearchStep} step */
  take({ rows, best, front, largest, decided, undecided, done, total, state }) {
    this.rows.push(...rows);
    this.fresh.push(...rows);
    [this.best, this.front, this.done, this.total, this.state] = [best, front, done, total, state];
    [this.largest, this.decided, this.undecided] = [largest, decided, undecided];
    const [first] = best;
    if (first && first.aim !== this.steps.at(-1)?.best) this.steps.push({ done, best: first.aim });
  }

  /** @returns {Kept} */
  get kept() {
    const { wishes, request, state, done, total, steps } = this;
    return { wishes, request, state, done, total, aim: wishes.aim, steps };
  }
}
