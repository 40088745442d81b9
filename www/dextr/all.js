import { DextrError } from './error.js';
import { cancelled } from './link.js';
import { Model } from './model.js';

/**
 * @typedef {import('./dextr.js').Score} Score
 * @typedef {import('./dextr.js').ScoreRequest} ScoreRequest
 * @typedef {Partial<Omit<import('./dextr.js').Unscored, 'status' | 'space' | 'arch' | 'message'>> & { status: 'error', space: string, arch: string } & import('./dextr.js').Fault} Failed A row with an error: the settings it was to be scored with, and what is wrong.
 * @typedef {{ index: number } & (Score | Failed)} Row
 * @typedef {import('./model.js').ModelRequest} ModelRequest
 * @typedef {string | Model | ModelRequest | (Partial<ScoreRequest> & { arch: string })} Item
 */

/** So many times what is computed at a time is under way: the next are ready when the first of them is slow. */
const AHEAD = 2;

/** @param {Item} item @param {string} space @returns {{ space: string, arch: string, reading?: string, model?: Model }} */
function requestOf(item, space) {
  if (typeof item === 'string') return { space, arch: item };
  const request = item instanceof Model ? { model: item } : item;
  if (!('model' in request) || !request.model) return { space, .../** @type {{ arch: string }} */ (request) };
  return { arch: request.model.name, ...request, space: Model.space, model: request.model };
}

/** A score of a canonical text, with what there is to know about the text as it was given. @param {number} index @param {string | null} note @param {Score} score @returns {Row} */
function noted(index, note, score) {
  return { index, ...score, message: [note, score.message].filter(Boolean).join('; ') };
}

/**
 * Scores a list in its order, identical architectures once. A wrong architecture
 * is a row of its own; a cancelled list ends with that error.
 *
 * The command line's runner (`src/run/runner.rs`) has the same rules, and
 * `tests/lists.json` holds the two together. Here it is not asked: it would live
 * in an instance that is replaced when it breaks, in a thread that answers
 * between two layers at best, and all it knows would have to be kept here too.
 * @param {import('./index.js').Dextr} dextr
 * @param {Item[]} list
 * @param {import('./index.js').RunOptions & Partial<ScoreRequest>} options
 * @returns {AsyncGenerator<Row, void, void>}
 */
export async function* scoreAll(dextr, list, { space = '', signal, onProgress, ...settings }) {
  /** @type {Map<string, Promise<Score>>} */
  const known = new Map();
  const ahead = dextr.parallel === 1 || dextr.device.kind === 'webgpu' ? dextr.parallel : AHEAD * dextr.parallel;

  /** @param {Item} item @param {number} index @returns {Promise<Row>} */
  async function row(item, index) {
    const request = requestOf(item, space);
    try {
      const { model } = request;
      const { arch, note } = model ? { arch: request.arch, note: null } : await dextr.parse(request.space, request.arch, { reading: request.reading ?? settings.reading });
      const key = JSON.stringify({ ...request, arch, model: model?.source.id });
      const before = known.get(key);
      if (before) return noted(index, note, await before);
      const score = dextr.score(/** @type {import('./index.js').Request} */ ({ ...request, arch }), { signal, onProgress, ...settings });
      // The maps of a long list are not kept for what may come again.
      const kept = score.then((score) => ({ ...score, layers: [] }));
      known.set(key, kept);
      kept.catch(() => known.delete(key));
      return noted(index, note, await score);
    } catch (error) {
      const fault = DextrError.from(error);
      if (fault.code === 'cancelled' || fault.code === 'disposed') throw fault;
      const { space, arch } = request;
      const known = await dextr.unscored({ ...request, ...settings }).catch(() => ({}));
      return /** @type {{ index: number } & Failed} */ ({ index, space, arch, ...known, status: 'error', ...fault.toFault() });
    }
  }

  /** @type {Promise<Row>[]} */
  const rows = [];
  for (const [index, item] of list.entries()) {
    if (signal?.aborted) throw cancelled();
    const next = row(item, index);
    // Whether it failed is looked at in its turn.
    next.catch(() => {});
    rows.push(next);
    if (rows.length >= ahead) yield await /** @type {Promise<Row>} */ (rows.shift());
  }
  for (const last of rows) yield await last;
}
