import { h } from '../dom.js';

/** @typedef {import('./columns.js').TableColumn} TableColumn */
/** @typedef {import('./view.js').Order} Order */

/**
 * The table's head: each name is a button that sorts.
 * @param {(column: string) => void} onSort
 */
export function gridHead(onSort) {
  const row = h('tr', { 'aria-rowindex': 1 });
  const element = h('thead', {}, row);
  /** The columns there are, as one text. */
  let shown = '';

  /** @param {TableColumn} column */
  const cell = ({ name, label, numeric, help }) => h('th', { scope: 'col', class: `column-${name === 'arch' ? 'arch' : numeric ? 'number' : 'text'}`, 'data-column': name },
    h('button', { type: 'button', title: help, onclick: () => onSort(name) }, label));

  return {
    element,
    /** @param {TableColumn[]} columns @param {Order} order */
    show(columns, order) {
      const names = JSON.stringify(columns.map(({ name }) => name));
      if (names !== shown) {
        shown = names;
        row.replaceChildren(...columns.map(cell), h('th', { scope: 'col', class: 'column-remove' }, h('span', { class: 'visually-hidden' }, 'Remove')));
      }
      for (const head of row.children) {
        const name = head.getAttribute('data-column');
        if (name) head.setAttribute('aria-sort', name !== order.column ? 'none' : order.descending ? 'descending' : 'ascending');
      }
    },
  };
}
