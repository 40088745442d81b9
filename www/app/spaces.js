import { Model } from '../dextr/index.js';

/** @typedef {import('../dextr/index.js').Dextr} Dextr */
/**
 * A search space, or what stands in for one. `label` and `legend`: words for the space and its options.
 * @typedef {import('../dextr/index.js').Space & { label?: string, legend?: string }} Space
 */

/**
 * All that can be picked: the search spaces, and model files, which have options
 * and nothing to choose.
 * @param {Dextr} dextr
 * @returns {Space[]}
 */
export function allSpaces({ spaces, modelOptions }) {
  return [...spaces, { name: Model.space, title: 'A network of your own, from an ONNX file', label: 'onnx: a file of your own', legend: 'Image and weights', size: 0, options: modelOptions, examples: [], operations: [], edges: [], columns: [], readings: [], observe: 'flow' }];
}
