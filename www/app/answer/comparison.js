import { DextrError } from '../../dextr/index.js';
import { h } from '../../ui/dom.js';
import { count, fault, fixed, short, significant } from '../../ui/format.js';
import { bars } from '../../ui/maps.js';
import { networkGraph } from '../network/index.js';
import { difference } from './difference.js';
import { Strip } from './strip.js';

/** @typedef {import('../state.js').Shown} Shown */
/** @typedef {import('../../dextr/index.js').Score} Score */
/** @typedef {(value: number) => string} Words */

/** What is compared: a name, a number of a score, and how that is written. @type {[string, (score: Score) => number | null, Words][]} */
const FIGURES = [
  ['Score', ({ score }) => score, fixed], ['S', ({ s }) => s, fixed], ['K', ({ k }) => k, fixed],
  ['Σ of ratios', ({ ratio_sum }) => ratio_sum, significant], ['κ', ({ curvature }) => curvature, significant],
  ['Parameters', ({ params }) => params, count], ['MACs', ({ macs }) => macs, short],
];

/** @param {number | null} a @param {number | null} b @param {Words} words */
function change(a, b, words) {
  if (a === null || b === null) return '–';
  return a === b ? 'equal' : `${b < a ? '−' : '+'}${words(Math.abs(b - a))}`;
}

/** @param {Score} kept @param {Score} now */
function figures(kept, now) {
  const cell = (/** @type {string} */ text) => h('td', { class: 'n' }, text);
  const shown = (/** @type {number | null} */ value, /** @type {Words} */ words) => (value === null ? '–' : words(value));
  return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Figures' }, h('table', {},
    h('thead', {}, h('tr', {}, ...['Figure', 'Kept', 'Now', 'Difference'].map((name, index) => h('th', { scope: 'col', class: index > 0 && 'n' }, name)))),
    h('tbody', {}, ...FIGURES.map(([name, of, words]) =>
      h('tr', {}, h('th', { scope: 'row' }, name), cell(shown(of(kept), words)), cell(shown(of(now), words)), cell(change(of(kept), of(now), words)))))));
}

/** Why the two may not compare; empty where they do. @param {Shown} kept @param {Shown} now */
function doubt(kept, now) {
  if (kept.result.score.space !== now.result.score.space) return 'They are of different spaces: their scores do not compare, their layers do.';
  return kept.settings === now.settings ? '' : 'They were scored under different settings, which move scores too.';
}

/** One strip above the other, on one scale. @param {Shown} kept @param {Shown} now */
function strips(kept, now) {
  const both = [kept, now].map(({ result }) => result.score);
  const highest = Math.max(...both.map(({ layers }) => bars(layers).highest));
  return both.map(({ layers }, index) => layers.length > 0 && new Strip(layers, { highest, title: index === 0 ? 'Kept' : 'Now' }).element);
}

/** What differs in the networks, computed when it is opened. @param {Shown} kept @param {Shown} now */
function networks(kept, now) {
  const place = h('div', { 'aria-live': 'polite' });
  const draw = async () => {
    try {
      const [before, after] = await Promise.all([kept.result.inspect(), now.result.inspect()]);
      const { changes, names } = difference(before.layers, after.layers);
      if (changes.length === 0) return place.replaceChildren(h('p', {}, 'Their layers are the same.'));
      const row = (/** @type {import('./difference.js').Change} */ { pattern, count: many, before: a, now: b }) =>
        h('tr', {}, h('th', { scope: 'row' }, pattern), h('td', { class: 'n' }, count(many)), h('td', {}, a), h('td', {}, b));
      const head = h('tr', {}, ...['Layer', 'How many', 'Kept', 'Now'].map((name, index) => h('th', { scope: 'col', class: index === 1 && 'n' }, name)));
      place.replaceChildren(
        h('p', { class: 'help' }, '* stands for the stages and blocks in which the same differs.'),
        h('div', { class: 'scroll tall', tabindex: 0, role: 'region', 'aria-label': 'Differences of the networks' }, h('table', {}, h('thead', {}, head), h('tbody', {}, ...changes.map(row)))),
        networkGraph({ open: false, maps: now.result.score.layers, inspect: async () => after, onPick: () => {}, changed: names }));
    } catch (error) {
      const { what, cure } = fault(DextrError.from(error));
      place.replaceChildren(h('p', { class: 'error' }, `${what} ${cure}`));
    }
  };
  return h('details', { ontoggle: () => void (place.hasChildNodes() || draw()) }, h('summary', {}, 'What differs in their networks'), place);
}

/**
 * An answer that was kept, beside the one that is shown.
 * @param {Shown} kept @param {Shown} now @param {() => void} onDrop
 */
export function comparison(kept, now, onDrop) {
  const name = h('code', {}, kept.result.score.arch);
  const drop = h('button', { type: 'button', class: 'small', onclick: onDrop }, 'Drop it');
  if (kept === now) return h('div', { class: 'comparison' }, h('p', {}, name, ' is kept: what you score next stands beside it. ', drop));
  const said = doubt(kept, now);
  return h('section', { class: 'comparison', 'aria-label': 'Comparison' }, h('h3', {}, 'Beside the kept one'), h('p', {}, name, ' ', drop),
    said && h('p', { class: 'notice' }, said), figures(kept.result.score, now.result.score), ...strips(kept, now), networks(kept, now));
}
