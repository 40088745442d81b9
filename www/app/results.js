import { h } from './dom.js';
import { count, fixed, seconds, seedRange, short } from './format.js';
import { save, toCsv, toJsonLines } from './save.js';

/** @typedef {import('./save.js').Result} Result */

/**
 * The scores of this visit, newest first, and the files they can be saved to.
 * @param {(result: Result) => void} onShow
 */
export function resultList(onShow) {
  /** @type {import('../dextr/index.js').Score[]} */
  const scores = [];
  const body = h('tbody');
  const head = ['Cell', 'Score', 'S', 'K', 'Parameters', 'MACs', 'Seed', 'Device', 'Time', ''];
  const table = h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-labelledby': 'results-heading', hidden: true },
    h('table', {}, h('thead', {}, h('tr', {}, ...head.map((name, index) => h('th', { scope: 'col', class: index > 0 && index < 7 && 'n' }, name || h('span', { class: 'visually-hidden' }, 'Action'))))), body));
  const none = h('p', { class: 'quiet' }, 'Scores stay here until you leave the page.');
  const buttons = h('div', { class: 'buttons', hidden: true },
    h('button', { type: 'button', onclick: () => save('dextr.csv', 'text/csv', toCsv(scores)) }, 'Save as CSV'),
    h('button', { type: 'button', title: 'One JSON object a line', onclick: () => save('dextr.jsonl', 'application/jsonl', toJsonLines(scores)) }, 'Save as JSON'));

  /** @param {Result} result */
  function row(result) {
    const { score, link } = result;
    const numbers = [fixed(score.score), fixed(score.s), fixed(score.k), count(score.params), short(score.macs), seedRange(score)];
    return h('tr', {}, h('th', { scope: 'row' }, h('a', { href: link, title: 'Set the form to this' }, score.arch)),
      ...numbers.map((text) => h('td', { class: 'n' }, text)), h('td', {}, score.device), h('td', {}, seconds(score.seconds)),
      h('td', {}, h('button', { type: 'button', onclick: () => onShow(result) }, 'Show')));
  }

  return {
    element: h('div', {}, none, table, buttons),
    /** @param {Result} result */
    add(result) {
      scores.push(result.score);
      none.hidden = true;
      table.hidden = buttons.hidden = false;
      body.prepend(row(result));
    },
  };
}
