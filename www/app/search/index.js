import { DextrError } from '../../dextr/index.js';
import { h } from '../../ui/dom.js';
import { count, fault, short, significant } from '../../ui/format.js';
import { save } from '../../ui/save.js';
import { copyButton } from '../../ui/copybox.js';
import { Gate } from '../list/gate.js';
import { toCsv, toJsonLines } from '../list/save.js';
import { Scatter } from '../list/scatter.js';
import { SearchForm } from './form.js';
import { SearchKeeper } from './keep.js';
import { BestLine } from './line.js';
import { ProjectionView } from './projection.js';
import { Run, savedRow } from './run.js';
import { TrainView } from './train.js';

/** @typedef {import('./form.js').Wishes} Wishes */
/** @typedef {import('../../dextr/index.js').SearchRow} SearchRow */
/**
 * What a search needs of the page around it.
 * @typedef {object} SearchOptions
 * @property {import('../../dextr/index.js').Dextr} dextr
 * @property {() => Record<string, unknown>} getRequest The space and the settings of a score.
 * @property {(space: string, arch: string) => void} open Shows a candidate in the Answer.
 * @property {(words: string, place: HTMLElement) => void} onNews
 * @property {(wishes: Wishes) => string} link Of this search.
 */

/** How many of the best are shown. */
const BEST = 10;
/** The views follow, and the state is kept, at most this often, in milliseconds. */
const [FRAME, KEEP] = [200, 1000];
/** More rows are not plotted, and those are the first. */
const PLOTTED = 5000;

/** Looks for the best architecture of the picked space: strategy, limits, what was found so far. */
export class SearchPanel {
  #options;
  #form;
  #keeper = new SearchKeeper((what) => this.#say(what));
  #gate = new Gate();
  /** @type {AbortController | null} */
  #abort = null;
  /** @type {Run | null} */
  #run = null;
  #paused = false;
  #bar = h('progress', { max: 1, value: 0, hidden: true, 'aria-label': 'Candidates done' });
  #status = h('p', { class: 'status', role: 'status' });
  #problem = h('p', { class: 'error', role: 'alert' });
  #notice = h('div');
  #start = h('button', { type: 'submit', class: 'primary' }, 'Search');
  #hold = h('button', { type: 'button', disabled: true, onclick: () => this.#pause(!this.#paused) }, 'Pause');
  #cancel = h('button', { type: 'button', disabled: true, onclick: () => this.#stop() }, 'Cancel');
  #line = new BestLine();
  #projection = new ProjectionView();
  #train;
  #scatter;
  #table = h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'The best candidates' });
  #largest = h('p', { class: 'help' });
  #found = h('div', { class: 'search-found', hidden: true });
  /** Plots and table, which a projection fills at its end alone. */
  #ranked = h('div');
  element;
  /** @type {SearchRow[]} */
  #plotted = [];

  /** @param {SearchOptions} options */
  constructor(options) {
    this.#options = options;
    this.#form = new SearchForm(options.dextr.proxies);
    this.#train = new TrainView((arch) => options.open(String(this.#run?.request.space ?? options.getRequest().space), arch));
    this.#scatter = new Scatter({ describe: (index) => this.#plotted[index]?.arch ?? '', onOpen: (index) => this.#openRow(this.#plotted[index]) });
    this.#ranked.append(h('div', { class: 'search-plots' }, this.#line.element, this.#scatter.element), h('h3', {}, 'The best'), this.#table, this.#largest);
    this.#found.append(this.#projection.element, this.#ranked, this.#takeAway());
    this.element = h('form', { class: 'search', autocomplete: 'off', onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#begin(new Run(this.#form.wishes, options.getRequest()));
    } }, this.#notice, this.#form.element,
    h('div', { class: 'buttons' }, this.#start, this.#hold, this.#cancel), h('div', { class: 'progress' }, this.#status, this.#bar), this.#problem, this.#train.element, this.#found);
    void this.#offerLeft();
  }

  /** Shows a search of a link. @param {string} text */
  open(text) {
    try {
      this.#form.set(JSON.parse(text));
    } catch {
      this.#problem.replaceChildren('The link’s search cannot be read. Ask for the link again, or fill the form.');
    }
  }

  /** Offers to go on with what a reload has cut off. */
  async #offerLeft() {
    const left = await this.#keeper.left();
    if (!left || left.kept.done >= left.kept.total) return;
    const { kept, rows } = left;
    const offer = h('p', { class: 'notice' }, `A search of ${String(kept.request.space)} was cut off when the page went: ${count(kept.done)} of ${count(kept.total)} candidates are done and kept. `,
      h('button', { type: 'button', onclick: () => {
        offer.remove();
        this.#form.set(kept.wishes);
        const run = new Run(kept.wishes, kept.request);
        Object.assign(run, { rows: /** @type {SearchRow[]} */ (rows), state: kept.state, steps: kept.steps, done: kept.done, total: kept.total });
        void this.#begin(run);
      } }, 'Go on'), ' ',
      h('button', { type: 'button', onclick: () => {
        offer.remove();
        void this.#keeper.forget();
      } }, 'Forget it'));
    this.#notice.replaceChildren(offer);
  }

  /** @param {Run} run */
  async #begin(run) {
    this.#stop();
    const abort = (this.#abort = new AbortController());
    this.#problem.replaceChildren();
    this.#train.close();
    this.#busy(true);
    this.#status.replaceChildren('Searching …');
    if (!run.state) await this.#keeper.forget();
    let end = 'Cancelled. What was found is kept here.';
    try {
      await this.#work(run, abort.signal);
      end = `Done: ${count(run.done)} candidates.`;
      await this.#keeper.forget();
    } catch (thrown) {
      const error = DextrError.from(thrown);
      if (error.code !== 'cancelled') this.#fail(error);
      if (error.code !== 'cancelled') end = 'The search ended early. What was found is kept.';
      else if (this.#abort === abort) await this.#keeper.forget();
    }
    // What a newer search has taken over is its to tell.
    if (this.#abort !== abort) return;
    this.#abort = null;
    this.#train.close();
    this.#busy(false);
    // A search that found nothing leaves what the one before has found.
    if (this.#run) this.#show(this.#run);
    this.#status.replaceChildren(end);
    this.#options.onNews(`Search: ${end}`, this.element);
  }

  /** @param {Run} run @param {AbortSignal} signal */
  async #work(run, signal) {
    const { dextr } = this.#options;
    const given = Object.fromEntries(Object.entries(run.wishes).filter(([, value]) => value !== ''));
    const { seed: weightSeed, ...request } = run.request;
    const steps = dextr.search(/** @type {any} */ ({ ...request, weightSeed, ...given, seed: Number(run.wishes.seed) }), { signal, state: run.state || undefined, best: BEST, train: (wanted) => this.#wait(run, wanted) });
    let [shown, kept] = [0, performance.now()];
    for await (const step of steps) {
      this.#run = run;
      run.take(step);
      const now = performance.now();
      if (now - shown > FRAME) {
        this.#show(run);
        shown = performance.now();
      }
      // One that is held up may be left for long.
      if (now - kept > KEEP || this.#paused) {
        await this.#keeper.put(run.kept, run.fresh.splice(0));
        kept = performance.now();
      }
      await this.#gate.passed();
    }
  }

  /**
   * Until somebody tells what came of training; a page may be left meanwhile.
   * @param {Run} run
   * @param {import('../../dextr/search.js').Wanted} wanted
   */
  async #wait(run, wanted) {
    this.#run = run;
    if (run.state) await this.#keeper.put(run.kept, run.fresh.splice(0));
    this.#show(run);
    const answer = this.#train.ask(wanted);
    this.#status.replaceChildren(`Waits for ${count(wanted.waiting.length)} accuracies; ${count(run.done)} of ${count(run.total)} candidates are done.`);
    const given = await answer;
    this.#status.replaceChildren('Learning from what was told …');
    return given;
  }

  /** @param {DextrError} error */
  #fail(error) {
    const { what, cure } = fault(error);
    this.#problem.replaceChildren(h('strong', {}, what), ` ${cure}`);
  }

  /** @param {string} what */
  #say(what) {
    this.#notice.append(h('p', { class: 'notice' }, what));
  }

  #stop() {
    this.#abort?.abort();
    this.#pause(false);
  }

  /** @param {boolean} on */
  #pause(on) {
    this.#paused = on;
    if (on) this.#gate.close();
    else this.#gate.open();
    this.#hold.replaceChildren(on ? 'Go on' : 'Pause');
    if (this.#run && on) this.#status.replaceChildren(`Paused at ${count(this.#run.done)} of ${count(this.#run.total)}.`);
  }

  /** @param {boolean} on */
  #busy(on) {
    if (!on && (document.activeElement === this.#hold || document.activeElement === this.#cancel)) this.#start.focus();
    this.#bar.hidden = !on;
    this.#start.disabled = on;
    this.#hold.disabled = this.#cancel.disabled = !on;
    this.#form.disable(on);
    if (on) this.#pause(false);
  }

  /** @param {Run} run */
  #show(run) {
    this.#found.hidden = run.rows.length === 0;
    this.#ranked.hidden = run.best.length === 0;
    this.#bar.value = run.total > 0 ? run.done / run.total : 0;
    if (this.#abort && !this.#paused) this.#status.replaceChildren(`${count(run.done)} of ${count(run.total)} candidates`);
    this.#projection.show(run.decided, run.undecided);
    this.#line.show(run.steps, run.done, run.wishes.aim);
    const size = run.wishes.against === 'macs' ? 'macs' : 'params';
    // A projection's variants are ranked by its criterion, and are no candidates for the best.
    const found = run.wishes.strategy === 'projection' ? new Set(run.best.map(({ arch }) => arch)) : null;
    this.#plotted = run.rows.slice(0, PLOTTED).filter(({ aim, arch }) => aim !== null && (found?.has(arch) ?? true));
    const points = this.#plotted.map((row) => ({ x: Number(row[size]), y: Number(row.aim) }));
    this.#scatter.show(points, size === 'macs' ? 'MACs' : '#params', run.wishes.aim, run.front.map((entry) => ({ x: entry[size], y: entry.aim })));
    this.#table.replaceChildren(this.#bestTable(run));
    const { largest } = run;
    this.#largest.replaceChildren(...(largest ? ['The largest candidate, which a proxy has to beat: ', h('code', {}, largest.arch), ` (${count(largest.params)} parameters, ${run.wishes.aim} ${significant(largest.aim)}).`] : []));
  }

  /** @param {Run} run */
  #bestTable({ best, front, request, wishes }) {
    const onFront = new Set(front.map(({ arch }) => arch));
    const shown = [...best.slice(0, BEST), ...front.filter(({ arch }) => !best.slice(0, BEST).some((other) => other.arch === arch))];
    const cell = (/** @type {string} */ text) => h('td', { class: 'n' }, text);
    return h('table', {}, h('thead', {}, h('tr', {}, ...['Architecture', wishes.aim, '#params', 'MACs', ...(front.length > 0 ? ['Front'] : [])].map((name, index) => h('th', { scope: 'col', class: index > 0 && 'n' }, name)))),
      h('tbody', {}, ...shown.map(({ arch, aim, params, macs }) => h('tr', {},
        h('th', { scope: 'row' }, h('button', { type: 'button', class: 'link', onclick: () => this.#options.open(String(request.space), arch) }, arch)),
        cell(significant(aim)), cell(count(params)), cell(short(macs)), front.length > 0 && cell(onFront.has(arch) ? 'yes' : '')))));
  }

  /** @param {SearchRow | undefined} row */
  #openRow(row) {
    if (row) this.#options.open(String(row.space), row.arch);
  }

  #takeAway() {
    const rows = () => (this.#run?.rows ?? []).toSorted((a, b) => a.step - b.step).map(savedRow);
    return h('div', { class: 'buttons' },
      h('button', { type: 'button', onclick: () => save('dextr-search.csv', 'text/csv', toCsv(rows())) }, 'Save all rows as CSV'),
      h('button', { type: 'button', onclick: () => save('dextr-search.jsonl', 'application/jsonl', toJsonLines(rows())) }, 'Save as JSON lines'),
      copyButton('Copy a link to this search', () => this.#options.link(this.#run?.wishes ?? this.#form.wishes)));
  }
}
