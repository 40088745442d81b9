import { Dextr, DextrError } from '../dextr/index.js';
import { megabytes, sentence } from './format.js';

/** @typedef {import('../dextr/index.js').Progress} Progress */
/** @typedef {import('../dextr/index.js').DeviceChoice} DeviceChoice */

/** The device asked for in the page's address: `?device=`. @returns {DeviceChoice} */
export function deviceChoice() {
  const asked = new URLSearchParams(location.search).get('device');
  return asked === 'cpu' || asked === 'webgpu' ? asked : 'auto';
}

/** What takes so long at first. */
export const COMPILING = 'First score on this GPU: its programs are being compiled. ';

/**
 * Progress as a share and in words.
 * @param {Progress} progress
 * @param {boolean} firstOnGpu Whether the GPU's programs are compiled on the way.
 * @returns {[number, string]}
 */
export function progressWords(progress, firstOnGpu) {
  if (progress.stage === 'download') {
    const { loaded, total } = progress;
    const words = total ? `${megabytes(loaded)} of ${megabytes(total)}` : megabytes(loaded);
    return [total ? loaded / total : 0, `Fetching the engine: ${words}`];
  }
  if (progress.stage === 'start') return [1, 'Starting the engine'];
  const { done, total } = progress;
  return [done / total, `${firstOnGpu ? COMPILING : ''}Step ${done} of ${total}`];
}

/**
 * Loads the engine on the device asked for. Where a GPU was asked for and there
 * is none, the page goes on with the CPU and says so.
 * @param {DeviceChoice} choice
 * @param {(progress: Progress) => void} onProgress
 */
export async function load(choice, onProgress) {
  try {
    return { dextr: await Dextr.load({ device: choice, onProgress }), note: undefined };
  } catch (error) {
    const fault = DextrError.from(error);
    if (choice !== 'webgpu' || ['load-failed', 'unsupported'].includes(fault.code)) throw fault;
    return { dextr: await Dextr.load({ device: 'auto', onProgress }), note: sentence(fault.message) };
  }
}
