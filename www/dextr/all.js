import { DextrError } from './error.js';
import { cancelled } from './link.js';

/**
 * @typedef {import('./dextr.js').Score} Score
 * @typedef {import('./dextr.js').ScoreRequest} ScoreRequest
 * @typedef {{ index: number } & (Score | ({ status: 'error', space: string, arch: string } & import('./dextr.js').Fault))} Row
 * @typedef {string | (Partial<ScoreRequest> & { arch: string })} Item
 */

/** How many are under way at a time: a GPU works on one while the next is prepared. */
const UNDER_WAY = 2;

/**
 * Scores a list in its order, identical architectures once. A wrong architecture
 * is a row of its own; a cancelled list ends with that error.
 * @param {import('./index.js').Dextr} dextr
 * @param {Item[]} list
 * @param {import('./index.js').RunOptions & Partial<ScoreRequest>} options
 * @returns {AsyncGenerator<Row, void, void>}
 */
export async function* scoreAll(dextr, list, { space = '', ...options }) {
  /** @type {Map<string, Promise<Score>>} */
  const known = new Map();
  const ahead = dextr.device.kind === 'webgpu' ? UNDER_WAY : 1;

  /** @param {Item} item @param {number} index @returns {Promise<Row>} */
  async function row(item, index) {
    const request = { space, ...(typeof item === 'string' ? { arch: item } : item) };
    try {
      const arch = await dextr.canonical(request.space, request.arch);
      const key = JSON.stringify({ ...request, arch });
      const before = known.get(key);
      if (before) return { index, ...(await before) };
      const score = dextr.score({ ...request, arch }, options);
      // The maps of a long list are not kept for what may come again.
      const kept = score.then((score) => ({ ...score, layers: [] }));
      known.set(key, kept);
      kept.catch(() => known.delete(key));
      return { index, ...(await score) };
    } catch (error) {
      const fault = DextrError.from(error);
      if (fault.code === 'cancelled' || fault.code === 'disposed') throw fault;
      return { index, space: request.space, arch: request.arch, status: 'error', ...fault.toFault() };
    }
  }

  /** @type {Promise<Row>[]} */
  const rows = [];
  for (const [index, item] of list.entries()) {
    if (options.signal?.aborted) throw cancelled();
    const next = row(item, index);
    // Whether it failed is looked at in its turn.
    next.catch(() => {});
    rows.push(next);
    if (rows.length >= ahead) yield await /** @type {Promise<Row>} */ (rows.shift());
  }
  for (const last of rows) yield await last;
}
