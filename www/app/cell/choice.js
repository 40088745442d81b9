import { h, newId } from '../../ui/dom.js';
import { words } from './operation.js';

/** @typedef {import('../../dextr/index.js').Choice & { index: number }} Indexed A choice and its place among all. */
/** @typedef {ListControl | SliderControl} Control */

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
  return areSteps(choice.values) ? new SliderControl(choice, label, onChoose) : new ListControl(choice, label, onChoose, onMark);
}

class ListControl {
  #select;
  element;

  /** @param {Indexed} choice @param {string} label @param {(index: number, value: string) => void} onChoose @param {(on: boolean) => void} [onMark] */
  constructor({ index, value, values }, label, onChoose, onMark = () => {}) {
    const id = newId('choice');
    const select = h('select', {
      id, disabled: values.length < 2, onfocus: () => onMark(true), onblur: () => onMark(false), onchange: () => onChoose(index, select.value),
    }, ...values.map((name) => h('option', { value: name, title: words(name) || null }, name)));
    this.#select = select;
    this.element = h('div', { class: 'choice' }, h('label', { for: id }, label), select);
    this.set(value);
  }

  /** @param {string} value */
  set(value) {
    this.#select.value = value;
  }

  focus() {
    this.#select.focus();
  }
}

class SliderControl {
  #values;
  #input;
  #output = h('output');
  element;

  /** @param {Indexed} choice @param {string} label @param {(index: number, value: string) => void} onChoose */
  constructor({ index, value, values }, label, onChoose) {
    const id = newId('choice');
    this.#values = values;
    this.#input = h('input', {
      id, type: 'range', min: 0, max: values.length - 1, step: 1,
      oninput: () => {
        this.#show();
        onChoose(index, this.#value);
      },
    });
    this.#output.setAttribute('for', id);
    this.element = h('div', { class: 'choice slider' }, h('label', { for: id }, label), this.#input, this.#output);
    this.set(value);
  }

  /** @param {string} value */
  set(value) {
    this.#input.valueAsNumber = Math.max(0, this.#values.indexOf(value));
    this.#show();
  }

  focus() {
    this.#input.focus();
  }

  get #value() {
    return this.#values[this.#input.valueAsNumber] ?? '';
  }

  #show() {
    this.#output.replaceChildren(this.#value);
    this.#input.setAttribute('aria-valuetext', this.#value);
  }
}
