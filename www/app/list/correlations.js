import { h } from '../../ui/dom.js';
import { PARTS } from './compare.js';
import { COMPARED } from './row.js';

/** @typedef {import('./compare.js').Entry} Entry */
/** @typedef {import('./compare.js').Estimate} Estimate */

/** Of fewer rows the bootstrap’s interval says nothing. */
const FEW = 10;

/** @param {Estimate | null} estimate @param {number} n */
function estimateCell(estimate, n) {
  if (!estimate) return h('td', { class: 'n' }, '–');
  const { value, low, high } = estimate;
  const interval = low === null || high === null ? '' : n < FEW ? 'too few rows for an interval' : `${low.toFixed(3)} … ${high.toFixed(3)}`;
  return h('td', { class: 'n' }, h('data', { value }, h('strong', {}, value.toFixed(3))), ' ', h('span', { class: 'interval', 'data-low': low, 'data-high': high }, interval));
}

/** How much better than the size alone, where that can be told. @param {Entry} entry */
function againstCell({ against, n, column }) {
  if (!against || column === 'params' || n < FEW) return h('td', { class: 'n' }, '–');
  const signed = (/** @type {number} */ value) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
  const { value, low, high } = against;
  return h('td', { class: 'n' }, h('span', { 'data-difference': value }, signed(value)), ' ', low !== null && high !== null && h('span', { class: 'spread' }, `${signed(low)} … ${signed(high)}`));
}

/**
 * Spearman and Kendall with their 95 % intervals, the size of the network always
 * beside the score.
 * @param {Entry[]} entries
 * @param {string} truth
 */
export function correlationTable(entries, truth) {
  const labels = new Map(COMPARED.map(({ name, label }) => /** @type {[string, string]} */ ([name, label])));
  const bodies = PARTS.map(([part]) => h('tbody', {}, ...entries.filter((entry) => entry.part === part).map((entry, index, all) =>
    h('tr', { 'data-part': part, 'data-column': entry.column },
      index === 0 && h('th', { scope: 'rowgroup', rowspan: all.length }, part),
      h('th', { scope: 'row' }, labels.get(entry.column) ?? entry.column, entry.best && h('span', { class: 'best', title: 'Better than any other here, by more than its paired interval' }, ' best')), h('td', { class: 'n' }, entry.n),
      estimateCell(entry.spearman, entry.n), againstCell(entry), estimateCell(entry.kendall, entry.n), h('td', {}, entry.message)))));
  return h('table', { class: 'correlations' },
    h('caption', {}, `Rank correlation with ${truth}, with 95 % intervals (percentile bootstrap, 2,000 resamples)`),
    h('thead', {}, h('tr', {}, ...['Rows', 'Column', 'n', 'Spearman', 'Against #params', 'Kendall'].map((name, index) => h('th', { scope: 'col', class: index > 1 && 'n' }, name)),
      h('th', { scope: 'col' }, h('span', { class: 'visually-hidden' }, 'Note')))),
    ...bodies);
}
