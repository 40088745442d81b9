import { DextrError, Model } from '../dextr/index.js';
import { h } from '../ui/dom.js';
import { fault as faultWords } from '../ui/format.js';
import { progressWords, setShare } from '../ui/progress.js';
import { DECIDING, linkOf, openingOf, settingsOf } from './attributes.js';
import { Hold } from './engine.js';
import { answer, styles } from './view.js';

/** @typedef {import('../dextr/index.js').Progress} Progress */
/** @typedef {import('../dextr/dextr.js').DeviceChoice} DeviceChoice */
/** @typedef {'waiting' | 'running' | 'done' | 'failed' | 'cancelled'} State */

// Node reads this file too, where there are no elements.
const Base = globalThis.HTMLElement ?? class {};

/**
 * `<dextr-score space="nasbench201" arch="…">`: an architecture's score, on the
 * reader's own device. It is computed when the element scrolls into view.
 * Attributes: `space`, `arch`, or `src` (the address of an ONNX file, or of a
 * text file with an architecture), `height`, `width`, `weights` (seed | file),
 * `outputs` and `renormalise` of an ONNX file, the settings of a score (`seed`, `seeds`, `image-seed`,
 * `curve-seed`, `curves`, `protocol`, `observe`, `proxies`), `set` (the space's
 * options, `name=value name=value`), `device` (auto | webgpu | cpu), `theme`
 * (light | dark), `page` (the address of a Dextr page, for a link that opens the
 * architecture there). An unknown one is an error with the nearest name.
 * Events: `progress`, `score`, `error`, each with its `detail`.
 */
export class DextrScore extends Base {
  static observedAttributes = DECIDING;

  #root;
  /** @type {IntersectionObserver | null} */
  #observer = null;
  /** @type {AbortController | null} */
  #abort = null;
  /** @type {Hold | null} */
  #engine = null;
  /** @type {State} */
  #state = 'waiting';
  #changed = false;
  #body = h('div', {}, h('p', { class: 'quiet' }, 'The score is computed when this comes into view.'));
  #status = h('p', { class: 'quiet', role: 'status' });
  #bar = /** @type {HTMLProgressElement} */ (h('progress', { 'aria-label': 'Progress', hidden: '' }));
  #button = h('button', { type: 'button' }, 'Score');

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: 'open' });
    this.#root.adoptedStyleSheets = [styles()];
    this.#root.append(h('section', { 'aria-label': 'Dextr score' }, this.#body, this.#bar, h('footer', {}, this.#status, this.#button)));
    this.#button.addEventListener('click', () => (this.#state === 'running' ? this.cancel() : this.run()));
  }

  /** What it is doing. @returns {State} */
  get state() {
    return this.#state;
  }

  connectedCallback() {
    this.#observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      this.#observer?.disconnect();
      this.run();
    });
    this.#observer.observe(this);
  }

  disconnectedCallback() {
    this.#observer?.disconnect();
    this.cancel();
    this.#engine?.release();
    this.#engine = null;
  }

  attributeChangedCallback() {
    // Several attributes that change at once are one change.
    if (this.#state === 'waiting' || this.#changed) return;
    this.#changed = true;
    queueMicrotask(() => {
      this.#changed = false;
      if (this.isConnected) this.run();
    });
  }

  /** Stops a run. */
  cancel() {
    this.#abort?.abort();
  }

  /** Scores now, whether in view or not; never throws: what goes wrong is shown and is an `error` event. */
  async run() {
    this.cancel();
    const abort = (this.#abort = new AbortController());
    const { signal } = abort;
    const current = () => this.#abort === abort;
    this.#show('running', 'Scoring');
    try {
      const settings = settingsOf(this);
      const named = this.#model ? null : await this.#named(signal);
      const device = /** @type {DeviceChoice} */ (this.getAttribute('device') ?? 'auto');
      const onProgress = (/** @type {Progress} */ progress) => current() && this.#progress(progress);
      const engine = new Hold(device, onProgress);
      this.#engine?.release();
      this.#engine = engine;
      const dextr = await engine.dextr;
      const request = named ?? { model: await this.#open(dextr, signal) };
      const score = await dextr.score(request, { signal, onProgress, ...settings });
      if (!current()) return;
      this.#body.replaceChildren(...answer(score, dextr.device, linkOf(this, score)));
      this.#show('done', '');
      this.#tell('score', score);
    } catch (thrown) {
      if (!current()) return;
      const fault = DextrError.from(thrown);
      if (signal.aborted) return this.#show('cancelled', 'Cancelled.');
      const { what, cure } = faultWords(fault);
      this.#body.replaceChildren(h('p', { class: 'error' }, `${what} ${cure}`));
      this.#show('failed', 'Not scored.');
      this.#tell('error', fault);
    }
  }

  /** Whether `src` is an ONNX file. */
  get #model() {
    const path = this.getAttribute('src')?.replace(/[?#].*$/, '');
    return path !== undefined && (this.getAttribute('space') === Model.space || /\.onnx$/i.test(path));
  }

  /** An architecture of a space. @param {AbortSignal} signal */
  async #named(signal) {
    const src = this.getAttribute('src');
    const arch = src === null ? (this.getAttribute('arch') ?? '') : await this.#file(src, signal);
    return { space: this.getAttribute('space') ?? '', arch };
  }

  /** @param {import('../dextr/index.js').Dextr} dextr @param {AbortSignal} signal */
  #open(dextr, signal) {
    return dextr.open(this.getAttribute('src') ?? '', { signal, ...openingOf(this) });
  }

  /** @param {string} src @param {AbortSignal} signal */
  async #file(src, signal) {
    const hint = 'Give src the address of a text file on a server that lets this page read it.';
    try {
      const response = await fetch(new URL(src, document.baseURI), { signal });
      if (response.ok) return (await response.text()).trim();
      throw new Error(`the server answered ${response.status}`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new DextrError({ code: 'load-failed', message: `The file cannot be read: ${reason}.`, where: src, hint }, error);
    }
  }

  /** @param {Progress} progress */
  #progress(progress) {
    const { share, words } = progressWords(progress);
    setShare(this.#bar, share);
    if (this.#status.textContent !== words) this.#status.textContent = words;
    this.#tell('progress', progress);
  }

  /** @param {State} state @param {string} said */
  #show(state, said) {
    this.#state = state;
    this.#bar.hidden = state !== 'running';
    this.#bar.removeAttribute('value');
    this.#status.textContent = said;
    this.#button.textContent = state === 'running' ? 'Cancel' : 'Score again';
    this.setAttribute('aria-busy', String(state === 'running'));
  }

  /** @param {string} type @param {unknown} detail */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

// Two copies of this file on a page: the first one is the element.
if (globalThis.customElements && !customElements.get('dextr-score')) customElements.define('dextr-score', DextrScore);
