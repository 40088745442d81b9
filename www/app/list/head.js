import { h } from '../../ui/dom.js';

/** @typedef {import('./columns.js').TableColumn} TableColumn */
/** @typedef {import('./view.js').Order} Order */

/** The table's head: each name is a button that sorts. */
export class GridHead {
  #onSort;
  #row = h('tr', { 'aria-rowindex': 1 });
  /** The columns there are, as one text. */
  #shown = '';
  element = h('thead', {}, this.#row);

  /** @param {(column: string) => void} onSort */
  constructor(onSort) {
    this.#onSort = onSort;
  }

  /** @param {TableColumn[]} columns @param {Order} order */
  show(columns, order) {
    const names = JSON.stringify(columns.map(({ name }) => name));
    if (names !== this.#shown) {
      this.#shown = names;
      this.#row.replaceChildren(...columns.map((column) => this.#cell(column)), h('th', { scope: 'col', class: 'column-remove' }, h('span', { class: 'visually-hidden' }, 'Remove')));
    }
    for (const head of this.#row.children) {
      const name = head.getAttribute('data-column');
      if (name) head.setAttribute('aria-sort', name !== order.column ? 'none' : order.descending ? 'descending' : 'ascending');
    }
  }

  /** @param {TableColumn} column */
  #cell({ name, label, numeric, help }) {
    return h('th', { scope: 'col', class: `column-${name === 'arch' ? 'arch' : numeric ? 'number' : 'text'}`, 'data-column': name },
      h('button', { type: 'button', title: help, onclick: () => this.#onSort(name) }, label));
  }
}
