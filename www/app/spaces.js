import { Model } from '../dextr/index.js';

/** @typedef {import('../dextr/index.js').Dextr} Dextr */
/**
 * A search space, or what stands in for one. `values`: what an option is one
 * of; `label` and `legend`: words for the space and its options.
 * @typedef {Omit<import('../dextr/index.js').Space, 'options'> & {
 *   options: (import('../dextr/dextr.js').SpaceOption & { values?: string[] })[], label?: string, legend?: string }} Space
 */

/** Options that are one of a few words. @type {Record<string, string[]>} */
const WORDS = { weights: ['seed', 'file'], renormalise: ['no', 'yes'] };

/**
 * All that can be picked: the search spaces, and model files, which have options
 * and nothing to choose.
 * @param {Dextr} dextr
 * @returns {Space[]}
 */
export function allSpaces({ spaces, modelOptions }) {
  const options = modelOptions.map((option) => ({ ...option, ...(WORDS[option.name] ? { values: WORDS[option.name] } : {}) }));
  return [...spaces, { name: Model.space, title: 'A network of your own, from an ONNX file', label: 'onnx: a file of your own', legend: 'Image and weights', size: 0, options, examples: [], operations: [], edges: [], columns: [], readings: [], observe: 'flow' }];
}
