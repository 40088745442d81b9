import { h, newId } from '../../ui/dom.js';
import { sentence } from '../../ui/format.js';

/** @typedef {import('../spaces.js').Space} Space */
/** @typedef {{ name: string, label: string, help: string, initial: string, choices?: string[], min?: number, max?: number }} Field */

/** Larger ones would lose digits on their way through JavaScript. */
const SEED = { min: 0, max: Number.MAX_SAFE_INTEGER };

/** Names are those of the saved columns. @type {(Field & { name: import('../list/row.js').Column })[]} */
export const FIELDS = [
  { name: 'seed', label: 'Weight seed', initial: '0', ...SEED, help: 'Draws the random weights. The same seed gives the same score on every machine.' },
  { name: 'seeds', label: 'Number of seeds', initial: '1', min: 1, help: 'Scores this many weight seeds in a row; the answer is their mean and deviation.' },
  { name: 'image_seed', label: 'Image seed', initial: '0', ...SEED, help: 'Draws the default picture (noise with a natural spectrum). Keep it when you compare.' },
  { name: 'curve_seed', label: 'Curve seed', initial: '0', ...SEED, help: 'Draws the curves along which the output’s bend is measured. Keep it too.' },
  { name: 'protocol', label: 'Protocol', initial: 'refined', choices: ['refined', 'published'], help: 'refined: all outputs, several curves. published: as in the paper’s code; cell benchmarks only.' },
  { name: 'observe', label: 'Observed maps', initial: '', choices: ['', 'flow', 'layers', 'modules'], help: 'Which maps count in S. flow: activations and what is added up. layers: every layer. modules: every PyTorch module. default: the best one known for the space.' },
  { name: 'curves', label: 'Curves', initial: '', min: 1, help: 'How many curves K is averaged over. Empty: 4 up to 64 pixels, 1 above (always 1 under published).' },
  { name: 'swap_size', label: 'Size for swap', initial: '', help: 'For the proxy swap alone: the size that is wanted and how far others may be from it, in thousands of parameters, as in 1000/40000. Empty: sizes do not count.' },
];

/** In the place of a picture, and no column. @type {Field} */
export const IDS = { name: 'ids', label: 'Your own token ids', initial: '', help: 'For networks of tokens alone: whole numbers, as a tokenizer prints them. Empty: drawn by the image seed.' };

/** @param {Space} space @returns {Field[]} */
export function optionFields(space) {
  return space.options.map(({ name, default: value, help, values }) => {
    const initial = String(value);
    return {
      name, label: name, help: sentence(help), initial,
      ...(values.length > 0 ? { choices: values } : {}),
      ...(/^\d+$/.test(initial) ? { min: 1 } : {}),
    };
  });
}

/**
 * One labelled control with its line of help.
 * @param {Field} field
 */
export function control(field) {
  const [id, helpId] = [newId(field.name), newId('help')];
  const common = { id, 'aria-describedby': helpId };
  const input = field.choices
    ? h('select', common, ...field.choices.map((value) => h('option', { value }, value || 'default')))
    : field.min === undefined
      ? h('input', { ...common, type: 'text' })
      : h('input', { ...common, type: 'number', min: field.min, max: field.max, step: 1, inputmode: 'numeric', required: field.initial !== '' });
  input.value = field.initial;
  const element = h('div', { class: 'field' }, h('label', { for: id }, field.label), input, h('p', { id: helpId, class: 'help' }, field.help));
  return { field, input, element };
}

/** What a setting is read from and set by. @typedef {{ value: string, disabled: boolean, checkValidity: () => boolean, usual?: (text: string) => string }} Input `usual`: a text that means the same, as `value` has it. */
/** @typedef {{ field: Field, input: Input, element: HTMLElement }} Control */
