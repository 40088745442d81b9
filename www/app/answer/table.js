/**
 * All cells of NAS-Bench-201 and their scores under one setup, as
 * `./build.sh bench table` writes them: `# name: value` lines, the proxies' names,
 * and a line a cell in the order of its code.
 * @typedef {object} Table
 * @property {Record<string, string>} facts The command that made it, its version, its seeds.
 * @property {Record<string, number[]>} columns Each proxy's scores, by code.
 */

/** Whose cells they are. */
export const SPACE = 'nasbench201';

const OPERATIONS = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3'];
/** A node has an edge from each node before it. */
const NODES = [1, 2, 3];

/** How many cells there are. */
export const CELLS = OPERATIONS.length ** NODES.reduce((sum, edges) => sum + edges);

/** The cell of a code: its digits to base 5 are the operations, the first edge counting fastest. @param {number} code */
export function cellOf(code) {
  let rest = code;
  const edge = (/** @type {number} */ source) => {
    const operation = OPERATIONS[rest % OPERATIONS.length];
    rest = Math.floor(rest / OPERATIONS.length);
    return `${operation}~${source}|`;
  };
  return NODES.map((edges) => `|${Array.from({ length: edges }, (_, source) => edge(source)).join('')}`).join('+');
}

/** The code of a cell in canonical form; null for what is none, such as a supernet. @param {string} arch */
export function codeOf(arch) {
  const operations = Array.from(arch.matchAll(/(\w+)~/g), ([, name = '']) => OPERATIONS.indexOf(name));
  const code = operations.reduceRight((sum, operation) => sum * OPERATIONS.length + operation, 0);
  return cellOf(code) === arch ? code : null;
}

/** @param {string} text @returns {Table} */
export function readTable(text) {
  const lines = text.trimEnd().split('\n');
  const start = lines.findIndex((line) => !line.startsWith('#'));
  const facts = lines.slice(0, start).map((line) => /^# (\w+): (.*)$/.exec(line)?.slice(1) ?? []);
  const rows = lines.slice(start + 1).map((line) => line.split(',').map(Number));
  const columns = (lines[start] ?? '').split(',').map((name, index) => [name, rows.map((row) => row[index] ?? NaN)]);
  return { facts: Object.fromEntries(facts), columns: Object.fromEntries(columns) };
}

/** The place of one among all scores, the highest first, and how many have it. @param {number[]} scores @param {number} index */
export function rankOf(scores, index) {
  const own = scores[index] ?? NaN;
  return { rank: 1 + scores.filter((score) => score > own).length, shared: scores.filter((score) => score === own).length };
}
