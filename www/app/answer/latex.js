/** What LaTeX would take for a command. @param {string} text */
function escape(text) {
  /** @type {Record<string, string>} */
  const named = { '\\': '\\textbackslash{}', '~': '\\textasciitilde{}', '^': '\\textasciicircum{}', '|': '\\textbar{}' };
  return text.replace(/[\\~^|&%$#_{}]/g, (sign) => named[sign] ?? `\\${sign}`);
}

/**
 * A line for a table, with its columns in a comment.
 * @param {{ space: string, arch: string, score: number | null, s: number | null, k: number | null, params: number, macs: number, seed: number }} score
 */
export function latexRow({ space, arch, score, s, k, params, macs, seed }) {
  const number = (/** @type {number | null} */ value) => (value === null ? '--' : `$${value.toFixed(3)}$`);
  const cells = [escape(space), `\\texttt{${escape(arch)}}`, number(score), number(s), number(k), `$${(params / 1e6).toFixed(3)}$`, `$${(macs / 1e6).toFixed(1)}$`];
  return `% space & architecture & Dextr & S & K & parameters (M) & MACs (M); weight seed ${seed}\n${cells.join(' & ')} \\\\`;
}
