import { h } from '../../ui/dom.js';
import { significant } from '../../ui/format.js';

/** @typedef {import('../../dextr/dextr.js').Decision} Decision */

/** @param {string} name Of an operation, short enough for a phone. */
function brief(name) {
  return name.replaceAll('_', ' ').replace(/(\d)x(\d)/, '$1×$2').replace(' connect', '').replace('nor conv', 'conv');
}

/** @param {Decision} decision */
function title({ group, source, target }) {
  return source === null ? `${group}, node ${target}: without the edge from` : `${group} ${source}→${target}: without`;
}

/** The seven scores of the edge under test, as they come. @param {Decision} decision */
function trial(decision) {
  const known = decision.values.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return h('table', { class: 'projection-trial' }, h('caption', {}, title(decision)),
    h('tbody', {}, ...decision.without.map((name, index) => {
      const value = decision.values[index] ?? null;
      // The span of what is known fills the bar: the differences are what decides.
      const share = value === null ? 0 : most > least ? 0.1 + 0.9 * (value - least) / (most - least) : 1;
      const bar = h('span', { class: 'bar', 'aria-hidden': 'true' });
      bar.style.inlineSize = `${(100 * share).toFixed(1)}%`;
      return h('tr', {}, h('th', { scope: 'row' }, brief(name)), h('td', { class: 'n' }, value === null ? '…' : significant(value)), h('td', { class: 'bars' }, bar));
    })));
}

/**
 * A cell's edges: what stays on each, with how sure that is.
 * @param {string} group
 * @param {Map<string, Decision>} edges
 * @param {Set<string>} gone
 * @param {Decision | undefined} open
 */
function cell(group, edges, gone, open) {
  const all = [...edges.values()].filter((edge) => edge.group === group);
  const under = open?.group === group ? open : undefined;
  const targets = [...new Set([...all, ...(under ? [under] : [])].map(({ target }) => target))].toSorted((a, b) => a - b);
  const row = (/** @type {number} */ target) => {
    const items = Array.from({ length: target }, (_, source) => {
      const key = `${group} ${source} ${target}`;
      const edge = edges.get(key);
      const words = edge?.chosen === null || edge === undefined ? null : brief(edge.without[edge.chosen] ?? '');
      const tested = under?.target === target && (under.source === source || under.source === null && !gone.has(key));
      if (words === null && !tested) return null;
      const sure = edge?.margin === null || edge === undefined ? '' : `by ${significant(edge.margin)}${edge.error === null ? '' : ` ± ${significant(edge.error)}`}`;
      return h('li', { class: [gone.has(key) && 'gone', tested && 'tested'].filter(Boolean).join(' ') || false, title: sure }, `${source}: ${words ?? 'under test'}`, gone.has(key) && ' (gone)');
    });
    return h('tr', {}, h('th', { scope: 'row' }, `→ ${target}`), h('td', {}, h('ul', {}, ...items)));
  };
  return h('table', { class: 'projection-cell' }, h('caption', {}, `${group}: the edges decided`), h('tbody', {}, ...targets.map(row)));
}

/** The cells of a projection with their edges being decided, and the scores of the edge under test. */
export class ProjectionView {
  element = h('section', { class: 'projection', hidden: true, 'aria-label': 'The projection' });

  /** @param {Decision[]} decided @param {Decision[]} undecided */
  show(decided, undecided) {
    this.element.hidden = decided.length + undecided.length === 0;
    if (this.element.hidden) return;
    // All networks of a pool go through their rounds together; one is shown.
    const [open] = undecided;
    const network = open?.network ?? 0;
    const own = decided.filter((decision) => decision.network === network);
    const edges = new Map(own.filter(({ source }) => source !== null).map((edge) => [`${edge.group} ${edge.source} ${edge.target}`, edge]));
    const gone = new Set(own.filter(({ source, chosen }) => source === null && chosen !== null)
      .map(({ group, target, without, chosen }) => `${group} ${without[chosen ?? 0]} ${target}`));
    const groups = [...new Set([...own, ...(open ? [open] : [])].map(({ group }) => group))];
    const pool = new Set([...decided, ...undecided].map((decision) => decision.network)).size;
    this.element.replaceChildren(h('h3', {}, pool > 1 ? `The supernet, network ${network + 1} of ${pool}` : 'The supernet'),
      ...(open ? [trial(open)] : []), h('div', { class: 'projection-cells' }, ...groups.map((group) => cell(group, edges, gone, open))));
  }
}
