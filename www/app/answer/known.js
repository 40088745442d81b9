import { h } from '../../ui/dom.js';
import { count, fixed, short } from '../../ui/format.js';
import { knownModels } from './reference.js';

/** @typedef {import('../../dextr/index.js').Score} Score */
/** @typedef {import('./reference.js').Known} Known */

/** @param {Score} score @param {Known[]} rows */
function table(score, rows) {
  const own = { name: score.arch, params: score.params, macs: score.macs, score: score.score, s: score.s, k: score.k, own: true };
  const others = rows.map(([name, params, macs, value, s, k]) => ({ name, params, macs, score: value, s, k, own: false }));
  // What has no score comes last.
  const sorted = [...others, own].sort((a, b) => (b.score ?? -Infinity) - (a.score ?? -Infinity));
  const head = ['Network', 'Score', 'S', 'K', 'Parameters', 'MACs'];
  return h('table', {}, h('thead', {}, h('tr', {}, ...head.map((name, index) => h('th', { scope: 'col', class: index > 0 && 'n' }, name)))),
    h('tbody', {}, ...sorted.map((row) => h('tr', { class: row.own && 'own' }, h('th', { scope: 'row' }, row.own ? h('strong', {}, `${row.name} (this file)`) : row.name),
      ...[fixed(row.score), fixed(row.s), fixed(row.k), count(row.params), short(row.macs)].map((text) => h('td', { class: 'n' }, text))))));
}

/**
 * A model file beside well-known networks, made from their definitions with
 * weights drawn by seed 0, at their usual sizes.
 * @param {Score} score
 * @param {boolean} usual Whether nothing but seeds differs from the default settings.
 */
export function knownNetworks(score, usual) {
  const place = h('div');
  const show = async () => {
    const rows = (await knownModels())?.rows ?? [];
    place.replaceChildren(...(rows.length === 0 ? [h('p', { class: 'quiet' }, 'The table cannot be fetched now.')] : [
      h('p', { class: 'help' }, `${usual ? '' : 'These were scored under default settings, which yours are not: do not compare the numbers. '}Made from torchvision’s and timm’s definitions, with weights by seed 0, at the size that each is used with. Networks of different families are not ranked by the score; it shows what range is usual.`),
      h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Well-known networks' }, table(score, rows))]));
  };
  /** @type {HTMLDetailsElement} */
  const panel = h('details', { class: 'known', ontoggle: () => void (panel.open && !place.hasChildNodes() && show()) }, h('summary', {}, 'Beside well-known networks'), place);
  return panel;
}
