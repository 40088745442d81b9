import { h, newId } from '../dom.js';
import { count } from '../format.js';
import { COMPARED, correlations, usableRows } from './compare.js';
import { correlationTable } from './correlations.js';
import { number } from './row.js';
import { scatter } from './scatter.js';
import { numericColumns } from './view.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('../../dextr/index.js').Dextr} Dextr */

/** Correlations wait for the rows to settle, and for some times as long as they take. */
const [SETTLE, REST] = [400, 5];
/** What has to be equal for scores to be comparable. */
const SETTINGS = /** @type {const} */ (['space', 'seeds', 'image_seed', 'curve_seed', 'protocol', 'observe', 'curves', 'image', 'options']);

/**
 * The scores against known accuracies: which column those are, the plot, and
 * the correlations.
 * @param {Dextr} dextr
 * @param {{ onOpen: (row: Row) => void, onTruth: () => void }} on
 */
export function truthPanel(dextr, { onOpen, onTruth }) {
  const [truthId, xId] = [newId('truth'), newId('plotted')];
  const choice = h('select', { id: truthId, onchange: () => { chosen = choice.value; onTruth(); } });
  const plotted = h('select', { id: xId, onchange: () => plot() }, ...COMPARED.map(([name, label]) => h('option', { value: name }, label)));
  const left = h('p', { class: 'help' });
  const figures = h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Correlations' });
  const graph = scatter({ describe: (index) => String(drawn[index]?.own.arch), onOpen: (index) => drawn[index] && onOpen(drawn[index]) });
  const body = h('div', { class: 'truth' }, h('div', {}, graph.element), h('div', {}, left, figures));
  const element = h('div', { hidden: true }, h('h3', {}, 'Against known accuracies'),
    h('div', { class: 'choices' }, h('div', { class: 'field' }, h('label', { for: truthId }, 'Accuracy'), choice), h('div', { class: 'field' }, h('label', { for: xId }, 'Plotted'), plotted)), body);

  /** The user's choice; null as long as there is none. @type {string | null} */
  let chosen = null;
  /** @type {ReturnType<typeof usableRows>} */
  let usable = { rows: [], truth: [], left: { errors: 0, score: 0, truth: 0 } };
  /** The rows in the plot. @type {Row[]} */
  let drawn = [];
  let [computing, stale, earliest] = [false, false, 0];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function plot() {
    const name = /** @type {(typeof COMPARED)[number][0]} */ (plotted.value);
    const kept = usable.rows.flatMap((row, index) => {
      const [x, y] = [number(row.own[name]), usable.truth[index]];
      return x === null || y === undefined ? [] : [{ row, x, y }];
    });
    drawn = kept.map(({ row }) => row);
    graph.show(kept, plotted.selectedOptions[0]?.textContent ?? name, choice.value);
  }

  /** Computes once the rows have settled, and again for those that come in meanwhile. */
  function schedule() {
    stale = true;
    figures.setAttribute('aria-busy', 'true');
    if (computing || timer !== undefined) return;
    timer = setTimeout(compute, Math.max(SETTLE, earliest - performance.now()));
  }

  async function compute() {
    const truth = choice.value;
    const start = performance.now();
    timer = undefined;
    [computing, stale] = [true, false];
    const entries = await correlations(dextr, usable, () => truth !== choice.value);
    computing = false;
    earliest = performance.now() + REST * (performance.now() - start);
    if (entries) figures.replaceChildren(correlationTable(entries, truth));
    if (stale) schedule();
    else figures.removeAttribute('aria-busy');
  }

  function tellLeft() {
    const { errors, score, truth } = usable.left;
    const parts = [[errors, 'with the status error'], [score, 'without a score'], [truth, `without a number for ${choice.value}`]];
    const told = parts.filter(([count]) => count).map(([count, what]) => `${count} ${what}`).join(', ');
    const kinds = new Set(usable.rows.map(({ own }) => JSON.stringify(SETTINGS.map((name) => own[name])))).size;
    left.replaceChildren(`${count(usable.rows.length)} rows${told ? `; left out: ${told}` : ''}. A filter holds here too.`,
      kinds > 1 ? ` These rows mix ${kinds} combinations of space and settings, whose scores may not compare: filter them.` : '');
  }

  return {
    element,
    /** The accuracy's column; empty when there is none. */
    get column() {
      return choice.value;
    },
    /** Offers the columns that these rows have. @param {Row[]} all */
    offer(all) {
      const { names, likely } = numericColumns(all);
      if (JSON.stringify(names) !== JSON.stringify([...choice.options].slice(1).map(({ value }) => value))) {
        choice.replaceChildren(h('option', { value: '' }, 'none'), ...names.map((name) => h('option', { value: name }, name)));
      }
      choice.value = chosen !== null && (chosen === '' || names.includes(chosen)) ? chosen : likely;
      element.hidden = names.length === 0;
    },
    /** @param {Row[]} rows */
    show(rows) {
      const truth = choice.value;
      body.hidden = truth === '';
      if (body.hidden) return;
      usable = usableRows(rows, truth);
      plot();
      tellLeft();
      schedule();
    },
  };
}
