import { areSteps, choiceControl } from './choice.js';
import { h } from './dom.js';
import { edgeName, graph } from './graph.js';
import { sentence } from './format.js';

/**
 * @typedef {import('../dextr/index.js').Choice} Choice
 * @typedef {Choice & { index: number }} Indexed
 * @typedef {{ set: (choices: Indexed[]) => void }} Part
 */

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
 * @param {(index: number, value: string) => void} onChoose
 */
export function editor(onChoose) {
  const element = h('div', { class: 'editor' });
  let shape = '';
  /** @type {((choices: Indexed[]) => void)[]} */
  let setters = [];
  /** The controls by the index of their choice. @type {Map<number, import('./choice.js').Control>} */
  let all = new Map();
  /** @type {ReturnType<typeof graph>[]} */
  let graphs = [];
  let last = -1;

  /** @type {typeof onChoose} */
  function choose(index, value) {
    last = index;
    onChoose(index, value);
  }

  /** @param {number} index @param {import('./choice.js').Control | undefined} control */
  function keep(index, control) {
    if (control) all.set(index, control);
  }

  /** @param {Indexed[]} choices @param {string} name */
  function edgeGroup(choices, name) {
    const title = name ? `Cell “${name}”` : 'The cell';
    const drawing = graph(choices, title, (index, value) => {
      // The list beneath shows it at once too.
      const at = choices.findIndex((choice) => choice.index === index);
      controls[at]?.set(value);
      choose(index, value);
    });
    graphs.push(drawing);
    const many = choices.length >= MANY;
    const numbered = many || choices.some(({ edge }) => (edge?.[1] ?? 0) > 4);
    const controls = choices.map((choice, at) =>
      choiceControl(choice, `${numbered ? `${at + 1}: ` : ''}${edgeName(choice)}`, choose, (on) => drawing.mark(at, on)));
    const rows = h('div', { class: 'choices edges' }, ...controls.map((control) => control.element));
    choices.forEach(({ index }, at) => keep(index, controls[at]));
    setters.push((now) => {
      const own = choices.flatMap(({ index }) => now[index] ?? []);
      drawing.set(own);
      own.forEach(({ value }, at) => controls[at]?.set(value));
    });
    const switches = choices.every(({ values }) => values.length < 3);
    const help = h('p', { class: 'help' }, switches ? 'Click an edge to add or remove it.' : 'Click an edge to change it, or go through its operations with the arrow keys.');
    return [drawing.element, graphs.length < 2 && help, many ? h('details', {}, h('summary', {}, `All ${choices.length} edges as a list`), rows) : rows];
  }

  /** @param {Indexed[]} choices */
  function plainGroup(choices) {
    const controls = choices.map((choice) => choiceControl(choice, choice.name, choose));
    choices.forEach(({ index }, at) => keep(index, controls[at]));
    setters.push((now) => choices.forEach(({ index }, at) => controls[at]?.set(now[index]?.value ?? '')));
    return h('div', { class: 'choices' }, ...controls.map((control) => control.element));
  }

  /** @param {Indexed[]} choices @param {string} name */
  function group(choices, name) {
    const edges = choices.filter(({ edge }) => edge);
    const rest = choices.filter(({ edge }) => !edge);
    // Many layers with a choice or two each take a line each.
    const compact = edges.length === 0 && rest.length < 3 && rest.length > 0 && !rest.some(({ values }) => areSteps(values));
    return h('fieldset', { class: `choice-group${compact ? ' compact' : ''}` }, h('legend', { class: !name && 'visually-hidden' }, sentence(name || 'Choices').replace(/\.$/, '')),
      ...(edges.length > 0 ? edgeGroup(edges, name) : []), rest.length > 0 && plainGroup(rest));
  }

  return {
    element,
    /** @param {Choice[]} choices */
    set(choices) {
      const now = choices.map((choice, index) => ({ ...choice, index }));
      const next = structure(choices);
      if (next !== shape) {
        const focused = element.contains(document.activeElement);
        const edge = graphs.find((drawn) => drawn.focused !== undefined)?.focused;
        shape = next;
        setters = [];
        graphs = [];
        all = new Map();
        element.replaceChildren(...Array.from(grouped(now), ([name, own]) => group(own, name)));
        // The keyboard stays where it was.
        if (edge !== undefined) for (const drawn of graphs) drawn.focus(edge);
        else if (focused) all.get(last)?.focus();
      }
      for (const set of setters) set(now);
    },
  };
}
