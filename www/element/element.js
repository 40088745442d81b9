import { h } from '../app/dom.js';
import { STYLE } from './style.js';
import { errorView, progressView, scoreView } from './view.js';

/**
 * @typedef {import('../dextr/index.js').Dextr} Dextr
 * @typedef {import('../dextr/index.js').DeviceChoice} DeviceChoice
 * @typedef {import('../dextr/index.js').Progress} Progress
 * @typedef {import('../dextr/index.js').DextrError} DextrError
 * @typedef {{
 *   load: (options: { device: DeviceChoice, onProgress: (progress: Progress) => void }) => Promise<Dextr>,
 *   toError: (thrown: unknown) => DextrError,
 *   refuse: (fault: import('../dextr/dextr.js').Fault) => DextrError,
 * }} Engine
 */

/** The first line of a file that says something is the architecture. @param {string} text */
const firstLine = (text) => text.split('\n').map((line) => line.trim()).find((line) => line && !line.startsWith('#'));

/** @param {string | null} value @returns {DeviceChoice} */
const choice = (value) => (value === 'cpu' || value === 'webgpu' ? value : 'auto');

/**
 * Makes `<dextr-score>` known. All elements of a page share one engine for each
 * device asked for.
 * @param {Engine} engine
 */
export function defineDextrScore({ load, toError, refuse }) {
  /** @type {Map<DeviceChoice, { open: Promise<Dextr>, listeners: Set<(progress: Progress) => void> }>} */
  const engines = new Map();

  /** @param {DeviceChoice} device @param {(progress: Progress) => void} onProgress */
  function engineFor(device, onProgress) {
    let shared = engines.get(device);
    if (!shared) {
      /** @type {Set<(progress: Progress) => void>} */
      const listeners = new Set();
      const open = load({ device, onProgress: (progress) => listeners.forEach((listener) => listener(progress)) });
      // A failed load is tried again by the next that asks.
      open.catch(() => engines.delete(device));
      shared = { open, listeners };
      engines.set(device, shared);
    }
    shared.listeners.add(onProgress);
    return shared.open.finally(() => shared.listeners.delete(onProgress));
  }

  class DextrScore extends HTMLElement {
    static observedAttributes = ['space', 'arch', 'seed', 'device', 'src'];
    #body = h('div', { 'aria-live': 'polite' });
    #title = h('code');
    #button = h('button', { type: 'button', onclick: () => (this.#running ? this.#stop() : this.#start()) }, 'Score');
    /** @type {AbortController | null} */
    #running = null;
    #seen = false;
    #queued = false;
    #observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) this.#appear();
    });

    constructor() {
      super();
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      const root = this.attachShadow({ mode: 'open' });
      root.adoptedStyleSheets = [sheet];
      root.append(h('section', { 'aria-label': 'Dextr score' }, h('p', {}, this.#title), this.#body, this.#button));
    }

    connectedCallback() {
      this.#titled();
      // What nobody looks at costs nothing.
      this.#observer.observe(this);
    }

    disconnectedCallback() {
      this.#observer.disconnect();
      this.#seen = false;
      this.#stop();
    }

    attributeChangedCallback() {
      this.#titled();
      if (!this.#seen || this.#queued) return;
      // Several attributes set in a row are one change.
      this.#queued = true;
      queueMicrotask(() => {
        this.#queued = false;
        if (this.isConnected) this.#start();
      });
    }

    #titled() {
      this.#title.replaceChildren([this.getAttribute('space'), this.getAttribute('arch') ?? this.getAttribute('src')].filter(Boolean).join(': '));
    }

    #appear() {
      if (this.#seen) return;
      this.#seen = true;
      this.#observer.disconnect();
      this.#start();
    }

    #stop() {
      this.#running?.abort();
    }

    async #start() {
      this.#stop();
      const running = new AbortController();
      this.#running = running;
      const view = progressView();
      this.#body.replaceChildren(view.node);
      this.#button.replaceChildren('Cancel');
      const { signal } = running;
      /** @param {Progress} progress */
      const onProgress = (progress) => {
        if (signal.aborted) return;
        view.show(progress);
        this.dispatchEvent(new CustomEvent('progress', { detail: progress }));
      };
      try {
        const request = await this.#request(signal);
        const dextr = await engineFor(choice(this.getAttribute('device')), onProgress);
        const score = await dextr.score(request, { signal, onProgress });
        if (this.#running !== running) return;
        this.#body.replaceChildren(...scoreView(score, dextr.device).filter((node) => node instanceof Node));
        this.dispatchEvent(new CustomEvent('score', { detail: score, bubbles: true, composed: true }));
      } catch (thrown) {
        if (this.#running !== running) return;
        const error = toError(thrown);
        if (error.code === 'cancelled') this.#body.replaceChildren(h('p', { class: 'quiet' }, 'Cancelled.'));
        else {
          this.#body.replaceChildren(errorView(error));
          this.dispatchEvent(new CustomEvent('error', { detail: error }));
        }
      } finally {
        if (this.#running === running) {
          this.#running = null;
          this.#button.replaceChildren('Score again');
        }
      }
    }

    /** What the attributes ask for. @param {AbortSignal} signal @returns {Promise<import('../dextr/index.js').ScoreRequest>} */
    async #request(signal) {
      const seed = Number(this.getAttribute('seed') ?? 0);
      if (!Number.isSafeInteger(seed) || seed < 0) {
        throw refuse({ code: 'bad-option', message: `The seed “${this.getAttribute('seed')}” is not a whole number from 0.`, where: 'seed', hint: 'Give a number like seed="0".' });
      }
      const space = this.getAttribute('space') ?? 'nasbench201';
      const arch = this.getAttribute('arch') ?? (await this.#file(signal));
      return { space, arch, seed };
    }

    /** @param {AbortSignal} signal */
    async #file(signal) {
      const source = this.getAttribute('src');
      if (!source) {
        throw refuse({ code: 'bad-option', message: 'There is nothing to score.', where: 'arch', hint: 'Give the attribute arch (an architecture’s text) or src (a file with one).' });
      }
      const place = { where: source, hint: 'Check the attribute src; a file of another site must allow it (CORS).' };
      const response = await fetch(source, { signal }).catch(() => {
        throw refuse({ code: 'load-failed', message: 'The file cannot be fetched.', ...place });
      });
      if (!response.ok) throw refuse({ code: 'load-failed', message: `The file cannot be fetched: the server answered ${response.status}.`, ...place });
      const arch = firstLine(await response.text());
      if (!arch) throw refuse({ code: 'bad-architecture', message: 'The file has no architecture in it.', where: source, hint: 'Write one line with the architecture’s text.' });
      return arch;
    }
  }

  if (!customElements.get('dextr-score')) customElements.define('dextr-score', DextrScore);
}
