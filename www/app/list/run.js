import { DextrError } from '../../dextr/index.js';
import { FAILED, failedRow, scoredRow } from './row.js';

/** @typedef {import('./read.js').Item} Item */
/** @typedef {import('./row.js').NewRow} NewRow */
/** @typedef {import('../../dextr/index.js').Dextr} Dextr */
/** @typedef {Omit<import('../../dextr/index.js').ScoreRequest, 'arch'>} Settings */

/** What is asked of the engine for an item; options are those of the picked space. @param {Item} item @param {Pick<Settings, 'space' | 'options'>} picked */
function requestOf({ space, arch, model }, picked) {
  const own = space === picked.space && picked.options ? { options: picked.options } : {};
  return { ...(model ? { model } : { space, arch }), ...own };
}

/**
 * Scores a list. Gives a row for each item, in order; an item that cannot be
 * scored gets an error row that names it, and the others go on.
 * @param {Dextr} dextr
 * @param {Item[]} items
 * @param {Settings} settings
 * @param {{ signal: AbortSignal, passed: () => Promise<void> | undefined }} run `passed` holds the list up between rows.
 * @returns {AsyncGenerator<NewRow, void, void>}
 */
export async function* scoreItems(dextr, items, { space, options, ...settings }, { signal, passed }) {
  const sound = items.filter(({ wrong }) => wrong === null);
  const scored = dextr.scoreAll(sound.map((item) => requestOf(item, { space, options })), { ...settings, signal });
  const fail = (/** @type {Item} */ item, /** @type {string} */ what, /** @type {object} */ row) => failedRow(item, `${item.place}: ${what}`, row);
  try {
    for (const item of items) {
      await passed();
      signal.throwIfAborted();
      // What cannot even be asked for takes its place.
      if (item.wrong !== null) {
        const row = await dextr.unscored({ ...requestOf(item, { space, options }), ...settings }).catch(() => ({}));
        yield fail(item, item.wrong, row);
        continue;
      }
      const { value } = await scored.next();
      if (!value) return;
      yield value.status === FAILED ? fail(item, [value.message, value.hint].filter(Boolean).join('; '), value) : scoredRow(value, item);
    }
  } catch (error) {
    if (signal.aborted) throw new DextrError({ code: 'cancelled', message: 'The list was cancelled.' }, error);
    throw DextrError.from(error);
  } finally {
    await scored.return();
  }
}
