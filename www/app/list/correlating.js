import { h } from '../../ui/dom.js';
import { correlations } from './compare.js';
import { correlationTable } from './correlations.js';

/** @typedef {import('./compare.js').Usable} Usable */

/** Correlations wait for the rows to settle, and for some times as long as they take. */
const [SETTLE, REST] = [400, 5];

/** Computes the correlations once the rows have settled, and again for those that come in meanwhile. */
export class Correlating {
  #dextr;
  /** @type {Usable | null} */
  #usable = null;
  #truth = '';
  #computing = false;
  #stale = false;
  #earliest = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  element = h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Correlations' });

  /** @param {import('../../dextr/index.js').Dextr} dextr */
  constructor(dextr) {
    this.#dextr = dextr;
  }

  /** @param {Usable} usable @param {string} truth The column's name. */
  take(usable, truth) {
    [this.#usable, this.#truth] = [usable, truth];
    this.#schedule();
  }

  #schedule() {
    this.#stale = true;
    this.element.setAttribute('aria-busy', 'true');
    if (this.#computing || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#compute(), Math.max(SETTLE, this.#earliest - performance.now()));
  }

  async #compute() {
    const truth = this.#truth;
    const start = performance.now();
    this.#timer = undefined;
    [this.#computing, this.#stale] = [true, false];
    const entries = this.#usable && await correlations(this.#dextr, this.#usable, () => truth !== this.#truth);
    this.#computing = false;
    this.#earliest = performance.now() + REST * (performance.now() - start);
    if (entries) this.element.replaceChildren(correlationTable(entries, truth));
    if (this.#stale) this.#schedule();
    else this.element.removeAttribute('aria-busy');
  }
}
