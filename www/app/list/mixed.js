import { h } from '../../ui/dom.js';
import { count } from '../../ui/format.js';
import { cell, number, PROXY } from './row.js';

/** @typedef {import('./row.js').Row} Row */

/** Decide what a row is, and not whether two may be ranked together. */
const APART = ['arch', 'space', 'seed', 'seeds', 'image_seed', 'curve_seed'];

/**
 * What differs between rows that are ranked together: their spaces, and the
 * columns of settings that differ within one.
 * @param {Row[]} rows
 * @param {string[]} identity The columns that decide an experiment.
 */
export function mixture(rows, identity) {
  /** @type {Map<string, Map<string, Set<unknown>>>} */
  const spaces = new Map();
  const settings = identity.filter((name) => !APART.includes(name));
  // What has no score is not ranked.
  for (const row of rows.filter((each) => number(cell(each, 'score')) !== null)) {
    const space = String(cell(row, 'space') ?? '');
    const seen = spaces.get(space) ?? new Map(settings.map((name) => [name, new Set()]));
    spaces.set(space, seen);
    // The first proxy is the score; the others stand beside it.
    for (const name of settings) seen.get(name)?.add(name === 'proxies' ? String(cell(row, name) ?? PROXY).split(',')[0] : cell(row, name));
  }
  const differing = settings.filter((name) => [...spaces.values()].some((seen) => (seen.get(name)?.size ?? 0) > 1));
  return { spaces: [...spaces.keys()], differing };
}

/** Says that a ranking mixes what cannot be compared, and offers to look at one space. */
export class MixedNotice {
  #identity;
  #onSpace;
  #said = '';
  element = h('div', { role: 'status' });

  /** @param {string[]} identity @param {(space: string) => void} onSpace */
  constructor(identity, onSpace) {
    this.#identity = identity;
    this.#onSpace = onSpace;
  }

  /** @param {Row[]} rows Those that are ranked. */
  show(rows) {
    const { spaces, differing } = mixture(rows, this.#identity);
    const said = [
      spaces.length > 1 && `These rows are of ${count(spaces.length)} search spaces, whose scores cannot be compared: a rank says something within one alone.`,
      differing.length > 0 && `Rows of one space differ in ${differing.join(', ')}: scores under other settings cannot be compared either; filter by it, as in ${differing[0]}=….`,
    ].filter(Boolean).join(' ');
    const key = `${said} ${spaces.join()}`;
    if (key === this.#said) return;
    this.#said = key;
    this.element.replaceChildren(...(said ? [h('p', { class: 'notice' }, said, ' ',
      ...(spaces.length > 1 ? spaces.flatMap((space) => [h('button', { type: 'button', class: 'small', onclick: () => this.#onSpace(space) }, `Rank ${space} alone`), ' ']) : []))] : []));
  }
}
