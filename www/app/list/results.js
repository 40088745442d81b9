import { h, newId } from '../../ui/dom.js';
import { count } from '../../ui/format.js';
import { save } from '../../ui/save.js';
import { proxyColumn, TABLE, truthColumn } from './columns.js';
import { filtered } from './filter.js';
import { Grid } from './grid.js';
import { MixedNotice } from './mixed.js';
import { columnLabel, FAILED, proxyColumns } from './row.js';
import { toCsv, toJsonLines } from './save.js';
import { sortRows } from './view.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('./store.js').RowStore} RowStore */

/** @param {string} label @param {() => void} onclick */
function button(label, onclick) {
  return h('button', { type: 'button', onclick }, label);
}

/** The table of all rows, with its filter and what can be done with them. */
export class ResultTable {
  #store;
  #on;
  #help = h('p', { id: newId('filter-help'), class: 'help' }, 'Words, or comparisons such as params<500k, macs<50M or score>=2.5. All must hold.');
  #filter = h('input', { id: newId('filter'), type: 'search', spellcheck: 'false', 'aria-describedby': this.#help.id, oninput: () => this.#on.onLook() });
  #mixed;
  #misread = h('p', { class: 'error', role: 'status' });
  #grid;
  #counted = h('p', { class: 'counted' });
  #clear = button('Clear', () => this.#remove(this.#shown));
  #undo = button('Undo', () => this.#on.announce(`${count(this.#store.undo())} rows are back.`));
  #none = h('p', { class: 'quiet' }, 'Nothing scored yet.');
  #full;
  #saves = h('span', { class: 'saves' },
    button('Save as CSV', () => save('dextr.csv', 'text/csv', toCsv(this.#store.all))),
    button('Save as JSON lines', () => save('dextr.jsonl', 'application/jsonl', toJsonLines(this.#store.all))));
  element;
  /** @type {import('./view.js').Order} */
  #order = { column: 'score', descending: true };
  /** @type {Row[]} */
  #shown = [];
  #truth = '';
  /** The proxies beside the score. @type {{ name: string, label: string }[]} */
  #proxies = [];

  /**
   * @param {RowStore} store
   * @param {{ onOpen: (row: Row) => void, onLook: () => void, announce: (text: string) => void }} on `onLook` hears that filter or order have changed.
   */
  constructor(store, on) {
    this.#store = store;
    this.#on = on;
    this.#mixed = new MixedNotice(store.identity, (space) => this.#look(`space=${space}`));
    this.#grid = new Grid({ label: 'Scored architectures', onSort: (column) => this.#sort(column), onOpen: on.onOpen, onRemove: (row) => this.#remove([row]) });
    this.#full = h('div', { hidden: true },
      h('div', { class: 'field filter' }, h('label', { for: this.#filter.id }, 'Filter'), this.#filter, this.#help, this.#misread),
      this.#mixed.element,
      this.#counted, this.#grid.element);
    this.element = h('div', {}, this.#none, this.#full, h('div', { class: 'buttons' }, this.#saves, this.#clear, this.#undo));
  }

  focus() {
    this.#grid.element.focus({ preventScroll: true });
  }

  /** The rows that the filter lets through, in the order of arrival. @param {Row[]} all */
  filtered(all) {
    const { rows, problems } = filtered(this.#filter.value, all);
    const said = problems.join(' ');
    if (this.#misread.textContent !== said) this.#misread.replaceChildren(said);
    return rows;
  }

  /** @param {Row[]} all @param {Row[]} filtered @param {string} truth The accuracy's column. */
  show(all, filtered, truth) {
    const proxies = proxyColumns(all);
    const fresh = this.#truth !== truth || JSON.stringify(proxies) !== JSON.stringify(this.#proxies);
    [this.#truth, this.#proxies] = [truth, proxies];
    this.#shown = filtered;
    this.#none.hidden = all.length > 0;
    this.#full.hidden = all.length === 0;
    this.#mixed.show(filtered);
    const used = document.activeElement;
    this.#showButtons(all);
    this.#showCount(all);
    const places = new Map(all.map(({ id }, place) => [id, place]));
    this.#grid.show(sortRows(filtered, this.#order), { columns: this.#columns, order: this.#order, places, fresh });
    // A button that goes hands the focus on.
    if (used === this.#undo && this.#undo.hidden) this.focus();
    if (used === this.#clear && this.#clear.hidden) this.#undo.focus();
  }

  /** @param {string} filter */
  #look(filter) {
    this.#filter.value = filter;
    this.#on.onLook();
    this.#filter.focus();
  }

  get #filtering() {
    return this.#filter.value.trim() !== '';
  }

  get #columns() {
    const place = (/** @type {string} */ before) => TABLE.findIndex(({ name }) => name === before);
    const all = TABLE.toSpliced(place('params'), 0, ...this.#proxies.map(proxyColumn));
    return this.#truth ? all.toSpliced(place('s'), 0, truthColumn(this.#truth)) : all;
  }

  /** @param {Row[]} all */
  #showButtons(all) {
    this.#saves.hidden = this.#clear.hidden = all.length === 0;
    this.#clear.replaceChildren(this.#filtering ? 'Remove the shown rows' : 'Clear');
    this.#clear.disabled = this.#shown.length === 0;
    this.#undo.hidden = this.#store.undoable === 0;
    this.#undo.replaceChildren(`Undo (${count(this.#store.undoable)} removed)`);
  }

  /** @param {Row[]} all */
  #showCount(all) {
    const failed = all.filter(({ own }) => own.status === FAILED).length;
    this.#counted.replaceChildren(`${this.#filtering ? `${count(this.#shown.length)} of ` : ''}${count(all.length)} ${all.length === 1 ? 'row' : 'rows'}${failed ? `, ${count(failed)} with errors` : ''}`);
  }

  /** @param {string} column */
  #sort(column) {
    const numeric = column !== 'id' && this.#columns.some(({ name, numeric }) => name === column && numeric);
    this.#order = { column, descending: column === this.#order.column ? !this.#order.descending : numeric };
    this.#grid.element.scrollTop = 0;
    this.#on.onLook();
    this.#on.announce(`Sorted by ${column === 'id' ? 'arrival' : columnLabel(column)}, ${this.#order.descending ? 'descending' : 'ascending'}.`);
  }

  /** @param {Row[]} rows */
  #remove(rows) {
    this.#store.remove(rows.map(({ id }) => id));
    this.#on.announce(`${count(rows.length)} ${rows.length === 1 ? 'row' : 'rows'} removed. Undo brings ${rows.length === 1 ? 'it' : 'them'} back.`);
  }
}
