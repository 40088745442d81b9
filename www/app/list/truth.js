import { h, newId } from '../../ui/dom.js';
import { count } from '../../ui/format.js';
import { usableRows } from './compare.js';
import { Correlating } from './correlating.js';
import { columnLabel, COMPARED, number, OWN_TRUTH } from './row.js';
import { Scatter } from './scatter.js';
import { numericColumns } from './view.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('../../dextr/index.js').Dextr} Dextr */

/** @param {string} label @param {HTMLSelectElement} select */
function choice(label, select) {
  return h('div', { class: 'field' }, h('label', { for: select.id }, label), select);
}

/**
 * The scores against known accuracies: which column those are, the plot, and
 * the correlations.
 */
export class TruthPanel {
  #schema;
  #onTruth;
  /** The accuracy's column; the user's choice is null as long as there is none. */
  #choice = h('select', { id: newId('truth'), onchange: () => this.#chose() });
  /** @type {string | null} */
  #chosen = null;
  #plotted = h('select', { id: newId('plotted'), onchange: () => this.#plot() }, ...COMPARED.map(({ name, label }) => h('option', { value: name }, label)));
  #left = h('p', { class: 'help' });
  #graph;
  #figures;
  #body;
  element;
  /** @type {import('./compare.js').Usable} */
  #usable = usableRows([], '');
  /** The rows in the plot. @type {Row[]} */
  #drawn = [];

  /** @param {Dextr} dextr @param {import('./schema.js').RowSchema} schema @param {{ onOpen: (row: Row) => void, onTruth: () => void }} on */
  constructor(dextr, schema, { onOpen, onTruth }) {
    this.#schema = schema;
    this.#onTruth = onTruth;
    this.#figures = new Correlating(dextr);
    this.#graph = new Scatter({ describe: (index) => String(this.#drawn[index]?.own.arch), onOpen: (index) => this.#drawn[index] && onOpen(this.#drawn[index]) });
    this.#body = h('div', { class: 'truth' }, h('div', {}, this.#graph.element), h('div', {}, this.#left, this.#figures.element));
    this.element = h('div', { hidden: true }, h('h3', {}, 'Against known accuracies'),
      h('div', { class: 'choices' }, choice('Accuracy', this.#choice), choice('Plotted', this.#plotted)), this.#body);
  }

  /** The accuracy's column; empty when there is none. */
  get column() {
    return this.#choice.value;
  }

  /** Offers the columns that these rows have. @param {Row[]} all */
  offer(all) {
    const { names: columns, own, likely } = numericColumns(all);
    const names = own.length > 1 ? [OWN_TRUTH, ...columns] : columns;
    const offered = [...this.#choice.options].slice(1).map(({ value }) => value);
    if (JSON.stringify(names) !== JSON.stringify(offered)) {
      this.#choice.replaceChildren(h('option', { value: '' }, 'none'), ...names.map((name) => h('option', { value: name }, name === OWN_TRUTH ? `each list’s own (${own.join(', ')})` : name)));
    }
    const chosen = this.#chosen;
    this.#choice.value = chosen !== null && (chosen === '' || names.includes(chosen)) ? chosen : likely;
    this.element.hidden = names.length === 0;
  }

  /** @param {Row[]} rows */
  show(rows) {
    this.#body.hidden = this.column === '';
    if (this.#body.hidden) return;
    this.#usable = usableRows(rows, this.column);
    this.#plot();
    this.#tellLeft();
    this.#figures.take(this.#usable, columnLabel(this.column));
  }

  #chose() {
    this.#chosen = this.#choice.value;
    this.#onTruth();
  }

  #plot() {
    const plotted = COMPARED[this.#plotted.selectedIndex];
    if (!plotted) return;
    const kept = this.#usable.rows.flatMap((row, index) => {
      const [x, y] = [number(row.own[plotted.name]), this.#usable.truth[index]];
      return x === null || y === undefined ? [] : [{ row, x, y }];
    });
    this.#drawn = kept.map(({ row }) => row);
    this.#graph.show(kept, plotted.label, columnLabel(this.column));
  }

  #tellLeft() {
    const { rows, left: { errors, score, truth } } = this.#usable;
    const parts = [[errors, 'with the status error'], [score, 'without a score'], [truth, `without a number for ${columnLabel(this.column)}`]];
    const told = parts.filter(([count]) => count).map(([count, what]) => `${count} ${what}`).join(', ');
    const kinds = new Set(rows.map((row) => this.#schema.settingOf(row))).size;
    this.#left.replaceChildren(`${count(rows.length)} rows${told ? `; left out: ${told}` : ''}. A filter holds here too.`,
      kinds > 1 ? ` These rows mix ${kinds} combinations of space and settings, whose scores may not compare: filter them.` : '');
  }
}
