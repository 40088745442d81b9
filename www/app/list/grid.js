import { h } from '../dom.js';
import { gridHead } from './head.js';
import { FAILED } from './row.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('./columns.js').TableColumn} TableColumn */
/** @typedef {import('./view.js').Order} Order */

/** Rows rendered beyond either edge of what is seen. */
const MARGIN = 8;
/** A row's height where none has been measured yet. */
const HEIGHT = 34;

/**
 * A table of any number of rows, all of one height: only those in sight are in
 * the document, between two spacers. One row takes the focus (arrow keys, Home,
 * End, Page Up and Down move it; Enter opens it, Delete removes it).
 * @param {{ label: string, onSort: (column: string) => void, onOpen: (row: Row) => void, onRemove: (row: Row) => void }} on
 */
export function grid({ label, onSort, onOpen, onRemove }) {
  const head = gridHead(onSort);
  const body = h('tbody');
  const [above, below] = [h('tbody', { 'aria-hidden': 'true' }), h('tbody', { 'aria-hidden': 'true' })];
  const [topSpace, bottomSpace] = [h('td'), h('td')];
  above.append(h('tr', {}, topSpace));
  below.append(h('tr', {}, bottomSpace));
  const table = h('table', { class: 'list-table' }, head.element, above, body, below);
  const element = h('div', { class: 'scroll list-scroll', tabindex: 0, role: 'region', 'aria-label': label, onscroll: () => draw(), onkeydown: onKey }, table);

  /** @type {Row[]} */
  let rows = [];
  /** @type {TableColumn[]} */
  let columns = [];
  /** Places in the order of arrival. @type {Map<number, number>} */
  let places = new Map();
  /** What is in the document, by row. @type {Map<number, HTMLTableRowElement>} */
  let drawn = new Map();
  let active = 0;
  let height = HEIGHT;

  const nameOf = (/** @type {Row} */ row) => String(row.own.arch ?? '') || '(no text)';

  /** @param {Row} row */
  function tableRow(row) {
    const failed = row.own.status === FAILED;
    const open = h('button', { type: 'button', class: 'link', tabindex: -1, title: nameOf(row), onclick: () => onOpen(row) }, nameOf(row));
    const remove = h('button', { type: 'button', class: 'remove', tabindex: -1, 'aria-label': `Remove ${nameOf(row)}`, title: 'Remove this row', onclick: () => onRemove(row) }, '×');
    const message = String(row.own.message ?? '');
    return h('tr', { class: failed && 'failed' },
      ...columns.map(({ name, numeric, text }) => {
        if (name === 'arch') return h('th', { scope: 'row' }, open);
        const content = text(row);
        const told = name === 'status' && message ? `${content}: ${message}` : content;
        return h('td', { class: numeric && 'n', title: told }, told);
      }),
      h('td', {}, remove));
  }

  function range() {
    const room = element.clientHeight - head.element.offsetHeight;
    const first = Math.floor(element.scrollTop / height) - MARGIN;
    const visible = Math.ceil(Math.max(room, 0) / height);
    return [Math.max(0, Math.min(first, rows.length)), Math.min(rows.length, Math.max(0, first) + visible + 2 * MARGIN)];
  }

  function draw() {
    const [from = 0, to = 0] = range();
    const focused = body.contains(document.activeElement);
    /** @type {typeof drawn} */
    const next = new Map();
    rows.slice(from, to).forEach((row, offset) => {
      const shown = drawn.get(row.id) ?? tableRow(row);
      shown.setAttribute('aria-rowindex', String(from + offset + 2));
      // The first column; a row's place moves when an earlier one goes.
      /** @type {HTMLTableCellElement} */ (shown.cells[0]).textContent = String((places.get(row.id) ?? 0) + 1);
      next.set(row.id, shown);
    });
    for (const [id, shown] of drawn) if (!next.has(id)) shown.remove();
    // Rows that stay are not moved, so that the focus stays.
    let before = body.firstElementChild;
    for (const shown of next.values()) {
      if (shown === before) before = before.nextElementSibling;
      else body.insertBefore(shown, before);
    }
    drawn = next;
    topSpace.style.height = `${from * height}px`;
    bottomSpace.style.height = `${(rows.length - to) * height}px`;
    if (focused && !body.contains(document.activeElement)) element.focus({ preventScroll: true });
    measure();
  }

  function measure() {
    const actual = body.firstElementChild?.getBoundingClientRect().height;
    if (!actual || Math.abs(actual - height) < 0.5) return;
    height = actual;
    draw();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (head.element.contains(/** @type {Node} */ (event.target)) || rows.length === 0) return;
    const inside = body.contains(/** @type {Node} */ (event.target));
    const page = Math.max(1, Math.floor(element.clientHeight / height) - 2);
    const steps = /** @type {Record<string, number>} */ ({ ArrowDown: inside ? 1 : 0, ArrowUp: inside ? -1 : 0, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length });
    const step = steps[event.key];
    const row = rows[active];
    if (step !== undefined) move(active + step);
    else if (event.key === 'Delete' && inside && row) onRemove(row);
    else return;
    event.preventDefault();
  }

  /** Moves the focus to a row. @param {number} place */
  function move(place) {
    active = Math.max(0, Math.min(rows.length - 1, place));
    const top = active * height;
    const room = element.clientHeight - head.element.offsetHeight - height;
    if (element.scrollTop > top) element.scrollTop = top;
    else if (element.scrollTop < top - room) element.scrollTop = top - room;
    draw();
    const row = rows[active];
    if (row) drawn.get(row.id)?.querySelector('button')?.focus({ preventScroll: true });
  }

  body.addEventListener('focusin', (event) => {
    const shown = /** @type {Element} */ (event.target).closest('tr');
    const id = [...drawn].find(([, element]) => element === shown)?.[0];
    active = Math.max(0, rows.findIndex((row) => row.id === id));
  });
  new ResizeObserver(() => draw()).observe(element);

  return {
    element,
    /**
     * @param {Row[]} shown
     * @param {{ columns: TableColumn[], order: Order, places: Map<number, number>, fresh: boolean }} look `fresh`: rows look different from before.
     */
    show(shown, look) {
      const here = rows[active]?.id;
      const focused = body.contains(document.activeElement);
      if (look.fresh) {
        drawn.forEach((element) => element.remove());
        drawn = new Map();
      }
      ({ columns, places } = look);
      rows = shown;
      const place = rows.findIndex(({ id }) => id === here);
      active = place >= 0 ? place : Math.max(0, Math.min(active, rows.length - 1));
      head.show(columns, look.order);
      table.setAttribute('aria-rowcount', String(rows.length + 1));
      topSpace.colSpan = bottomSpace.colSpan = columns.length + 1;
      draw();
      // A focused row that was removed hands the focus to the one in its place.
      if (focused && !body.contains(document.activeElement)) {
        if (rows.length > 0) move(active);
        else element.focus();
      }
    },
  };
}
