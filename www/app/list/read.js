import { problem } from './file.js';
import { loadResults } from './load.js';
import { number, RESULT } from './row.js';
import { delimiterOf, fromCsv, fromJson, isJson } from './table.js';

/** @typedef {import('./row.js').Cell} Cell */
/** @typedef {import('./row.js').NewRow} NewRow */
/** @typedef {import('./table.js').Table} Table */
/** @typedef {{ name: string, columns?: string[] }} Space */
/**
 * An architecture to score, or a model file. `wrong` says why its row cannot be.
 * @typedef {{ place: string, space: string, arch: string, wrong: string | null, others: Map<string, Cell>, model?: import('../../dextr/index.js').Model }} Item
 */
/**
 * What a list turned out to be: architectures to score, or saved results.
 * `notes` are for the user.
 * @typedef {{ items: Item[], results: NewRow[], notes: string[] }} List
 */

/**
 * Reads a list as the command line does: plain text with one architecture a
 * line, CSV with a header, JSON, or JSON lines.
 * @param {string} text
 * @param {{ fileName?: string, space: string, spaces: Space[], schema: import('./schema.js').RowSchema }} context `space` is for rows that name none.
 * @returns {List}
 */
export function readList(text, { fileName = '', space, spaces, schema }) {
  const columns = spaces.find(({ name }) => name === space)?.columns ?? [];
  const context = { space, spaces, schema };
  const source = (/** @type {string[]} */ names) => sourceOf(names, columns);
  const list = isJson(text) ? fromTable(fromJson(text), source, context) : fromText(text, fileName, source, context);
  if (list.items.length + list.results.length === 0) {
    throw problem('empty-list', `${fileName ? `“${fileName}”` : 'The list'} has no architecture in it`, 'Give at least one, one a line.');
  }
  return list;
}

/**
 * The columns that an architecture is read from, if a header has them.
 * @param {string[]} names
 * @param {string[]} columns The space's own.
 */
function sourceOf(names, columns) {
  const own = columns.map((name) => names.indexOf(name));
  if (names.includes('arch')) return [names.indexOf('arch')];
  return own.length > 0 && !own.includes(-1) ? own : null;
}

/** @typedef {(names: string[]) => number[] | null} Source */
/** @typedef {{ space: string, spaces: Space[], schema: import('./schema.js').RowSchema }} Context */

/** @param {string} text @param {string} fileName @param {Source} source @param {Context} context @returns {List} */
function fromText(text, fileName, source, context) {
  const delimiter = delimiterOf(text, (names) => source(names) !== null) ?? delimiterOf(text, (names) => looksLikeHeader(names, fileName));
  if (delimiter) return fromTable(fromCsv(text, delimiter), source, context);
  const lines = text.split(/\r?\n/).map((line, index) => ({ place: `line ${index + 1}`, arch: line.trim() }));
  const items = lines.filter(({ arch }) => arch !== '' && !arch.startsWith('#'))
    .map((line) => ({ ...line, space: context.space, wrong: null, others: new Map() }));
  return { items, results: [], notes: repeats(items) };
}

/**
 * Whether a first line without a known column is a header all the same. The
 * name of the file tells, or several cells that are all plain names.
 * @param {string[]} names
 * @param {string} fileName
 */
function looksLikeHeader(names, fileName) {
  const enough = /\.(csv|tsv)$/i.test(fileName) ? 1 : 2;
  return names.length >= enough && names.every((name) => /^[\p{L}_][\p{L}\d _.%/-]*$/u.test(name));
}

/** @param {Table} table @param {Source} source @param {Context} context @returns {List} */
function fromTable(table, source, { space, spaces, schema }) {
  if (RESULT.every((name) => table.columns.includes(name))) return { items: [], ...loadResults(table, schema) };
  const from = source(table.columns);
  if (!from && table.rows.length === 0) return { items: [], results: [], notes: [] };
  if (!from) throw noArchitecture(table.columns, space, spaces);

  const spaceColumn = table.columns.indexOf('space');
  const others = table.columns.map((_, index) => index).filter((index) => !from.includes(index) && index !== spaceColumn);
  const names = schema.freeNames(others.map((index) => table.columns[index] ?? ''));
  const items = table.rows.map(({ number, cells, wrong }) => {
    const parts = from.map((index) => String(cells[index] ?? '').trim());
    const missing = from.find((_, part) => parts[part] === '');
    return {
      place: `row ${number}`,
      space: String(cells[spaceColumn] ?? '').trim() || space,
      arch: parts.join(','),
      wrong: wrong ?? (missing === undefined ? null : `has no “${table.columns[missing]}”; give an architecture there`),
      others: new Map(others.map((index, other) => [names[other] ?? '', cells[index] ?? null])),
    };
  });
  return { items, results: [], notes: [...repeats(items), ...badNumbers(items, names)] };
}

/** @param {string[]} columns @param {string} space @param {Space[]} spaces */
function noArchitecture(columns, space, spaces) {
  const own = (spaces.find(({ name }) => name === space)?.columns ?? []).filter((name) => name !== 'arch');
  const fitting = spaces.filter((other) => sourceOf(columns, other.columns ?? [])).map(({ name }) => name);
  const message = `The list has no column “arch”${own.length ? ` (nor ${own.join(', ')})` : ''}; its columns are: ${columns.join(', ') || 'none'}`;
  return problem('no-arch-column', message, fitting.length > 0
    ? `These columns are those of ${fitting.join(', ')}: choose that search space, and give the list again.`
    : 'Name the column with the architectures “arch”.');
}

/** @param {Item[]} items */
function repeats(items) {
  const different = new Set(items.map(({ space, arch }) => `${space} ${arch}`)).size;
  const count = items.length - different;
  return count > 0 ? [`${count} ${count === 1 ? 'row repeats' : 'rows repeat'} an earlier architecture: computed once, kept as ${count === 1 ? 'a row' : 'rows'}.`] : [];
}

/**
 * Cells that are no number in columns that are numbers otherwise.
 * @param {Item[]} items
 * @param {string[]} names
 */
function badNumbers(items, names) {
  return names.flatMap((name) => {
    const filled = items.filter(({ others }) => String(others.get(name) ?? '').trim() !== '');
    const bad = filled.filter(({ others }) => number(others.get(name)) === null);
    const [first] = bad;
    if (!first || bad.length * 2 > filled.length) return [];
    const more = bad.length > 1 ? `, and ${bad.length - 1} more ${bad.length === 2 ? 'row has' : 'rows have'} none` : '';
    return [`${first.place}: “${String(first.others.get(name)).slice(0, 40)}” in ${name} is not a number${more}; scored, but left out of its correlations.`];
  });
}
