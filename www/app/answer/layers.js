import { h } from '../../ui/dom.js';
import { shape, significant } from '../../ui/format.js';

/** @typedef {import('../../dextr/dextr.js').ObservedMap} ObservedMap */

/**
 * Every observed map with its numbers, in a region that scrolls by keyboard.
 * @param {ObservedMap[]} maps
 */
export function layerTable(maps) {
  const head = ['Map', 'Kind', 'Shape', 'Count', 'σ_min', 'σ_max', 'Ratio', 'Against random'];
  const rows = maps.map((map) =>
    h('tr', {}, h('th', { scope: 'row' }, map.name), h('td', {}, map.kind), h('td', {}, shape(map.shape)),
      ...[String(map.count), significant(map.sigma_min), significant(map.sigma_max), significant(map.ratio), significant(map.relative)].map((text) => h('td', { class: 'n' }, text))));
  return h('details', {}, h('summary', {}, `All ${maps.length} observed maps`),
    h('div', { class: 'scroll tall', tabindex: 0, role: 'region', 'aria-label': 'Observed maps' },
      h('table', {}, h('thead', {}, h('tr', {}, ...head.map((name, index) => h('th', { scope: 'col', class: index > 2 && 'n' }, name)))), h('tbody', {}, ...rows))));
}
