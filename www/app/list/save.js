import Papa from '../vendor/papaparse.js';
import { cell, COLUMNS } from './row.js';

/** @typedef {import('./row.js').Row} Row */

/** The result's columns, then the input's, in the order of their first appearance. @param {Row[]} rows */
function columnsOf(rows) {
  return [...COLUMNS, ...new Set(rows.flatMap(({ others }) => [...others.keys()]))];
}

/** @param {Row[]} rows */
export function toCsv(rows) {
  const fields = columnsOf(rows);
  const data = rows.map((row) => fields.map((name) => cell(row, name)));
  return `${Papa.unparse({ fields, data }, { newline: '\n' })}\n`;
}

/** One object a line. @param {Row[]} rows */
export function toJsonLines(rows) {
  const fields = columnsOf(rows);
  return rows.map((row) => `${JSON.stringify(Object.fromEntries(fields.map((name) => [name, cell(row, name)])))}\n`).join('');
}
