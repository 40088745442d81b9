// Numbers and messages as the reader sees them. English digits throughout, as in
// the saved files.

const WHOLE = new Intl.NumberFormat('en');

/** @param {number} value */
export function count(value) {
  return WHOLE.format(value);
}

/** A count in few digits: 12.3 M. @param {number} value */
export function short(value) {
  for (const [unit, name] of /** @type {const} */ ([[1e9, 'G'], [1e6, 'M'], [1e3, 'k']])) {
    if (value >= unit) return `${(value / unit).toPrecision(3)} ${name}`;
  }
  return String(value);
}

/** @param {number | null} value @param {number} [digits] */
export function fixed(value, digits = 4) {
  return value === null ? '–' : value.toFixed(digits);
}

/** Four significant digits, whatever the size. @param {number | null} value */
export function significant(value) {
  if (value === null) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e6 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}

/** @param {number} value */
export function seconds(value) {
  return value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`;
}

/** @param {{ seed: number, seeds: number }} score */
export function seedRange({ seed, seeds }) {
  return seeds > 1 ? `${seed} … ${seed + seeds - 1}` : String(seed);
}

/** @param {number[]} shape */
export function shape(shape) {
  return shape.join('×');
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** The engine writes in fragments: as a sentence. @param {string} text */
export function sentence(text) {
  const end = /[.!?…]$/.test(text) ? '' : '.';
  return text && text.charAt(0).toUpperCase() + text.slice(1) + end;
}

/**
 * What went wrong, where, and the cure.
 * @param {import('../dextr/index.js').DextrError} error
 */
export function fault({ message, where, hint }) {
  const place = where && !message.includes(where) ? ` (${where})` : '';
  return { what: sentence(message.replace(/\.$/, '') + place), cure: sentence(hint ?? '') };
}
