import { problem } from './file.js';
import { loadResults } from './load.js';
import { number, RESULT } from './row.js';

/** @typedef {import('./row.js').About} About */
/** @typedef {import('./row.js').Cell} Cell */
/** @typedef {import('./row.js').NewRow} NewRow */
/** @typedef {import('../../dextr/dextr.js').Layout} Layout */
/** @typedef {import('../../dextr/dextr.js').Wishes} Wishes */
/**
 * An architecture to score, or a model file. `wrong` says why its row cannot be.
 * @typedef {{ place: string, space: string, arch: string, wrong: string | null, others: Map<string, Cell>, about?: About, model?: import('../../dextr/index.js').Model }} Item
 */
/**
 * How a list was understood: what it was read as, in data and in words, how many
 * of its rows each space has, and how many mean several architectures.
 * @typedef {{ layout: Layout, words: string, columns: string[], spaces: Map<string, number>, ambiguous: number }} Understood
 */
/**
 * What a list turned out to be: architectures to score, or saved results.
 * `notes` are for the user; `understood` is nothing where nothing had to be.
 * @typedef {{ items: Item[], results: NewRow[], notes: string[], understood: Understood | null }} List
 */

/**
 * Reads a list; the engine does, as the command line reads it.
 * @param {import('../../dextr/index.js').Dextr} dextr
 * @param {string} text
 * @param {{ fileName?: string, space: string, schema: import('./schema.js').RowSchema, wishes?: Wishes, own?: boolean }} context `space` is for rows that name none; without `own` also for those that are of another.
 * @returns {Promise<List>}
 */
export async function readList(dextr, text, { fileName = '', space, schema, wishes, own = true }) {
  const read = await dextr.readList(text, space, wishes);
  const { columns, layout } = read;
  if (RESULT.every((name) => columns.includes(name))) return { items: [], ...loadResults(read, schema), understood: null };
  if (read.items.length === 0) {
    throw problem('empty-list', `${fileName ? `“${fileName}”` : 'The list'} has no architecture in it`, 'Give at least one, one a line.');
  }
  const others = columns.map((_, index) => index).filter((index) => !layout.arch.includes(index) && index !== layout.space);
  const names = schema.freeNames(others.map((index) => columns[index] ?? ''));
  const about = aboutColumns(layout, others, names);
  const items = read.items.map((item) => ({
    place: item.place,
    space: own || layout.space !== null ? item.space : space,
    arch: item.arch,
    wrong: item.problem,
    others: new Map(others.map((index, other) => [names[other] ?? '', item.cells[index] ?? null])),
    about,
  }));
  const spaces = new Map();
  for (const item of read.items) spaces.set(item.space, (spaces.get(item.space) ?? 0) + 1);
  const understood = { layout, words: read.words, columns, spaces, ambiguous: read.items.filter(({ ambiguous }) => ambiguous).length };
  return { items, results: [], notes: [...read.notes, ...repeats(items), ...badNumbers(items, names)], understood };
}

/** What a list's other columns are for, under the names that they are saved by. @param {Layout} layout @param {number[]} others @param {string[]} names @returns {About} */
function aboutColumns({ truth, index }, others, names) {
  const nameOf = (/** @type {number} */ column) => names[others.indexOf(column)] ?? '';
  return { truth: truth === null ? '' : nameOf(truth), index: index.map(nameOf) };
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
