import { h } from '../../ui/dom.js';
import { significant } from '../../ui/format.js';

/** @typedef {import('../../dextr/index.js').Score} Score */
/** @typedef {import('../../dextr/dextr.js').ProxyInfo} ProxyInfo */

/**
 * What the other proxies say that were asked for.
 * @param {Score} score @param {ProxyInfo[]} known
 */
export function otherProxies(score, known) {
  const names = score.proxies.split(',').slice(1);
  if (names.length === 0) return null;
  const values = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (score));
  const row = (/** @type {string} */ name) => {
    const value = values[name];
    const about = known.find((proxy) => proxy.name === name);
    return h('tr', {}, h('th', { scope: 'row', title: about?.paper }, name), h('td', { class: 'n' }, typeof value === 'number' ? significant(value) : 'none'), h('td', { class: 'why' }, about?.title));
  };
  return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Other proxies' }, h('table', {},
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Proxy'), h('th', { scope: 'col', class: 'n' }, 'Value'), h('th', { scope: 'col' }, 'What it measures'))),
    h('tbody', {}, ...names.map(row))));
}
