import { DextrError } from '../../dextr/index.js';
import { h } from '../dom.js';
import { count } from '../format.js';
import { ONNX } from '../onnx/space.js';
import { problem, readText, LARGEST } from './file.js';
import { gate } from './gate.js';
import { intake } from './intake.js';
import { keepRows } from './keep.js';
import { notices } from './notices.js';
import { progressPanel } from './progress.js';
import { readList } from './read.js';
import { resultTable } from './results.js';
import { FAILED, scoredRow } from './row.js';
import { scoreItems } from './run.js';
import { rowStore } from './store.js';
import { truthPanel } from './truth.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('./read.js').Item} Item */
/** @typedef {import('./run.js').Settings} Settings */
/** @typedef {import('../../dextr/index.js').Dextr} Dextr */

/** The views follow the rows at most this often, in milliseconds, and spend at most this part of the time. */
const [FRAME, SHARE] = [150, 0.2];
/** As many architectures are tried without a list. */
const RANDOM = 50;
/** Quarters are told to those who do not see the bar. */
const TOLD = 4;

/**
 * Lists of architectures: reading and scoring them, the table of all that was
 * scored, its comparison with known accuracies, and saving it.
 * @param {HTMLElement} element
 * @param {object} page
 * @param {Dextr} page.dextr
 * @param {() => Settings} page.getSettings What a list is scored with; its `space` is for rows that name none.
 * @param {(space: string, arch: string, row: Row['own']) => void} page.openArchitecture
 * @param {(text: string) => void} page.announce Says something to those who listen to the page.
 * @param {(files: File[]) => void} [page.takeFiles] Takes all kinds of files; without it they are lists.
 */
export function mountList(element, { dextr, getSettings, openArchitecture, announce, takeFiles }) {
  const store = rowStore();
  const messages = notices();
  const hold = gate();
  /** @type {AbortController | null} */
  let abort = null;
  /** Lists are scored one after the other. @type {Promise<void>} */
  let queue = Promise.resolve();
  let waiting = 0;

  const open = (/** @type {Row} */ { own }) => openArchitecture(String(own.space ?? ''), String(own.arch ?? ''), own);
  const input = intake({ onText: (text) => void scoreText(text), onFiles: (files) => (takeFiles ? takeFiles(files) : files.forEach((file) => void scoreFile(file))), onRandom: () => void scoreRandom() });
  const progress = progressPanel({
    onPause: (paused) => {
      if (paused) hold.close();
      else hold.open();
      announce(paused ? 'The list is paused.' : 'The list goes on.');
    },
    onCancel: () => {
      abort?.abort();
      hold.open();
    },
  });
  const truth = truthPanel(dextr, { onOpen: open, onTruth: () => show() });
  const table = resultTable(store, { onOpen: open, onLook: () => show(), announce });
  const kept = h('p', { class: 'notice', hidden: true });
  element.replaceChildren(h('div', { class: 'list' }, input.element, messages.element, progress.element, truth.element, table.element, kept));

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let pace = FRAME;
  function show() {
    clearTimeout(timer);
    timer = undefined;
    const start = performance.now();
    const rows = store.all;
    const filtered = table.filtered(rows);
    truth.offer(rows);
    table.show(rows, filtered, truth.column);
    truth.show(filtered);
    pace = Math.max(FRAME, (performance.now() - start) / SHARE);
  }
  store.subscribe(() => {
    // Rows that stream in show a few times a second, all else at once.
    if (abort) timer ??= setTimeout(show, pace);
    else show();
  });
  show();
  keepRows(store, (what) => {
    kept.append(`${what}: results last until you leave the page. Save those that you want to keep.`);
    kept.hidden = false;
  });

  /** @param {Item[]} items @param {Settings} settings @param {string} [fileName] */
  async function run(items, settings, fileName) {
    abort = new AbortController();
    const mark = store.begin();
    let [failed, told] = [0, 0];
    progress.begin(items.length, fileName);
    announce(`Scoring ${count(items.length)} architectures.`);
    const done = () => `${count(progress.done)} of ${count(items.length)} rows are done${failed ? `, ${count(failed)} of them with errors (the table says which)` : ''}.`;
    try {
      await scoreItems(dextr, items, settings, {
        signal: abort.signal,
        passed: hold.passed,
        onRow: (row) => {
          store.add([row], mark);
          progress.advance();
          if (row.own.status === FAILED) failed++;
          const part = Math.floor((TOLD * progress.done) / items.length);
          if (part > told && part < TOLD) announce(done());
          told = part;
        },
      });
      if (failed) messages.note(done());
      else announce(`The list is done: ${done()}`);
    } catch (thrown) {
      const error = DextrError.from(thrown);
      if (error.code === 'cancelled') {
        messages.note(`Cancelled; ${done()} They are kept.`);
      } else {
        messages.fail(error);
        messages.note(`The list ended early; ${done()} They are kept.`);
      }
    } finally {
      abort = null;
      hold.open();
      const used = progress.element.contains(document.activeElement);
      progress.end();
      show();
      if (used) table.focus();
    }
  }

  /** Shows or scores what a list has in it. @param {string} text @param {string} [fileName] */
  async function take(text, fileName) {
    const settings = getSettings();
    const { items, results, notes } = readList(text, { fileName, space: settings.space, spaces: dextr.spaces });
    for (const note of notes) messages.note(fileName ? `${fileName}: ${note}` : note);
    if (results.length > 0) {
      store.add(results);
      messages.note(`${count(results.length)} saved ${results.length === 1 ? 'result' : 'results'}${fileName ? ` of ${fileName}` : ''}: shown as saved, not scored again.`);
    }
    await enqueue(items, settings, fileName);
  }

  /** Scores in its turn. @param {Item[]} items @param {Settings} settings @param {string} [fileName] */
  async function enqueue(items, settings, fileName) {
    if (items.length === 0) return;
    if (abort) messages.note(`${fileName ?? 'The list'} (${count(items.length)} rows) waits for the one that is being scored.`);
    waiting++;
    const turn = queue.then(() => run(items, settings, fileName));
    queue = turn.finally(() => waiting--);
    await turn;
  }

  /** @param {() => Promise<void>} work */
  async function guarded(work) {
    if (!abort) messages.clear();
    try {
      await work();
    } catch (thrown) {
      messages.fail(DextrError.from(thrown));
    }
  }

  /**
   * Scores a pasted list, or shows the results in it. Says what is wrong with it itself.
   * @param {string} text
   * @param {string} [fileName]
   */
  function scoreText(text, fileName) {
    return guarded(async () => {
      if (text.length > LARGEST) throw problem('file-too-large', `The text has ${count(text.length)} characters, and at most ${count(LARGEST)} are read here`, 'Cut it into parts, or use the command line.');
      const taken = take(text, fileName);
      input.clear();
      await taken;
    });
  }

  /** The same for a file. @param {File} file */
  function scoreFile(file) {
    return guarded(async () => take(await readText(file), file.name));
  }

  /**
   * Scores opened model files; `wrong` says why one cannot be.
   * @param {{ name: string, model?: import('../../dextr/index.js').Model, wrong?: string }[]} models
   */
  function scoreModels(models) {
    const items = models.map(({ name, model, wrong = null }) => ({ place: name, space: ONNX, arch: name, wrong, others: new Map(), model }));
    return guarded(() => enqueue(items, getSettings()));
  }

  /** Scores random architectures of the picked space; the same ones each time. */
  function scoreRandom() {
    const { space } = getSettings();
    return guarded(async () => {
      const archs = await Promise.all(Array.from({ length: RANDOM }, (_, seed) => dextr.sample(space, seed)));
      await take(archs.join('\n'));
    });
  }

  return {
    /** Takes in a score from elsewhere; it replaces one of the same architecture and settings. @param {import('../../dextr/index.js').Score} score */
    add(score) {
      store.add([scoredRow(score)]);
    },
    scoreText,
    scoreFile,
    scoreModels,
    get busy() {
      return waiting > 0;
    },
  };
}
