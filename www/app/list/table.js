import Papa from '../vendor/papaparse.js';
import { problem } from './file.js';

/** @typedef {import('./row.js').Cell} Cell */
/**
 * A row of a table. `number` counts from 1 without the header; `wrong` says what
 * is the matter with it. An empty cell is null.
 * @typedef {{ number: number, cells: Cell[], wrong: string | null }} TableRow
 */
/** @typedef {{ columns: string[], rows: TableRow[] }} Table */

const DELIMITERS = [',', ';', '\t'];

/**
 * Whether a text is JSON with objects or texts in it. (A plain list may begin
 * with `[` too: `[1, 0, 0, 2, 1, 0]`.)
 * @param {string} text
 */
export function isJson(text) {
  return /^\s*(\{|\[\s*[{"\]])/.test(text);
}

/** @param {string} text @param {string} delimiter */
function header(text, delimiter) {
  const { data } = Papa.parse(text, { delimiter, preview: 1, skipEmptyLines: true });
  return (data[0] ?? []).map((name) => name.trim());
}

/**
 * The delimiter under which the header is as wanted.
 * @param {string} text
 * @param {(header: string[]) => boolean} wanted
 */
export function delimiterOf(text, wanted) {
  return DELIMITERS.find((delimiter) => wanted(header(text, delimiter))) ?? null;
}

/** @param {string} text @param {string} delimiter @returns {Table} */
export function fromCsv(text, delimiter) {
  const { data, errors } = Papa.parse(text, { delimiter, skipEmptyLines: true });
  const [head = [], ...rows] = data;
  const columns = head.map((name) => name.trim());
  const quotes = new Set(errors.filter(({ type }) => type === 'Quotes').map(({ row }) => row));
  return {
    columns,
    rows: rows.map((cells, index) => ({
      number: index + 1,
      cells: columns.map((_, column) => cells[column] || null),
      wrong: quotes.has(index + 1) ? 'has a quotation mark that is not closed, or closed too early; write a quotation mark within a cell twice'
        : cells.length === columns.length ? null
          : `has ${cells.length} cells where the header has ${columns.length}; quote cells that contain a delimiter`,
    })),
  };
}

/**
 * JSON: an array, or one value a line. Values are objects, or texts that stand
 * for `{"arch": text}`.
 * @param {string} text
 * @returns {Table}
 */
export function fromJson(text) {
  /** @type {Map<string, number>} */
  const columns = new Map();
  /** @type {TableRow[]} */
  const rows = [];
  /** @param {unknown} value @param {string | null} wrong */
  const push = (value, wrong) => {
    const object = typeof value === 'string' ? { arch: value } : value;
    if (typeof object !== 'object' || object === null || Array.isArray(object)) {
      push(JSON.stringify(value), 'is neither an object nor a text; give {"arch": …} or "…"');
      return;
    }
    /** @type {Cell[]} */
    const cells = [];
    for (const [name, content] of Object.entries(object)) {
      const place = columns.get(name) ?? columns.size;
      columns.set(name, place);
      cells[place] = toCell(content);
    }
    rows.push({ number: rows.length + 1, cells, wrong });
  };

  if (/^\s*\[/.test(text)) {
    for (const value of parseArray(text)) push(value, null);
  } else {
    for (const line of text.split(/\r?\n/).map((line) => line.trim())) {
      if (line === '') continue;
      let [value, wrong] = [/** @type {unknown} */ (line), /** @type {string | null} */ (null)];
      try {
        value = JSON.parse(line);
      } catch (error) {
        wrong = `is not JSON: ${/** @type {Error} */ (error).message}; give one object a line`;
      }
      push(value, wrong);
    }
  }
  const width = columns.size;
  return { columns: [...columns.keys()], rows: rows.map((row) => ({ ...row, cells: Array.from({ length: width }, (_, column) => row.cells[column] ?? null) })) };
}

/** @param {string} text @returns {unknown[]} */
function parseArray(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw problem('bad-list', `The JSON array cannot be read: ${/** @type {Error} */ (error).message}`, 'Give an array of objects or texts, or one object a line.');
  }
}

/** @param {unknown} value @returns {Cell} */
function toCell(value) {
  if (value === '') return null;
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  return JSON.stringify(value);
}
