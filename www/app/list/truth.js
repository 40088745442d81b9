import { h, newId } from '../../ui/dom.js';
import { count } from '../../ui/format.js';
import { usableRows } from './compare.js';
import { Correlating } from './correlating.js';
import { cell, columnLabel, compared, COMPARED, number, OWN_TRUTH } from './row.js';
import { Scatter } from './scatter.js';
import { numericColumns } from './view.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('../../dextr/index.js').Dextr} Dextr */

/** Fewer rows say nothing as a plot. */
const FEW = 3;

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
  #accuracy = choice('Accuracy', this.#choice);
  /** @type {string | null} */
  #chosen = null;
  #plotted = h('select', { id: newId('plotted'), onchange: () => this.#plot() });
  /** What can be plotted. @type {{ name: string, label: string }[]} */
  #columns = [];
  #left = h('p', { class: 'help' });
  #title = h('h3');
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
    this.element = h('div', { hidden: true }, this.#title,
      h('div', { class: 'choices' }, this.#accuracy, choice('Plotted', this.#plotted)), this.#body);
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
    this.#accuracy.hidden = names.length === 0;
    const chosen = this.#chosen;
    this.#choice.value = chosen !== null && (chosen === '' || names.includes(chosen)) ? chosen : likely;
  }

  /** @param {Row[]} rows */
  show(rows) {
    const truth = this.column !== '';
    this.#offerColumns(rows);
    this.#usable = usableRows(rows, truth ? this.column : 'score');
    this.element.hidden = this.#accuracy.hidden && this.#usable.rows.length < FEW;
    this.#title.replaceChildren(truth ? 'Against known accuracies' : 'Against the size of the network');
    this.#figures.element.hidden = !truth;
    this.#plot();
    if (!truth) {
      this.#left.replaceChildren('Larger networks tend to score higher: look at those that stand out for their size. Where a list has accuracies, they are plotted instead.');
      return;
    }
    this.#tellLeft();
    this.#figures.take(this.#usable, columnLabel(this.column));
  }

  /** @param {Row[]} rows */
  #offerColumns(rows) {
    const columns = compared(rows);
    if (JSON.stringify(columns) === JSON.stringify(this.#columns)) return;
    const before = this.#plotted.value;
    this.#columns = columns;
    this.#plotted.replaceChildren(...columns.map(({ name, label }) => h('option', { value: name }, label)));
    this.#plotted.value = columns.some(({ name }) => name === before) ? before : 'score';
  }

  #chose() {
    this.#chosen = this.#choice.value;
    this.#onTruth();
  }

  #plot() {
    const plotted = this.#columns[this.#plotted.selectedIndex];
    if (!plotted) return;
    const truth = this.column !== '';
    // Without an accuracy the size is what a number is looked at against.
    const size = COMPARED.find(({ name }) => name === (plotted.name === 'params' ? 'macs' : 'params'));
    const kept = this.#usable.rows.flatMap((row, index) => {
      const [value, other] = [number(cell(row, plotted.name)), truth ? this.#usable.truth[index] : number(row.own[size?.name ?? 'params'])];
      if (value === null || other === undefined || other === null) return [];
      return [truth ? { row, x: value, y: other } : { row, x: other, y: value }];
    });
    this.#drawn = kept.map(({ row }) => row);
    const names = truth ? [plotted.label, columnLabel(this.column)] : [size?.label ?? '', plotted.label];
    this.#graph.show(kept, names[0] ?? '', names[1] ?? '');
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
