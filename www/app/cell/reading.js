import { h } from '../../ui/dom.js';
import { count } from '../../ui/format.js';

/** @typedef {import('../../dextr/dextr.js').Parsed['readings'][number]} Meaning */

const KEY = 'dextr-reading';
/** Where storage is forbidden, the choice lasts as long as the page. @type {string | undefined} */
let last;

/** The reading that was chosen last, on this page or an earlier visit. @returns {string | undefined} */
export function rememberedReading() {
  try {
    return last ?? localStorage.getItem(KEY) ?? undefined;
  } catch {
    return last;
  }
}

/** @param {string} name */
export function rememberReading(name) {
  last = name;
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // The choice holds on this page all the same.
  }
}

/**
 * Asks what a text means that may mean several architectures: each with whose
 * order it is, the architecture, and how large it is.
 * @param {Meaning[]} meanings
 * @param {(meaning: Meaning) => void} onChoose
 * @param {(arch: string) => Promise<number>} params How many parameters one has.
 */
export function readingChoice(meanings, onChoose, params) {
  const choose = (/** @type {Meaning} */ meaning) => {
    rememberReading(meaning.name);
    onChoose(meaning);
  };
  const before = rememberedReading();
  const buttons = meanings.map((meaning) => {
    const size = h('span', { class: 'quiet' });
    params(meaning.arch).then((found) => size.append(`${count(found)} parameters`), () => {});
    return h('li', {}, h('button', { type: 'button', class: 'reading', onclick: () => choose(meaning) },
      h('strong', {}, `As in ${meaning.title}`), meaning.name === before && h('span', { class: 'quiet' }, ' (chosen last)'),
      h('code', {}, meaning.arch), size));
  });
  return h('fieldset', { class: 'readings' }, h('legend', {}, `These numbers mean ${meanings.length === 2 ? 'two cells' : 'several cells'}, as libraries order operations and edges differently. Which is meant?`),
    h('ul', {}, ...buttons));
}
