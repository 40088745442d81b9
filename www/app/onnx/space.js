/** @typedef {import('../../dextr/index.js').Dextr} Dextr */
/** @typedef {import('../settings.js').Space} Space */

/** What stands in results for model files. */
export const ONNX = 'onnx';

/** Options that are one of a few words. @type {Record<string, string[]>} */
const WORDS = { weights: ['seed', 'file'] };

/**
 * Model files among the search spaces: they have options, and nothing to choose.
 * @param {Dextr} dextr
 * @returns {Space}
 */
export function modelSpace({ modelOptions }) {
  const options = modelOptions.map((option) => ({ ...option, ...(WORDS[option.name] ? { values: WORDS[option.name] } : {}) }));
  return { name: ONNX, title: 'A network of your own, from an ONNX file', label: 'onnx: a file of your own', legend: 'Image and weights', size: 0, options, examples: [], operations: [], edges: [], columns: [], observe: 'flow' };
}
