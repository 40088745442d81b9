import { h, newId } from './dom.js';
import { sentence } from './format.js';
import { picturePicker } from './picture.js';

/** @typedef {Omit<import('../dextr/index.js').Space, 'options'> & { options: (import('../dextr/dextr.js').SpaceOption & { values?: string[] })[], label?: string, legend?: string }} Space `values`: what an option is one of; `label` and `legend`: what stands for the space and its options. */
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
  { name: 'protocol', label: 'Protocol', initial: 'refined', choices: ['refined', 'published'], help: 'refined: all outputs, several curves. published: as in the paper’s code; cell benchmarks only.' },
  { name: 'observe', label: 'Observed maps', initial: '', choices: ['', 'flow', 'layers', 'modules'], help: 'Which maps count in S. flow: activations and what is added up. layers: every layer. modules: every PyTorch module. default: the best one known for the space.' },
  { name: 'curves', label: 'Curves', initial: '', min: 1, help: 'How many curves K is averaged over. Empty: 4 up to 64 pixels, 1 above (always 1 under published).' },
];

/** What the published protocol fixes. */
const FIXED = ['observe', 'curves'];

/** @param {Space} space @returns {Field[]} */
function optionFields(space) {
  return space.options.map(({ name, default: value, help, values }) => {
    const initial = String(value);
    return {
      name, label: name, help: sentence(help), initial,
      ...(values || /^(true|false)$/.test(initial) ? { choices: values ?? ['false', 'true'] } : {}),
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
 * Seeds, protocol, picture, device and network options. `values` are keyed as in
 * a link: a column's name, or `set.` and an option's name.
 * @param {{ device: HTMLElement, onChange: () => void }} page `device`: the control for it.
 */
export function settings({ device, onChange }) {
  const own = FIELDS.map(control);
  /** @type {ReturnType<typeof control>[]} */
  let options = [];
  const picture = picturePicker(onChange);
  const network = h('fieldset', {});
  /** @returns {[string, ReturnType<typeof control>][]} */
  const keyed = () => [
    ...own.map((control) => /** @type {[string, typeof control]} */ ([control.field.name, control])),
    ...options.map((control) => /** @type {[string, typeof control]} */ ([`set.${control.field.name}`, control])),
  ];

  const element = h('details', { class: 'settings' }, h('summary', {}, 'Settings'),
    h('div', { class: 'fields' }, ...own.map((control) => control.element), picture.element, device), network,
    h('div', { class: 'buttons' }, h('button', { type: 'button', onclick: reset }, 'Back to the initial settings')));
  // A control that the browser refuses can only be shown when it is visible.
  element.addEventListener('invalid', () => element.setAttribute('open', ''), true);
  const changed = (/** @type {Event} */ event) => {
    // These two have changes of their own.
    const target = /** @type {Node} */ (event.target);
    if (picture.element.contains(target) || device.contains(target)) return;
    fix();
    onChange();
  };
  element.addEventListener('change', changed);

  function reset() {
    for (const [, { field, input }] of keyed()) input.value = field.initial;
    fix();
    // A picture tells by itself that it is gone.
    if (picture.value) picture.clear();
    else onChange();
  }

  function fix() {
    const published = own.some(({ field, input }) => field.name === 'protocol' && input.value === 'published');
    for (const { field, input } of own) input.disabled = published && FIXED.includes(field.name);
  }

  /** The values in force, by key. */
  function values() {
    return Object.fromEntries(keyed().filter(([, { input }]) => !input.disabled).map(([key, { input }]) => [key, input.value]));
  }

  /** Only options that differ from the space's own are sent. */
  function changedOptions() {
    return Object.fromEntries(options
      .filter(({ field, input }) => input.value !== field.initial)
      .map(({ field, input }) => [field.name, input.value]));
  }

  // It may stand elsewhere.
  network.addEventListener('change', (event) => {
    if (!element.contains(network)) changed(event);
  });

  return {
    element,
    /** The controls of the space's own options; they may be shown elsewhere, until another space is set. */
    network,
    changedOptions,
    picture,
    /** Shows the options of another space, at their initial values. @param {Space} space */
    setSpace(space) {
      if (!element.contains(network)) element.insertBefore(network, element.lastElementChild);
      options = optionFields(space).map(control);
      network.hidden = options.length === 0;
      network.replaceChildren(h('legend', {}, space.legend ?? `The network (${space.name})`),
        h('div', { class: 'fields' }, ...options.map((control) => control.element)));
    },
    /** Whether the browser takes all values; shows the first that it refuses. */
    get valid() {
      return keyed().every(([, { input }]) => input.checkValidity());
    },
    /** What a link has to say: values that are not the initial ones. */
    changed() {
      const now = values();
      return Object.fromEntries(keyed().filter(([key, { field }]) => key in now && now[key] !== field.initial).map(([key]) => [key, String(now[key])]));
    },
    /**
     * Takes the values of a link; what it leaves out goes back to its initial
     * value. Gives what it could not take, in sentences.
     * @param {Record<string, string>} link
     */
    set(link) {
      const problems = [];
      for (const [key, { field, input }] of keyed()) {
        const asked = link[key];
        input.value = asked ?? field.initial;
        // A select takes no value that it does not offer, and a number field no words.
        if (input.value === (asked ?? field.initial) && input.checkValidity()) continue;
        problems.push(`${key} cannot be “${asked}”: it is ${field.initial || 'the default'} now.`);
        input.value = field.initial;
      }
      const known = new Set(keyed().map(([key]) => key));
      problems.push(...Object.keys(link).filter((key) => !known.has(key)).map((key) => `There is no setting “${key}”.`));
      fix();
      return problems;
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
