import { h, newId } from './dom.js';
import { words } from './operation.js';

/** @typedef {import('./editor.js').Indexed} Indexed */
/** @typedef {{ element: HTMLElement, set: (value: string) => void, focus: () => void }} Control */

/** A single number is no scale. */
const STEPS = 2;

/** Whether the values are many numbers in rising order: a slider suits them. @param {string[]} values */
export function areSteps(values) {
  return values.length >= STEPS && values.every((value, at) => /^\d+(\.\d+)?$/.test(value) && (at === 0 || Number(value) > Number(values[at - 1])));
}

/**
 * A slider for numbers, a drop-down list for the rest.
 * @param {Indexed} choice
 * @param {string} label
 * @param {(index: number, value: string) => void} onChoose
 * @param {(on: boolean) => void} [onMark] Hears when the control has the focus.
 * @returns {Control}
 */
export function choiceControl(choice, label, onChoose, onMark) {
  return areSteps(choice.values) ? slider(choice, label, onChoose) : list(choice, label, onChoose, onMark);
}

/** @type {typeof choiceControl} */
function list({ index, value, values }, label, onChoose, onMark = () => {}) {
  const id = newId('choice');
  const select = h('select', {
    id, disabled: values.length < 2, onfocus: () => onMark(true), onblur: () => onMark(false), onchange: () => onChoose(index, select.value),
  }, ...values.map((/** @type {string} */ name) => h('option', { value: name, title: words(name) || null }, name)));
  select.value = value;
  return {
    element: h('div', { class: 'choice' }, h('label', { for: id }, label), select),
    set: (next) => {
      select.value = next;
    },
    focus: () => select.focus(),
  };
}

/** @type {typeof choiceControl} */
function slider({ index, value, values }, label, onChoose) {
  const id = newId('choice');
  const output = h('output', { for: id });
  const input = h('input', {
    id, type: 'range', min: 0, max: values.length - 1, step: 1,
    oninput: () => {
      show();
      onChoose(index, values[input.valueAsNumber] ?? value);
    },
  });

  function show() {
    const now = values[input.valueAsNumber] ?? '';
    output.replaceChildren(now);
    input.setAttribute('aria-valuetext', now);
  }

  /** @param {string} next */
  function set(next) {
    input.valueAsNumber = Math.max(0, values.indexOf(next));
    show();
  }

  set(value);
  return { element: h('div', { class: 'choice slider' }, h('label', { for: id }, label), input, output), set, focus: () => input.focus() };
}
