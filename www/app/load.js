import { Dextr, DextrError } from '../dextr/index.js';
import { sentence } from '../ui/format.js';

/** @typedef {import('../dextr/index.js').Progress} Progress */
/** @typedef {import('../dextr/index.js').DeviceChoice} DeviceChoice */

/** The device asked for in the page's address: `?device=`. @returns {DeviceChoice} */
export function deviceChoice() {
  const asked = new URLSearchParams(location.search).get('device');
  return asked === 'cpu' || asked === 'webgpu' ? asked : 'auto';
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
    if (choice !== 'webgpu' || ['load-failed', 'unsupported', 'forbidden'].includes(fault.code)) throw fault;
    return { dextr: await Dextr.load({ device: 'auto', onProgress }), note: sentence(fault.message) };
  }
}
