import { h } from '../../ui/dom.js';
import { TABLE } from './columns.js';
import { GridHead } from './head.js';
import { FAILED } from './row.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('./columns.js').TableColumn} TableColumn */
/** @typedef {import('./view.js').Order} Order */

/** Rows rendered beyond either edge of what is seen. */
const MARGIN = 8;
/** A row's height where none has been measured yet. */
const HEIGHT = 34;

/** @param {Row} row */
function nameOf({ own }) {
  return String(own.arch ?? '') || '(no text)';
}

/** Room for the rows that are not in the document. */
function spacer() {
  const cell = h('td');
  return { cell, body: h('tbody', { 'aria-hidden': 'true' }, h('tr', {}, cell)) };
}

/**
 * A table of any number of rows, all of one height: only those in sight are in
 * the document, between two spacers. One row takes the focus (arrow keys, Home,
 * End, Page Up and Down move it; Enter opens it, Delete removes it).
 */
export class Grid {
  #on;
  #head;
  #body = h('tbody', { onfocusin: (/** @type {FocusEvent} */ event) => this.#focused(event) });
  #above = spacer();
  #below = spacer();
  #table;
  element;
  /** @type {Row[]} */
  #rows = [];
  /** @type {TableColumn[]} */
  #columns = [];
  /** Places in the order of arrival. @type {Map<number, number>} */
  #places = new Map();
  /** What is in the document, by row. @type {Map<number, HTMLTableRowElement>} */
  #drawn = new Map();
  #active = 0;
  #height = HEIGHT;

  /** @param {{ label: string, onSort: (column: string) => void, onOpen: (row: Row) => void, onRemove: (row: Row) => void }} on */
  constructor(on) {
    this.#on = on;
    this.#head = new GridHead(on.onSort);
    this.#table = h('table', { class: 'list-table' }, this.#head.element, this.#above.body, this.#body, this.#below.body);
    this.element = h('div', {
      class: 'scroll list-scroll', tabindex: 0, role: 'region', 'aria-label': on.label,
      onscroll: () => this.#draw(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event),
    }, this.#table);
    new ResizeObserver(() => this.#draw()).observe(this.element);
  }

  /**
   * @param {Row[]} rows
   * @param {{ columns: TableColumn[], order: Order, places: Map<number, number>, fresh: boolean }} look `fresh`: rows look different from before.
   */
  show(rows, { columns, order, places, fresh }) {
    const here = this.#rows[this.#active]?.id;
    const focused = this.#body.contains(document.activeElement);
    if (fresh) {
      for (const element of this.#drawn.values()) element.remove();
      this.#drawn = new Map();
    }
    [this.#columns, this.#places, this.#rows] = [columns, places, rows];
    const place = rows.findIndex(({ id }) => id === here);
    this.#active = place >= 0 ? place : Math.max(0, Math.min(this.#active, rows.length - 1));
    this.#head.show(columns, order);
    this.#table.style.setProperty('--more', String(Math.max(0, columns.length - TABLE.length)));
    this.#table.setAttribute('aria-rowcount', String(rows.length + 1));
    this.#above.cell.colSpan = this.#below.cell.colSpan = columns.length + 1;
    this.#draw();
    // A focused row that was removed hands the focus to the one in its place.
    if (focused && !this.#body.contains(document.activeElement)) {
      if (rows.length > 0) this.#move(this.#active);
      else this.element.focus();
    }
  }

  /** @param {Row} row */
  #row(row) {
    const { onOpen, onRemove } = this.#on;
    const name = nameOf(row);
    const open = h('button', { type: 'button', class: 'link', tabindex: -1, title: name, onclick: () => onOpen(row) }, name);
    const remove = h('button', { type: 'button', class: 'remove', tabindex: -1, 'aria-label': `Remove ${name}`, title: 'Remove this row', onclick: () => onRemove(row) }, '×');
    const message = String(row.own.message ?? '');
    return h('tr', { class: row.own.status === FAILED && 'failed' },
      ...this.#columns.map(({ name, numeric, text }) => {
        if (name === 'arch') return h('th', { scope: 'row' }, open);
        const content = text(row);
        const told = name === 'status' && message ? `${content}: ${message}` : content;
        return h('td', { class: numeric && 'n', title: told }, told);
      }),
      h('td', {}, remove));
  }

  /** Pixels for rows. */
  get #room() {
    return this.element.clientHeight - this.#head.element.offsetHeight;
  }

  /** The rows that are in the document. @returns {[number, number]} */
  get #range() {
    const first = Math.floor(this.element.scrollTop / this.#height) - MARGIN;
    const visible = Math.ceil(Math.max(this.#room, 0) / this.#height);
    return [Math.max(0, Math.min(first, this.#rows.length)), Math.min(this.#rows.length, Math.max(0, first) + visible + 2 * MARGIN)];
  }

  #draw() {
    const [from, to] = this.#range;
    const focused = this.#body.contains(document.activeElement);
    /** @type {Map<number, HTMLTableRowElement>} */
    const next = new Map();
    this.#rows.slice(from, to).forEach((row, offset) => {
      const shown = this.#drawn.get(row.id) ?? this.#row(row);
      shown.setAttribute('aria-rowindex', String(from + offset + 2));
      // The first column; a row's place moves when an earlier one goes.
      /** @type {HTMLTableCellElement} */ (shown.cells[0]).textContent = String((this.#places.get(row.id) ?? 0) + 1);
      next.set(row.id, shown);
    });
    this.#place(next);
    this.#above.cell.style.height = `${from * this.#height}px`;
    this.#below.cell.style.height = `${(this.#rows.length - to) * this.#height}px`;
    if (focused && !this.#body.contains(document.activeElement)) this.element.focus({ preventScroll: true });
    this.#measure();
  }

  /** Rows that stay are not moved, so that the focus stays. @param {Map<number, HTMLTableRowElement>} next */
  #place(next) {
    for (const [id, shown] of this.#drawn) if (!next.has(id)) shown.remove();
    let before = this.#body.firstElementChild;
    for (const shown of next.values()) {
      if (shown === before) before = before.nextElementSibling;
      else this.#body.insertBefore(shown, before);
    }
    this.#drawn = next;
  }

  #measure() {
    const actual = this.#body.firstElementChild?.getBoundingClientRect().height;
    if (!actual || Math.abs(actual - this.#height) < 0.5) return;
    this.#height = actual;
    this.#draw();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const target = /** @type {Node} */ (event.target);
    if (this.#head.element.contains(target) || this.#rows.length === 0) return;
    const inside = this.#body.contains(target);
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.#height) - 2);
    const steps = /** @type {Record<string, number>} */ ({
      ArrowDown: inside ? 1 : 0, ArrowUp: inside ? -1 : 0, PageDown: page, PageUp: -page, Home: -this.#rows.length, End: this.#rows.length,
    });
    const step = steps[event.key];
    const row = this.#rows[this.#active];
    if (step !== undefined) this.#move(this.#active + step);
    else if (event.key === 'Delete' && inside && row) this.#on.onRemove(row);
    else return;
    event.preventDefault();
  }

  /** Moves the focus to a row. @param {number} place */
  #move(place) {
    this.#active = Math.max(0, Math.min(this.#rows.length - 1, place));
    const top = this.#active * this.#height;
    const room = this.#room - this.#height;
    if (this.element.scrollTop > top) this.element.scrollTop = top;
    else if (this.element.scrollTop < top - room) this.element.scrollTop = top - room;
    this.#draw();
    const row = this.#rows[this.#active];
    if (row) this.#drawn.get(row.id)?.querySelector('button')?.focus({ preventScroll: true });
  }

  /** @param {FocusEvent} event */
  #focused(event) {
    const shown = /** @type {Element} */ (event.target).closest('tr');
    const id = [...this.#drawn].find(([, element]) => element === shown)?.[0];
    this.#active = Math.max(0, this.#rows.findIndex((row) => row.id === id));
  }
}
