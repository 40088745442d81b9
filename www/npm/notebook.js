/**
 * A widget of notebooks (Jupyter, Colab, VS Code), in the form that `anywidget`
 * takes: one file, with the engine inside. It shows one architecture
 * (`<dextr-score>`), an ONNX file, or a list; all is computed in the reader's
 * browser, and the kernel gets the numbers.
 *
 * Traits in: `space`, `arch`, `onnx` (the bytes of a file), `archs` (a list),
 * `settings` (attributes of the element, as `{ seed: 1, set: 'size=16' }`).
 * Traits out: `result` (the score), `rows` (of the list), `error`.
 */
import { Dextr, DextrError } from '../dextr/index.js';
import { settingsOf } from '../element/attributes.js';
import '../element/dextr-score.js';

/**
 * What anywidget gives: the traits, and who hears of their changes.
 * @typedef {object} Traits
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, listener: () => void) => void} on
 * @property {(event: string, listener: () => void) => void} off
 */

const INPUTS = ['space', 'arch', 'onnx', 'archs', 'settings'];
/** What a row shows, with its heading. @type {[string, string][]} */
const SHOWN = [['arch', 'Architecture'], ['score', 'Score'], ['s', 'S'], ['k', 'K'], ['params', '#params'], ['macs', 'MACs'], ['status', 'Status']];

/** @param {string} tag @param {string} text */
function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/** @param {unknown} value */
function words(value) {
  if (typeof value !== 'number') return String(value ?? '–');
  return Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(4);
}

/** The element with the attributes that the settings name. @param {Traits} traits @param {Record<string, string>} own */
function scoreElement(traits, own) {
  const made = document.createElement('dextr-score');
  const given = { ...traits.get('settings'), ...own };
  for (const [name, value] of Object.entries(given)) made.setAttribute(name.replaceAll('_', '-'), String(value));
  return made;
}

/** Gives values back to the kernel. @param {Traits} traits @param {Record<string, unknown>} values */
function give(traits, values) {
  // A number that is not there is null in JSON, and so are typed arrays no lists.
  for (const [name, value] of Object.entries(values)) traits.set(name, JSON.parse(JSON.stringify(value)));
  traits.save_changes();
}

/** @param {unknown} thrown */
function said(thrown) {
  const { message, hint } = DextrError.from(thrown);
  return [message, hint].filter(Boolean).join(' ');
}

/** One architecture, or one file. @param {Traits} traits @param {HTMLElement} place @param {AbortSignal} signal */
function showOne(traits, place, signal) {
  const bytes = traits.get('onnx');
  const file = bytes?.byteLength > 0 ? URL.createObjectURL(new Blob([bytes])) : null;
  if (file) signal.addEventListener('abort', () => URL.revokeObjectURL(file));
  const made = scoreElement(traits, file ? { src: file, space: 'onnx' } : { space: traits.get('space'), arch: traits.get('arch') });
  made.addEventListener('score', (/** @type {Event} */ event) => give(traits, { result: /** @type {CustomEvent} */ (event).detail, error: '' }));
  made.addEventListener('error', (/** @type {Event} */ event) => give(traits, { error: said(/** @type {CustomEvent} */ (event).detail) }));
  place.replaceChildren(made);
}

/** A list, row by row. @param {Traits} traits @param {HTMLElement} place @param {AbortSignal} signal */
async function showList(traits, place, signal) {
  const archs = /** @type {string[]} */ (traits.get('archs'));
  const status = element('p', `0 of ${archs.length} rows`);
  status.setAttribute('role', 'status');
  const body = document.createElement('tbody');
  const head = document.createElement('tr');
  head.append(...SHOWN.map(([, title]) => element('th', title)));
  const table = document.createElement('table');
  table.append(document.createElement('thead'), body);
  table.tHead?.append(head);
  const scroll = document.createElement('div');
  scroll.style.overflow = 'auto';
  scroll.append(table);
  place.replaceChildren(status, scroll);
  /** @type {unknown[]} */
  const rows = [];
  /** @type {Dextr | undefined} */
  let dextr;
  try {
    const settings = settingsOf(scoreElement(traits, {}));
    dextr = await Dextr.load({ device: /** @type {any} */ (traits.get('settings')?.device ?? 'auto') });
    for await (const row of dextr.scoreAll(archs, { space: traits.get('space'), signal, ...settings })) {
      rows.push(row);
      const line = document.createElement('tr');
      line.append(...SHOWN.map(([name]) => element('td', words(/** @type {any} */ (row)[name]))));
      line.title = [row.message, /** @type {any} */ (row).hint].filter(Boolean).join(' ');
      body.append(line);
      status.textContent = `${rows.length} of ${archs.length} rows`;
    }
    give(traits, { rows, error: '' });
  } catch (thrown) {
    if (signal.aborted) return;
    status.textContent = said(thrown);
    give(traits, { rows, error: said(thrown) });
  } finally {
    dextr?.dispose();
  }
}

/** @param {{ model: Traits, el: HTMLElement }} widget */
function render({ model: traits, el }) {
  let abort = new AbortController();
  let asked = false;
  const show = () => {
    asked = false;
    abort.abort();
    abort = new AbortController();
    if ((traits.get('archs') ?? []).length > 0) void showList(traits, el, abort.signal);
    else showOne(traits, el, abort.signal);
  };
  // Several traits that change at once are one change.
  const change = () => {
    if (asked) return;
    asked = true;
    queueMicrotask(show);
  };
  for (const name of INPUTS) traits.on(`change:${name}`, change);
  show();
  return () => {
    for (const name of INPUTS) traits.off(`change:${name}`, change);
    abort.abort();
    el.replaceChildren();
  };
}

export default { render };
