import Papa from 'papaparse';
import { cell } from './row.js';

/** @typedef {import('./row.js').NewRow} NewRow */

/** The result's columns, then the input's, in the order of their first appearance. @param {NewRow[]} rows */
function columnsOf(rows) {
  return [...new Set([...rows.flatMap(({ own }) => Object.keys(own)), ...rows.flatMap(({ others }) => [...others.keys()])])];
}

/** @param {NewRow[]} rows */
export function toCsv(rows) {
  const fields = columnsOf(rows);
  const data = rows.map((row) => fields.map((name) => cell(row, name)));
  return `${Papa.unparse({ fields, data }, { newline: '\n' })}\n`;
}

/**
 * One object a line, with the observed maps of each row where they are given,
 * as the command line's `--details` has them.
 * @param {NewRow[]} rows
 * @param {import('../../dextr/dextr.js').ObservedMap[][]} [layers]
 */
export function toJsonLines(rows, layers = []) {
  const fields = columnsOf(rows);
  return rows.map((row, index) => {
    const object = Object.fromEntries(fields.map((name) => [name, cell(row, name)]));
    return `${JSON.stringify(layers[index] ? { ...object, layers: layers[index] } : object)}\n`;
  }).join('');
}
