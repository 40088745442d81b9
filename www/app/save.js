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
