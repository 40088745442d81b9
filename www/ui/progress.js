import { megabytes } from './format.js';

/** @typedef {import('../dextr/index.js').Progress} Progress */

/**
 * Progress in words, and as a share where it is known.
 * @param {Progress} progress
 * @returns {{ share: number | null, words: string }}
 */
export function progressWords(progress) {
  if (progress.stage === 'start') return { share: null, words: 'Starting the engine' };
  if (progress.stage === 'score') return { share: progress.done / progress.total, words: `Step ${progress.done} of ${progress.total}` };
  const { loaded, total } = progress;
  const words = total ? `${megabytes(loaded)} of ${megabytes(total)}` : megabytes(loaded);
  return { share: total ? loaded / total : null, words: `Fetching the engine: ${words}` };
}

/** A bar that does not know how far it is moves by itself. @param {HTMLProgressElement} bar @param {number | null} share */
export function setShare(bar, share) {
  if (share === null) bar.removeAttribute('value');
  else bar.value = share;
}
