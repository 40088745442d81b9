import { h } from '../dom.js';
import { count } from '../format.js';

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
 * @param {{ onPause: (paused: boolean) => void, onCancel: () => void }} on
 */
export function progressPanel({ onPause, onCancel }) {
  const bar = h('progress', { max: 1, 'aria-label': 'Rows done' });
  const text = h('span', { class: 'step' });
  const pause = h('button', { type: 'button', onclick: () => hold(!paused) }, 'Pause');
  const cancel = h('button', { type: 'button', onclick: onCancel }, 'Cancel the list');
  const element = h('div', { class: 'progress', hidden: true }, bar, text, h('div', { class: 'buttons' }, pause, cancel));

  let [done, total, name, paused] = [0, 0, '', false];
  /** When recent rows were done, on a clock that stands still in a pause. @type {number[]} */
  let times = [];
  let [started, stopped] = [0, 0];
  const clock = () => (paused ? stopped : performance.now()) - started;

  /** @param {boolean} on */
  function hold(on) {
    if (on === paused) return;
    const now = performance.now();
    if (on) stopped = now;
    else started += now - stopped;
    paused = on;
    pause.replaceChildren(on ? 'Resume' : 'Pause');
    onPause(on);
    show();
  }

  function show() {
    const first = times[0] ?? 0;
    const rate = times.length > 1 ? ((times.length - 1) * 1000) / (clock() - first) : 0;
    const left = rate > 0 && !paused ? `, ${rate < 10 ? rate.toFixed(1) : Math.round(rate)} rows a second, about ${duration((total - done) / rate)} left` : '';
    bar.value = total > 0 ? done / total : 0;
    text.replaceChildren(`${name}${count(done)} of ${count(total)} rows${left}${paused ? ', paused' : ''}`);
  }

  return {
    element,
    get paused() {
      return paused;
    },
    /** @param {number} rows @param {string} [fileName] */
    begin(rows, fileName) {
      [done, total, name, paused] = [0, rows, fileName ? `${fileName}: ` : '', false];
      started = performance.now();
      times = [0];
      pause.replaceChildren('Pause');
      element.hidden = false;
      show();
    },
    advance() {
      done++;
      const now = clock();
      times.push(now);
      while (times.length > 2 && /** @type {number} */ (times[0]) < now - WINDOW) times.shift();
      show();
    },
    end() {
      element.hidden = true;
    },
    get done() {
      return done;
    },
  };
}
