import { DextrError } from './error.js';

/**
 * @typedef {import('./dextr.js').Score} Score
 * @typedef {import('./dextr.js').ScoreRequest} ScoreRequest
 * @typedef {{ index: number } & (Score | ({ status: 'error', space: string, arch: string } & import('./dextr.js').Fault))} Row
 */

/** How many are asked for before the first is waited for: a GPU works on one while the next is prepared. */
const AHEAD = 2;

/**
 * Scores a list in its order, identical architectures once. A wrong architecture
 * is a row of its own; a cancelled list ends with that error.
 * @param {import('./index.js').Dextr} dextr
 * @param {ScoreRequest[]} list
 * @param {import('./index.js').RunOptions & Partial<ScoreRequest>} options
 * @returns {AsyncGenerator<Row, void, void>}
 */
export async function* scoreAll(dextr, list, options) {
  /** @type {Map<string, Promise<Score>>} */
  const known = new Map();

  /** @param {ScoreRequest} request @param {number} index @returns {Promise<Row>} */
  async function row(request, index) {
    try {
      const arch = await dextr.canonical(request.space, request.arch);
      const key = JSON.stringify([request.space, arch, request.options]);
      const before = known.get(key);
      // A long list's maps are not kept for what may come again.
      if (before) return { index, ...(await before), layers: [] };
      const score = dextr.score({ ...request, arch }, options);
      known.set(key, score.then((score) => ({ ...score, layers: [] })));
      known.get(key)?.catch(() => known.delete(key));
      return { index, ...(await score) };
    } catch (error) {
      const fault = DextrError.from(error);
      if (fault.code === 'cancelled' || fault.code === 'disposed') throw fault;
      return { index, space: request.space, arch: request.arch, status: 'error', ...fault.toFault() };
    }
  }

  /** @type {Promise<Row>[]} */
  const ahead = [];
  for (const [index, request] of list.entries()) {
    const next = row(request, index);
    // Whether it failed is looked at in its turn.
    next.catch(() => {});
    ahead.push(next);
    if (ahead.length >= AHEAD) yield await /** @type {Promise<Row>} */ (ahead.shift());
  }
  for (const last of ahead) yield await last;
}
