import { DextrError } from '../../dextr/index.js';
import { FAILED, ownCells, scoredRow } from './row.js';

/** @typedef {import('./read.js').Item} Item */
/** @typedef {import('./row.js').NewRow} NewRow */
/** @typedef {import('../../dextr/index.js').Dextr} Dextr */
/** @typedef {Omit<import('../../dextr/index.js').ScoreRequest, 'arch'>} Settings */

/**
 * Scores a list. `onRow` gets a row for each item, in order; an item that cannot
 * be scored gets an error row that names it, and the others go on.
 * @param {Dextr} dextr
 * @param {Item[]} items
 * @param {Settings} settings
 * @param {{ signal: AbortSignal, passed: () => Promise<void> | undefined, onRow: (row: NewRow) => void }} run `passed` holds the list up between rows.
 */
export async function scoreItems(dextr, items, { space, options, ...settings }, { signal, passed, onRow }) {
  const sound = items.flatMap((item, index) => (item.wrong === null ? index : []));
  const requests = sound.map((index) => {
    const { space: own, arch, model } = /** @type {Item} */ (items[index]);
    // Options are those of the picked space.
    return { ...(model ? { model } : { space: own, arch }), ...(own === space && options ? { options } : {}) };
  });
  /** What an error row says of the run. */
  const provenance = {
    seed: settings.seed ?? 0, seeds: settings.seeds ?? 1, protocol: settings.protocol ?? 'refined', observe: settings.observe,
    device: dextr.device.kind, version: dextr.version, image_seed: settings.imageSeed ?? 0, curve_seed: settings.curveSeed ?? 0,
    curves: settings.curves, image: settings.image ? 'picture' : 'pink',
  };
  let next = 0;
  /** @param {Item} item @param {string} what */
  const fail = ({ place, space, arch, others }, what) =>
    onRow({ own: ownCells({ ...provenance, arch, space, status: FAILED, message: `${place}: ${what}` }), others });
  /** The items that cannot even be asked for, up to this one. @param {number} end */
  const failUntil = (end) => {
    for (; next < end; next++) {
      const item = /** @type {Item} */ (items[next]);
      fail(item, item.wrong ?? '');
    }
  };

  const rows = dextr.scoreAll(requests, { ...settings, signal })[Symbol.asyncIterator]();
  try {
    for (;;) {
      await passed();
      signal.throwIfAborted();
      const { done, value } = await rows.next();
      if (done) break;
      const index = /** @type {number} */ (sound[value.index]);
      const item = /** @type {Item} */ (items[index]);
      failUntil(index);
      next = index + 1;
      if (value.status === FAILED) fail(item, [value.message, value.hint].filter(Boolean).join('; '));
      else onRow(scoredRow(value, item.others));
    }
    failUntil(items.length);
  } catch (error) {
    if (signal.aborted) throw new DextrError({ code: 'cancelled', message: 'The list was cancelled.' }, error);
    throw DextrError.from(error);
  } finally {
    await rows.return?.();
  }
}
