import { h } from '../../ui/dom.js';
import { count } from '../../ui/format.js';
import { tableOf } from './reference.js';
import { codeOf, rankOf, SPACE } from './table.js';

/** @typedef {import('../../dextr/index.js').Score} Score */
/** @typedef {import('./table.js').Table} Table */

/** What moves a score under default settings. @type {('seed' | 'seeds' | 'image_seed' | 'curve_seed')[]} */
const SEEDS = ['seed', 'seeds', 'image_seed', 'curve_seed'];
/**
 * How far a score may be from the table's, relatively. Devices round otherwise, and
 * where a unit near 0 falls on the other side of its ReLU, K jumps: by up to 3e-3
 * of the score in 500 cells. What is farther is of another version.
 */
const AGREED = 1e-2;

/** An answer's ranks in words; empty where the table says nothing of it. @param {Table} table @param {Score} score */
export function rankWords({ facts, columns }, score) {
  const code = codeOf(score.arch);
  const scores = columns.dextr ?? [];
  const there = code === null ? undefined : scores[code];
  if (code === null || there === undefined || score.score === null || SEEDS.some((name) => String(score[name]) !== facts[name])) return '';
  if (Math.abs(score.score - there) > AGREED * Math.abs(there)) return `No exact rank: the table of all cells is of another version (${facts.version}), which scores this one ${there}.`;
  const ranks = Object.entries(columns).map(([proxy, values], index) => {
    const { rank, shared } = rankOf(values, code);
    const among = index === 0 ? ` of all ${count(values.length)} cells` : '';
    return `${count(rank)}${among} by ${proxy}${shared > 1 ? `, shared by ${count(shared)}` : ''}`;
  });
  return `Rank ${ranks.join('; ')} (table of version ${facts.version}, seed ${facts.seed}).`;
}

/** The exact rank, once the table is here; nothing where there is none. @param {Score} score */
export function rankLine(score) {
  const line = h('p', { class: 'rank' });
  if (score.space === SPACE) void tableOf(SPACE).then((table) => table && line.replaceChildren(rankWords(table, score)));
  return line;
}
