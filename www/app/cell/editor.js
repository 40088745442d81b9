import { h } from '../../ui/dom.js';
import { sentence } from '../../ui/format.js';
import { areSteps, choiceControl } from './choice.js';
import { edgeName } from './edge.js';
import { CellGraph } from './graph.js';

/** @typedef {import('../../dextr/index.js').Choice} Choice */
/** @typedef {import('./choice.js').Control} Control */
/** @typedef {import('./choice.js').Indexed} Indexed */

/** So many edges and more fold away behind the drawing. */
const MANY = 9;

/** Choices by group, in the order in which groups come up. @param {Indexed[]} choices */
function grouped(choices) {
  /** @type {Map<string, Indexed[]>} */
  const groups = new Map();
  for (const choice of choices) groups.set(choice.group, [...(groups.get(choice.group) ?? []), choice]);
  return groups;
}

/** What must be equal for the controls to stay. @param {Choice[]} choices */
function structure(choices) {
  return JSON.stringify(choices.map(({ name, group, values, edge }) => [name, group, values, edge]));
}

/**
 * Controls for everything that can be chosen in an architecture of any space:
 * groups with edges are drawn as graphs, the rest are lists and sliders.
 */
export class ChoiceEditor {
  /** @type {(index: number, value: string) => void} */
  #onChoose;
  #shape = '';
  /** What shows new values. @type {((choices: Indexed[]) => void)[]} */
  #setters = [];
  /** By the index of their choice. @type {Map<number, Control>} */
  #controls = new Map();
  /** @type {CellGraph[]} */
  #graphs = [];
  #last = -1;
  element = h('div', { class: 'editor' });

  /** @param {(index: number, value: string) => void} onChoose */
  constructor(onChoose) {
    this.#onChoose = (index, value) => {
      this.#last = index;
      onChoose(index, value);
    };
  }

  /** @param {Choice[]} choices */
  set(choices) {
    const now = choices.map((choice, index) => ({ ...choice, index }));
    const shape = structure(choices);
    if (shape !== this.#shape) this.#build(now, shape);
    for (const set of this.#setters) set(now);
  }

  /** @param {Indexed[]} choices @param {string} shape */
  #build(choices, shape) {
    const focused = this.element.contains(document.activeElement);
    const edge = this.#graphs.find((drawn) => drawn.focused !== undefined)?.focused;
    this.#shape = shape;
    this.#setters = [];
    this.#graphs = [];
    this.#controls = new Map();
    this.element.replaceChildren(...Array.from(grouped(choices), ([name, own]) => this.#group(own, name)));
    // The keyboard stays where it was.
    if (edge !== undefined) for (const drawn of this.#graphs) drawn.focus(edge);
    else if (focused) this.#controls.get(this.#last)?.focus();
  }

  /** @param {Indexed[]} choices @param {string} name */
  #group(choices, name) {
    const edges = choices.filter(({ edge }) => edge);
    const rest = choices.filter(({ edge }) => !edge);
    // Many layers with a choice or two each take a line each.
    const compact = edges.length === 0 && rest.length < 3 && rest.length > 0 && !rest.some(({ values }) => areSteps(values));
    return h('fieldset', { class: `choice-group${compact ? ' compact' : ''}` }, h('legend', { class: !name && 'visually-hidden' }, sentence(name || 'Choices').replace(/\.$/, '')),
      ...(edges.length > 0 ? this.#edgeGroup(edges, name) : []), rest.length > 0 && this.#plainGroup(rest));
  }

  /** @param {Indexed[]} choices @param {string} name */
  #edgeGroup(choices, name) {
    const drawing = new CellGraph(choices, name ? `Cell “${name}”` : 'The cell', (index, value) => {
      // The list beneath shows it at once too.
      this.#controls.get(index)?.set(value);
      this.#onChoose(index, value);
    });
    this.#graphs.push(drawing);
    const many = choices.length >= MANY;
    const numbered = many || choices.some(({ edge }) => (edge?.[1] ?? 0) > 4);
    const rows = this.#keep('choices edges', choices, (choice, at) =>
      choiceControl(choice, `${numbered ? `${at + 1}: ` : ''}${edgeName(choice)}`, this.#onChoose, (on) => drawing.mark(at, on)));
    this.#setters.push((now) => drawing.set(choices.flatMap(({ index }) => now[index] ?? [])));
    const switches = choices.every(({ values }) => values.length < 3);
    const help = h('p', { class: 'help' }, switches ? 'Click an edge to add or remove it.' : 'Click an edge to change it, or go through its operations with the arrow keys.');
    return [drawing.element, this.#graphs.length < 2 && help, many ? h('details', {}, h('summary', {}, `All ${choices.length} edges as a list`), rows) : rows];
  }

  /** @param {Indexed[]} choices */
  #plainGroup(choices) {
    return this.#keep('choices', choices, (choice) => choiceControl(choice, choice.name, this.#onChoose));
  }

  /** Controls that follow their choices. @param {string} look @param {Indexed[]} choices @param {(choice: Indexed, at: number) => Control} make */
  #keep(look, choices, make) {
    const controls = choices.map(make);
    choices.forEach(({ index }, at) => this.#controls.set(index, /** @type {Control} */ (controls[at])));
    this.#setters.push((now) => choices.forEach(({ index }, at) => controls[at]?.set(now[index]?.value ?? '')));
    return h('div', { class: look }, ...controls.map((control) => control.element));
  }
}
