import { DextrError } from './error.js';
import { cancelled } from './link.js';

/**
 * @typedef {import('./dextr.js').Score} Score
 * @typedef {import('./dextr.js').ScoreRequest} ScoreRequest
 * @typedef {{ index: number } & (Score | ({ status: 'error', space: string, arch: string } & import('./dextr.js').Fault))} Row
 * @typedef {string | (Partial<ScoreRequest> & { arch: string })} Item
 */

/**
 * Scores a list one by one, identical architectures once. A wrong architecture
 * is a row of its own; a cancelled list ends with that error.
 * @param {import('./index.js').Dextr} dextr
 * @param {Item[]} list
 * @param {import('./index.js').RunOptions & Partial<ScoreRequest>} options
 * @returns {AsyncGenerator<Row, void, void>}
 */
export async function* scoreAll(dextr, list, { space = '', ...options }) {
  /** @type {Map<string, Score>} */
  const known = new Map();
  for (const [index, item] of list.entries()) {
    if (options.signal?.aborted) throw cancelled();
    const request = { space, ...(typeof item === 'string' ? { arch: item } : item) };
    try {
      const arch = await dextr.canonical(request.space, request.arch);
      const key = JSON.stringify({ ...request, arch });
      const score = known.get(key) ?? (await dextr.score({ ...request, arch }, options));
      known.set(key, { ...score, layers: [] });
      yield { index, ...score };
    } catch (error) {
      const fault = DextrError.from(error);
      if (fault.code === 'cancelled' || fault.code === 'disposed') throw fault;
      yield { index, space: request.space, arch: request.arch, status: 'error', ...fault.toFault() };
    }
  }
}
