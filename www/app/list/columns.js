import { count, fixed, short, significant } from '../../ui/format.js';
import { cell, columnLabel, number } from './row.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {{ name: string, label: string, numeric: boolean, help?: string, text: (row: Row) => string }} TableColumn */

/** @param {string} name @param {(value: number) => string} format @returns {TableColumn['text']} */
const shown = (name, format) => (row) => {
  const value = number(cell(row, name));
  return value === null ? '–' : format(value);
};
/** @param {keyof Row['own']} name @returns {TableColumn['text']} */
const plain = (name) => (row) => String(row.own[name] ?? '');

/** @param {Row} row */
function scoreText(row) {
  const [score, deviation] = [number(row.own.score), number(row.own.score_std)];
  return fixed(score) + (deviation === null ? '' : ` ± ${fixed(deviation)}`);
}

/** @param {Row} row */
function seedText(row) {
  const [seed, seeds] = [number(row.own.seed), number(row.own.seeds)];
  return seed !== null && seeds !== null && seeds > 1 ? `${seed} … ${seed + seeds - 1}` : plain('seed')(row);
}

/** The table's columns that are always there. @type {TableColumn[]} */
export const TABLE = [
  { name: 'id', label: '#', numeric: true, help: 'In the order of arrival', text: () => '' },
  { name: 'arch', label: 'Architecture', numeric: false, text: plain('arch') },
  { name: 'score', label: 'Score', numeric: true, help: 'Mean ± deviation over the seeds', text: scoreText },
  { name: 's', label: 'S', numeric: true, text: shown('s', fixed) },
  { name: 'k', label: 'K', numeric: true, text: shown('k', fixed) },
  { name: 'params', label: '#params', numeric: true, text: shown('params', count) },
  { name: 'macs', label: 'MACs', numeric: true, text: shown('macs', short) },
  { name: 'status', label: 'Status', numeric: false, text: plain('status') },
  { name: 'space', label: 'Space', numeric: false, text: plain('space') },
  { name: 'seed', label: 'Seed', numeric: true, text: seedText },
  { name: 'device', label: 'Device', numeric: false, text: plain('device') },
];

/** The column of a proxy. @param {{ name: string, label: string }} proxy @returns {TableColumn} */
export function proxyColumn({ name, label }) {
  return { name, label, numeric: true, help: 'A proxy beside the score', text: shown(name, significant) };
}

/** The column of the known accuracies. @param {string} name @returns {TableColumn} */
export function truthColumn(name) {
  const text = (/** @type {Row} */ row) => String(cell(row, name) ?? '');
  return { name, label: columnLabel(name), numeric: true, help: 'The truth that scores are compared with', text };
}
