/** @typedef {import('../dextr/index.js').Score} Score */
/**
 * A score as the page shows it.
 * @typedef {object} Result
 * @property {Score} score
 * @property {string} [picture] The name of the user's own picture.
 * @property {string} device The device in words, with its reason.
 * @property {string} link Reopens the setup.
 * @property {number | null} [before] The score before the last edit, under the same settings.
 */

/** The columns of the command line's output, in its order: all it takes to repeat a score. */
const COLUMNS = /** @type {const} */ ([
  'arch', 'space', 'status', 'score', 'score_std', 's', 'k', 'curvature', 'ratio_sum', 'params', 'macs', 'seed', 'seeds',
  'protocol', 'observe', 'device', 'version', 'seconds', 'message', 'image_seed', 'curve_seed', 'curves', 'image', 'options',
]);

/** @param {string | number | null} value */
function cell(value) {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {Score[]} scores */
export function toCsv(scores) {
  const rows = scores.map((score) => COLUMNS.map((name) => cell(score[name])));
  return [COLUMNS, ...rows].map((row) => `${row.join(',')}\n`).join('');
}

/** One object a line, each with its observed maps. @param {Score[]} scores */
export function toJsonLines(scores) {
  return scores.map((score) => {
    const row = Object.fromEntries([...COLUMNS, /** @type {const} */ ('layers')].map((name) => [name, score[name]]));
    return `${JSON.stringify(row)}\n`;
  }).join('');
}

/**
 * Hands the user a file.
 * @param {string} name
 * @param {string} type
 * @param {string} text
 */
export function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the data once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
