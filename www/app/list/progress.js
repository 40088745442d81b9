import { h } from '../../ui/dom.js';
import { count } from '../../ui/format.js';

/** The rate is that of the last rows, over this many milliseconds. */
const WINDOW = 10_000;

/** @param {number} value In seconds. */
function duration(value) {
  if (value < 90) return `${Math.max(1, Math.round(value))} s`;
  return value < 5400 ? `${Math.round(value / 60)} min` : `${(value / 3600).toFixed(1)} h`;
}

/**
 * How far a list is, with its rate, the time left, and the buttons to hold it up
 * or end it.
 */
export class ProgressPanel {
  #on;
  #bar = h('progress', { max: 1, 'aria-label': 'Rows done' });
  #text = h('span', { class: 'step' });
  #pause = h('button', { type: 'button', onclick: () => this.#hold(!this.#paused) }, 'Pause');
  #done = 0;
  #total = 0;
  #name = '';
  #paused = false;
  /** When recent rows were done, on a clock that stands still in a pause. @type {number[]} */
  #times = [];
  #started = 0;
  #stopped = 0;
  element = h('div', { class: 'progress', hidden: true }, this.#bar, this.#text,
    h('div', { class: 'buttons' }, this.#pause, h('button', { type: 'button', onclick: () => this.#on.onCancel() }, 'Cancel the list')));

  /** @param {{ onPause: (paused: boolean) => void, onCancel: () => void }} on */
  constructor(on) {
    this.#on = on;
  }

  /** Rows. */
  get done() {
    return this.#done;
  }

  /** @param {number} rows @param {string} [fileName] */
  begin(rows, fileName) {
    [this.#done, this.#total, this.#name, this.#paused] = [0, rows, fileName ? `${fileName}: ` : '', false];
    this.#started = performance.now();
    this.#times = [0];
    this.#pause.replaceChildren('Pause');
    this.element.hidden = false;
    this.#show();
  }

  advance() {
    this.#done++;
    const now = this.#clock;
    this.#times.push(now);
    while (this.#times.length > 2 && /** @type {number} */ (this.#times[0]) < now - WINDOW) this.#times.shift();
    this.#show();
  }

  end() {
    this.element.hidden = true;
  }

  get #clock() {
    return (this.#paused ? this.#stopped : performance.now()) - this.#started;
  }

  /** @param {boolean} on */
  #hold(on) {
    const now = performance.now();
    if (on) this.#stopped = now;
    else this.#started += now - this.#stopped;
    this.#paused = on;
    this.#pause.replaceChildren(on ? 'Resume' : 'Pause');
    this.#on.onPause(on);
    this.#show();
  }

  /** Rows a second; 0 where it is not known yet. */
  get #rate() {
    return this.#times.length > 1 ? ((this.#times.length - 1) * 1000) / (this.#clock - (this.#times[0] ?? 0)) : 0;
  }

  #show() {
    const rate = this.#rate;
    const left = rate > 0 && !this.#paused ? `, ${rate < 10 ? rate.toFixed(1) : Math.round(rate)} rows a second, about ${duration((this.#total - this.#done) / rate)} left` : '';
    this.#bar.value = this.#total > 0 ? this.#done / this.#total : 0;
    this.#text.replaceChildren(`${this.#name}${count(this.#done)} of ${count(this.#total)} rows${left}${this.#paused ? ', paused' : ''}`);
  }
}
