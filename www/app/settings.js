import { h, newId } from './dom.js';
import { sentence } from './format.js';
import { picturePicker } from './picture.js';

/** @typedef {import('../dextr/index.js').Space} Space */
/** @typedef {import('../dextr/index.js').ScoreRequest} ScoreRequest */
/** @typedef {{ name: string, label: string, help: string, initial: string, choices?: string[], min?: number, max?: number }} Field */

/** Larger ones would lose digits on their way through JavaScript. */
const SEED = { min: 0, max: Number.MAX_SAFE_INTEGER };

/** Names are those of the saved columns. @type {Field[]} */
const FIELDS = [
  { name: 'seed', label: 'Weight seed', initial: '0', ...SEED, help: 'Draws the random weights. The same seed gives the same score on every machine.' },
  { name: 'seeds', label: 'Number of seeds', initial: '1', min: 1, help: 'Scores this many weight seeds in a row; the answer is their mean and deviation.' },
  { name: 'image_seed', label: 'Image seed', initial: '0', ...SEED, help: 'Draws the default picture (noise with a natural spectrum). Keep it when you compare.' },
  { name: 'curve_seed', label: 'Curve seed', initial: '0', ...SEED, help: 'Draws the curves along which the output’s bend is measured. Keep it too.' },
  { name: 'protocol', label: 'Protocol', initial: 'refined', choices: ['refined', 'published'], help: 'refined: all outputs, several curves. published: as in the paper’s code, with its modules and its one curve.' },
  { name: 'observe', label: 'Observed maps', initial: '', choices: ['', 'flow', 'layers', 'modules'], help: 'flow: activations and what is added up. layers: every layer. modules: every PyTorch module. default: the protocol’s own.' },
  { name: 'curves', label: 'Curves', initial: '', min: 1, help: 'How many curves K is averaged over. Empty: 4 up to 64 pixels, 1 above (always 1 under published).' },
];

/** What the published protocol fixes. */
const FIXED = ['observe', 'curves'];

/** @param {Space} space @returns {Field[]} */
function optionFields(space) {
  return space.options.map(({ name, default: value, help }) => {
    const initial = String(value);
    return {
      name, label: name, help: sentence(help), initial,
      ...(/^(true|false)$/.test(initial) ? { choices: ['false', 'true'] } : {}),
      ...(/^\d+$/.test(initial) ? { min: 1 } : {}),
    };
  });
}

/**
 * One labelled control with its line of help.
 * @param {Field} field
 */
function control(field) {
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

/**
 * Seeds, protocol and network options. `values` are keyed as in a link: a
 * column's name, or `set.` and an option's name.
 * @param {Space} space
 * @param {() => void} onChange
 */
export function settings(space, onChange) {
  const own = FIELDS.map(control);
  const options = optionFields(space).map(control);
  const picture = picturePicker(onChange);
  /** @type {[string, ReturnType<typeof control>][]} */
  const keyed = [
    ...own.map((control) => /** @type {[string, typeof control]} */ ([control.field.name, control])),
    ...options.map((control) => /** @type {[string, typeof control]} */ ([`set.${control.field.name}`, control])),
  ];

  const element = h('details', { class: 'settings' }, h('summary', {}, 'Settings'),
    h('div', { class: 'fields' }, ...own.map((control) => control.element), picture.element),
    options.length > 0 && h('fieldset', {}, h('legend', {}, 'The network around the cell'),
      h('div', { class: 'fields' }, ...options.map((control) => control.element))));
  // A control that the browser refuses can only be shown when it is visible.
  element.addEventListener('invalid', () => element.setAttribute('open', ''), true);
  element.addEventListener('change', () => {
    fix();
    onChange();
  });

  function fix() {
    const published = own.some(({ field, input }) => field.name === 'protocol' && input.value === 'published');
    for (const { field, input } of own) input.disabled = published && FIXED.includes(field.name);
  }

  /** The values in force, by key. */
  function values() {
    return Object.fromEntries(keyed.filter(([, { input }]) => !input.disabled).map(([key, { input }]) => [key, input.value]));
  }

  /** Only options that differ from the space's own are sent. */
  function changedOptions() {
    return Object.fromEntries(options
      .filter(({ field, input }) => input.value !== field.initial)
      .map(({ field, input }) => [field.name, input.value]));
  }

  return {
    element,
    changedOptions,
    get picture() {
      return picture.value;
    },
    /** What a link has to say: values that are not the initial ones. */
    changed() {
      const now = values();
      return Object.fromEntries(keyed.filter(([key, { field }]) => key in now && now[key] !== field.initial).map(([key]) => [key, String(now[key])]));
    },
    /** Takes the values of a link; what it leaves out goes back to its initial value. @param {Record<string, string>} link */
    set(link) {
      for (const [key, { field, input }] of keyed) {
        input.value = link[key] ?? field.initial;
        // A select takes no value that it does not offer.
        if (input.value === '') input.value = field.initial;
      }
      fix();
    },
    /** The settings of a score request. @returns {Partial<ScoreRequest>} */
    request() {
      const now = values();
      const number = (/** @type {string} */ key) => (now[key] ? Number(now[key]) : undefined);
      const { image } = picture.value ?? {};
      return {
        options: changedOptions(),
        seed: number('seed'), seeds: number('seeds'), imageSeed: number('image_seed'), curveSeed: number('curve_seed'),
        protocol: /** @type {ScoreRequest['protocol']} */ (now.protocol),
        observe: /** @type {ScoreRequest['observe']} */ (now.observe || undefined),
        curves: number('curves'),
        ...(image ? { image } : {}),
      };
    },
  };
}
