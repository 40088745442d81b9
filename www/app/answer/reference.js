import { readTable } from './table.js';

/**
 * Scores of random architectures of a space under default settings, made by
 * `./build.sh bench reference`.
 * @typedef {object} Reference
 * @property {string} space
 * @property {string} version Of the crate that made it.
 * @property {number} count How many architectures.
 * @property {number[]} score Quantiles 0, 1/100, …, 1 of their scores.
 * @property {number[]} params The same of their parameters.
 * @property {Reached[]} reached What trained architectures reached.
 *
 * @typedef {object} Reached Accuracies of a table's rows, in groups by their score.
 * @property {string} name Of the accuracy.
 * @property {string} source
 * @property {number} rows
 * @property {[number, number, number, number][]} groups Least score, then least, median and largest accuracy.
 *
 * @typedef {[name: string, params: number, macs: number, score: number, s: number, k: number]} Known
 */

/** Those that were fetched. @type {Map<string, Promise<any>>} */
const fetched = new Map();

/**
 * A file of the references; null where there is none, or no network now.
 * @param {string} name @param {(answer: Response) => Promise<any>} read @returns {Promise<any>}
 */
function file(name, read) {
  const known = fetched.get(name);
  if (known) return known;
  const asked = fetch(new URL(`app/references/${encodeURIComponent(name)}`, document.baseURI))
    .then((answer) => (answer.ok ? read(answer) : null))
    .catch(() => {
      fetched.delete(name);
      return null;
    });
  fetched.set(name, asked);
  return asked;
}

const json = (/** @type {Response} */ answer) => answer.json();

/** What a gzip file says. @param {Response} answer */
async function unpacked(answer) {
  const file = await answer.blob();
  const [first] = new Uint8Array(await file.slice(0, 1).arrayBuffer());
  // Some servers call it an encoding, so that the browser has unpacked it.
  return first === 0x1f ? new Response(file.stream().pipeThrough(new DecompressionStream('gzip'))).text() : file.text();
}

/** The reference of a space. @param {string} space @returns {Promise<Reference | null>} */
export function referenceOf(space) {
  return file(`${space}.json`, json);
}

/** The scores of all architectures of a space, where there is such a table. @param {string} space @returns {Promise<import('./table.js').Table | null>} */
export function tableOf(space) {
  return file(`${space}.csv.gz`, async (answer) => readTable(await unpacked(answer)));
}

/** The scores of well-known networks. @returns {Promise<{ rows: Known[] } | null>} */
export function knownModels() {
  return file('models.json', json);
}

/** The share of a sample below a value, by its quantiles. @param {number[]} quantiles @param {number} value */
export function shareBelow(quantiles, value) {
  const last = quantiles.length - 1;
  const next = quantiles.findIndex((q) => q >= value);
  if (next < 0) return 1;
  if (next === 0) return 0;
  const [low, high] = [quantiles[next - 1] ?? value, quantiles[next] ?? value];
  const part = high > low ? (value - low) / (high - low) : 0;
  return (next - 1 + part) / last;
}

/** Quantiles 0, 1/100, …, 1 of a sample. @param {number[]} values */
export function quantilesOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return Array.from({ length: 101 }, (_, index) => {
    const at = (index / 100) * (sorted.length - 1);
    const low = sorted[Math.floor(at)] ?? 0;
    return low + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? low) - low);
  });
}

/** The group that a score falls into. @param {Reached} reached @param {number} score */
export function groupOf({ groups }, score) {
  const above = groups.findIndex(([least]) => least > score);
  return above < 0 ? groups.at(-1) : groups[Math.max(0, above - 1)];
}
