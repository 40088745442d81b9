import { h, newId } from '../dom.js';
import { count } from '../format.js';
import { save } from '../save.js';
import { TABLE, truthColumn } from './columns.js';
import { grid } from './grid.js';
import { FAILED } from './row.js';
import { toCsv, toJsonLines } from './save.js';
import { filterOf, sortRows } from './view.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('./view.js').Order} Order */
/** @typedef {ReturnType<typeof import('./store.js').rowStore>} Store */

/**
 * The table of all rows, with its filter and what can be done with them.
 * @param {Store} store
 * @param {{ onOpen: (row: Row) => void, onLook: () => void, announce: (text: string) => void }} on `onLook` hears that filter or order have changed.
 */
export function resultTable(store, { onOpen, onLook, announce }) {
  const [filterId, helpId] = [newId('filter'), newId('filter-help')];
  const filter = h('input', { id: filterId, type: 'search', spellcheck: 'false', 'aria-describedby': helpId, oninput: () => onLook() });
  const table = grid({ label: 'Scored architectures', onSort, onOpen, onRemove: (row) => remove([row]) });
  const counted = h('p', { class: 'counted' });
  const button = (/** @type {string} */ label, /** @type {() => void} */ onclick) => h('button', { type: 'button', onclick }, label);
  const clear = button('Clear', () => remove(shown));
  const undo = button('Undo', () => announce(`${count(store.undo())} rows are back.`));
  const none = h('p', { class: 'quiet' }, 'Nothing scored yet.');
  const full = h('div', { hidden: true },
    h('div', { class: 'field filter' }, h('label', { for: filterId }, 'Filter'), filter,
      h('p', { id: helpId, class: 'help' }, 'Words, or comparisons such as params<1e6 or score>=2.5. All must hold.')),
    counted, table.element);
  const saves = h('span', { class: 'saves' },
    button('Save as CSV', () => save('dextr.csv', 'text/csv', toCsv(store.all))),
    button('Save as JSON lines', () => save('dextr.jsonl', 'application/jsonl', toJsonLines(store.all))));
  const element = h('div', {}, none, full, h('div', { class: 'buttons' }, saves, clear, undo));

  /** @type {Order} */
  let order = { column: 'score', descending: true };
  /** @type {Row[]} */
  let shown = [];
  let truth = '';

  /** @param {string} column */
  function onSort(column) {
    const numeric = column !== 'id' && columns().some(({ name, numeric }) => name === column && numeric);
    order = { column, descending: column === order.column ? !order.descending : numeric };
    table.element.scrollTop = 0;
    onLook();
    announce(`Sorted by ${column === 'id' ? 'arrival' : column}, ${order.descending ? 'descending' : 'ascending'}.`);
  }

  /** @param {Row[]} rows */
  function remove(rows) {
    store.remove(rows.map(({ id }) => id));
    announce(`${count(rows.length)} ${rows.length === 1 ? 'row' : 'rows'} removed. Undo brings ${rows.length === 1 ? 'it' : 'them'} back.`);
  }

  function columns() {
    const place = TABLE.findIndex(({ name }) => name === 's');
    return truth ? TABLE.toSpliced(place, 0, truthColumn(truth)) : TABLE;
  }

  return {
    element,
    focus: () => table.element.focus({ preventScroll: true }),
    /** The rows that the filter lets through, in the order of arrival. @param {Row[]} all */
    filtered: (all) => all.filter(filterOf(filter.value)),
    /** @param {Row[]} all @param {Row[]} filtered @param {string} truthName */
    show(all, filtered, truthName) {
      const fresh = truth !== truthName;
      truth = truthName;
      shown = filtered;
      none.hidden = all.length > 0;
      full.hidden = all.length === 0;
      saves.hidden = clear.hidden = all.length === 0;
      const filtering = filter.value.trim() !== '';
      clear.replaceChildren(filtering ? 'Remove the shown rows' : 'Clear');
      clear.disabled = shown.length === 0;
      const used = document.activeElement;
      undo.hidden = store.undoable === 0;
      undo.replaceChildren(`Undo (${count(store.undoable)} removed)`);
      const failed = all.filter(({ own }) => own.status === FAILED).length;
      counted.replaceChildren(`${filtering ? `${count(shown.length)} of ` : ''}${count(all.length)} ${all.length === 1 ? 'row' : 'rows'}${failed ? `, ${count(failed)} with errors` : ''}`);
      const places = new Map(all.map(({ id }, place) => [id, place]));
      table.show(sortRows(shown, order), { columns: columns(), order, places, fresh });
      // A button that goes hands the focus on.
      if (used === undo && undo.hidden) table.element.focus({ preventScroll: true });
      if (used === clear && clear.hidden) undo.focus();
    },
  };
}
