import { DextrError, Model } from '../../dextr/index.js';
import { h } from '../../ui/dom.js';
import { count } from '../../ui/format.js';
import { LARGEST, problem, readText } from './file.js';
import { Intake } from './intake.js';
import { Keeper } from './keep.js';
import { LayoutPanel } from './layout.js';
import { Notices } from './notices.js';
import { Queue } from './queue.js';
import { readList } from './read.js';
import { ResultTable } from './results.js';
import { scoredRow } from './row.js';
import { RowSchema } from './schema.js';
import { RowStore } from './store.js';
import { TruthPanel } from './truth.js';
import { Unfinished } from './unfinished.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('./run.js').Settings} Settings */
/** @typedef {import('../../dextr/index.js').Dextr} Dextr */
/** @typedef {import('./layout.js').Manner} Manner */
/** A list that was read last, to be read otherwise. @typedef {{ text: string, fileName?: string, settings: Settings, ids: number[], replace: AbortController, ended: Promise<void> }} Taken */
/**
 * An opened model file; `wrong` says why one cannot be scored.
 * @typedef {{ name: string, model?: Model, wrong?: string }} ListedModel
 */
/**
 * What the lists need of the page around them.
 * @typedef {object} ListOptions
 * @property {Dextr} dextr
 * @property {() => Settings} getSettings What a list is scored with; its `space` is for rows that name none, its `reading` for numbers that mean several architectures.
 * @property {(reading: string) => void} [onReading] Hears which order numbers are meant in, to be the `reading` of later settings.
 * @property {(row: Row['own']) => void} openRow
 * @property {(text: string) => void} announce Says something to those who listen to the page.
 * @property {(words: string, place: HTMLElement, also?: HTMLElement[]) => void} [onNews] Hears what is shown where, and where else, for those who look elsewhere.
 * @property {(files: File[]) => void} [takeFiles] Takes all kinds of files; without it they are lists.
 */

/** The views follow the rows at most this often, in milliseconds, and spend at most this part of the time. */
const [FRAME, SHARE] = [150, 0.2];
/** As many architectures are tried without a list. */
const RANDOM = 50;

/**
 * Lists of architectures: reading and scoring them, the table of all that was
 * scored, its comparison with known accuracies, and saving it.
 */
export class ListPanel {
  #options;
  #schema;
  #store;
  #notices = new Notices((words) => this.#options.onNews?.(words, this.#notices.element));
  #unfinished = new Unfinished();
  #left = h('div');
  #intake = new Intake({
    onText: (text) => void this.scoreText(text),
    onFiles: (files) => (this.#options.takeFiles ? this.#options.takeFiles(files) : files.forEach((file) => void this.scoreFile(file))),
    onRandom: () => void this.#scoreRandom(),
  });
  #layout = new LayoutPanel((manner) => void this.#again(manner));
  /** @type {Taken | null} */
  #taken = null;
  #queue;
  #keeper;
  #truth;
  #table;
  #kept = h('p', { class: 'notice', hidden: true });
  element;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #pace = FRAME;

  /** @param {ListOptions} options */
  constructor(options) {
    this.#options = options;
    const { dextr, announce } = options;
    this.#schema = new RowSchema(dextr.columns);
    this.#store = new RowStore(this.#schema);
    const onOpen = (/** @type {Row} */ { own }) => options.openRow(own);
    this.#queue = new Queue({ dextr, store: this.#store, notices: this.#notices, unfinished: this.#unfinished, onNews: (words) => this.#options.onNews?.(words, this.#table.element, [this.#queue.progress.element]), keep: () => this.#keeper.flush(), announce, onEnd: (focused) => this.#ended(focused) });
    this.#truth = new TruthPanel(dextr, this.#schema, { onOpen, onTruth: () => this.#show() });
    this.#table = new ResultTable(this.#store, { onOpen, onLook: () => this.#show(), announce });
    this.element = h('div', { class: 'list' }, this.#intake.element, this.#left, this.#notices.element, this.#layout.element, this.#queue.progress.element, this.#truth.element, this.#table.element, this.#kept);
    this.#store.subscribe(() => {
      // What was said of rows goes with the last of them.
      if (this.#store.all.length === 0 && !this.#queue.busy) this.#notices.clear();
      this.#follow();
    });
    this.#show();
    this.#keeper = new Keeper(this.#store, (what) => {
      this.#kept.append(`${what}: results last until you leave the page. Save those that you want to keep.`);
      this.#kept.hidden = false;
    });
    void this.offerLeft();
  }

  /** Offers to go on with the lists that a reload has cut off. */
  async offerLeft() {
    const all = await this.#unfinished.left();
    this.#left.replaceChildren(...all.map((left) => this.#offer(left)));
  }

  /** @param {import('./unfinished.js').Left} left */
  #offer({ id, items, settings, fileName, done }) {
    const offer = h('p', { class: 'notice' },
      `${fileName ?? 'A list'} was cut off when the page went: ${count(done)} of ${count(items.length)} rows are done and kept. `,
      h('button', { type: 'button', onclick: () => end(true) }, `Go on with the other ${count(items.length - done)}`), ' ',
      h('button', { type: 'button', onclick: () => end(false) }, 'Forget them'));
    const end = async (/** @type {boolean} */ goOn) => {
      offer.remove();
      await this.#unfinished.forget(id);
      if (goOn) await this.#guarded(() => this.#queue.enqueue({ items: items.slice(done), settings, fileName }));
    };
    return offer;
  }

  /** Whether a list is being scored or waits for it. */
  get busy() {
    return this.#queue.busy;
  }

  /** Takes in a score from elsewhere; it replaces one of the same architecture and settings. @param {import('../../dextr/index.js').Score} score */
  add(score) {
    this.#store.add([scoredRow(score)]);
  }

  /**
   * Scores a pasted list, or shows the results in it. Says what is wrong with it itself.
   * @param {string} text
   * @param {string} [fileName]
   */
  scoreText(text, fileName) {
    return this.#guarded(async () => {
      if (text.length > LARGEST) throw problem('file-too-large', `The text has ${count(text.length)} characters, and at most ${count(LARGEST)} are read here`, 'Cut it into parts, or use the command line.');
      const taken = this.#take(text, fileName);
      this.#intake.clear();
      await taken;
    });
  }

  /** The same for a file. @param {File} file */
  scoreFile(file) {
    return this.#guarded(async () => this.#take(await readText(file), file.name));
  }

  /** @param {ListedModel[]} models */
  scoreModels(models) {
    const items = models.map(({ name, model, wrong = null }) => ({ place: name, space: Model.space, arch: name, wrong, others: new Map(), model }));
    return this.#guarded(() => this.#queue.enqueue({ items, settings: this.#options.getSettings() }));
  }

  /** Scores random architectures of the picked space; the same ones each time. */
  #scoreRandom() {
    const { dextr, getSettings } = this.#options;
    const { space } = getSettings();
    return this.#guarded(async () => {
      const archs = await Promise.all(Array.from({ length: RANDOM }, (_, seed) => dextr.sample(space, seed)));
      await this.#take(archs.join('\n'));
    });
  }

  /** Shows or scores what a list has in it. @param {string} text @param {string} [fileName] */
  async #take(text, fileName) {
    const settings = this.#options.getSettings();
    await this.#takeAs(text, fileName, settings, { wishes: {}, own: true, reading: settings.reading });
  }

  /** The list that was read last, read otherwise: its rows go, and others come. @param {Manner} manner */
  #again(manner) {
    const taken = this.#taken;
    if (!taken) return;
    if (manner.reading) this.#options.onReading?.(manner.reading);
    void this.#guarded(async () => {
      const { text, fileName, settings, ids, replace, ended } = taken;
      replace.abort();
      await ended;
      this.#store.replace(ids);
      await this.#takeAs(text, fileName, settings, manner);
    });
  }

  /** @param {string} text @param {string | undefined} fileName @param {Settings} settings @param {Manner} manner */
  async #takeAs(text, fileName, settings, manner) {
    const { dextr } = this.#options;
    const { space } = settings;
    const { items, results, notes, understood } = await readList(dextr, text, { ...manner, fileName, space, schema: this.#schema });
    for (const note of notes) this.#notices.note(fileName ? `${fileName}: ${note}` : note);
    if (results.length > 0) {
      this.#store.add(results);
      this.#notices.note(`${count(results.length)} saved ${results.length === 1 ? 'result' : 'results'}${fileName ? ` of ${fileName}` : ''}: shown as saved, not scored again.`);
    }
    if (!understood) return this.#layout.clear();
    const readings = dextr.spaces.flatMap((own) => own.readings);
    this.#layout.show({ fileName, space, understood, manner, readings });
    const [ids, replace] = [/** @type {number[]} */ ([]), new AbortController()];
    const ended = this.#queue.enqueue({ items, settings: { ...settings, reading: manner.reading }, fileName, added: (id) => ids.push(id), replaced: replace.signal });
    this.#taken = { text, fileName, settings, ids, replace, ended };
    await ended;
  }

  /** @param {() => Promise<void>} work */
  async #guarded(work) {
    if (!this.#queue.running) this.#notices.clear();
    try {
      await work();
    } catch (thrown) {
      this.#notices.fail(DextrError.from(thrown));
    }
  }

  /** Rows that stream in show a few times a second, all else at once. */
  #follow() {
    if (this.#queue.running) this.#timer ??= setTimeout(() => this.#show(), this.#pace);
    else this.#show();
  }

  #show() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const start = performance.now();
    const rows = this.#store.all;
    const filtered = this.#table.filtered(rows);
    this.#truth.offer(rows);
    this.#table.show(rows, filtered, this.#truth.column);
    this.#truth.show(filtered);
    this.#pace = Math.max(FRAME, (performance.now() - start) / SHARE);
  }

  /** @param {boolean} focused Whether what goes had the focus. */
  #ended(focused) {
    this.#show();
    if (focused) this.#table.focus();
  }
}
