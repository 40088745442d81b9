import { h } from '../../ui/dom.js';
import { FIXED } from '../list/row.js';
import { control, FIELDS, IDS, optionFields } from './fields.js';
import { PicturePicker } from './picture.js';
import { ProxyPicker } from './proxies.js';

/** @typedef {import('../spaces.js').Space} Space */
/** @typedef {import('./fields.js').Control} Control */
/** @typedef {import('../../dextr/index.js').ScoreRequest} ScoreRequest */

/**
 * Seeds, protocol, picture, device and network options. Values are keyed as in
 * a link: a column's name, or `set.` and an option's name.
 */
export class SettingsPanel {
  #own;
  /** @type {Control[]} */
  #options = [];
  #device;
  #onChange;
  /** The controls of the network's options, which may be shown elsewhere until another space is set. */
  network = h('fieldset', { onchange: (/** @type {Event} */ event) => {
    if (!this.element.contains(this.network)) this.#changed(event);
  } });
  picture;
  element;

  /** @param {{ device: HTMLElement, proxies: import('../../dextr/dextr.js').ProxyInfo[], onChange: () => void }} page `device`: the control for it. */
  constructor({ device, proxies, onChange }) {
    const picker = new ProxyPicker(proxies);
    const chosen = { field: { name: 'proxies', label: '', help: '', initial: picker.value }, input: picker, element: picker.element };
    /** @type {Control[]} */
    this.#own = [...[...FIELDS, IDS].map(control), chosen];
    this.#device = device;
    this.#onChange = onChange;
    this.picture = new PicturePicker(onChange);
    this.element = h('details', { class: 'settings', onchange: (/** @type {Event} */ event) => this.#changed(event) }, h('summary', {}, 'Settings'),
      h('div', { class: 'fields' }, ...this.#own.slice(0, -1).map((control) => control.element), this.picture.element, device), chosen.element, this.network,
      h('div', { class: 'buttons' }, h('button', { type: 'button', onclick: () => this.#reset() }, 'Back to the initial settings')));
    // A control that the browser refuses can only be shown when it is visible.
    this.element.addEventListener('invalid', () => this.unfold(), true);
  }

  unfold() {
    this.element.setAttribute('open', '');
  }

  /** Shows the options of another space, at their initial values. @param {Space} space */
  setSpace(space) {
    if (!this.element.contains(this.network)) this.element.insertBefore(this.network, this.element.lastElementChild);
    this.#options = optionFields(space).map(control);
    this.network.hidden = this.#options.length === 0;
    this.network.replaceChildren(h('legend', {}, space.legend ?? `The network (${space.name})`),
      h('div', { class: 'fields' }, ...this.#options.map((control) => control.element)));
  }

  /** Whether the browser takes all values; shows the first that it refuses. */
  get valid() {
    return this.#keyed.every(([, { input }]) => input.checkValidity());
  }

  /** What a link has to say: values that are not the initial ones. */
  changed() {
    const now = this.#values;
    return Object.fromEntries(this.#keyed.filter(([key, { field }]) => key in now && now[key] !== field.initial).map(([key]) => [key, String(now[key])]));
  }

  /** Only options that differ from the space's own are sent. @returns {Record<string, string>} */
  changedOptions() {
    return Object.fromEntries(this.#options
      .filter(({ field, input }) => input.value !== field.initial)
      .map(({ field, input }) => [field.name, input.value]));
  }

  /**
   * Takes the values of a link; what it leaves out goes back to its initial
   * value. Gives what it could not take, in sentences.
   * @param {Record<string, string>} link
   */
  set(link) {
    const problems = [];
    for (const [key, { field, input }] of this.#keyed) {
      const written = link[key];
      const asked = written === undefined ? written : (input.usual?.(written) ?? written);
      input.value = asked ?? field.initial;
      // A select takes no value that it does not offer, and a number field no words.
      if (input.value === (asked ?? field.initial) && input.checkValidity()) continue;
      problems.push(`${key} cannot be “${asked}”: it is ${field.initial || 'the default'} now.`);
      input.value = field.initial;
    }
    const known = new Set(this.#keyed.map(([key]) => key));
    problems.push(...Object.keys(link).filter((key) => !known.has(key)).map((key) => `There is no setting “${key}”.`));
    this.#fix();
    return problems;
  }

  /** The settings of a score request. @returns {Partial<ScoreRequest>} */
  request() {
    const now = this.#values;
    const number = (/** @type {string} */ key) => (now[key] ? Number(now[key]) : undefined);
    const { image } = this.picture.value ?? {};
    return {
      options: this.changedOptions(),
      seed: number('seed'), seeds: number('seeds'), imageSeed: number('image_seed'), curveSeed: number('curve_seed'),
      protocol: /** @type {ScoreRequest['protocol']} */ (now.protocol),
      observe: /** @type {ScoreRequest['observe']} */ (now.observe || undefined),
      curves: number('curves'), swapSize: now.swap_size || undefined, proxies: now.proxies,
      ...(image ? { image } : {}),
      ...(now.ids ? { ids: now.ids } : {}),
    };
  }

  /** @returns {[string, Control][]} */
  get #keyed() {
    return [
      ...this.#own.map((control) => /** @type {[string, Control]} */ ([control.field.name, control])),
      ...this.#options.map((control) => /** @type {[string, Control]} */ ([`set.${control.field.name}`, control])),
    ];
  }

  /** The values in force, by key. @returns {Record<string, string>} */
  get #values() {
    return Object.fromEntries(this.#keyed.filter(([, { input }]) => !input.disabled).map(([key, { input }]) => [key, input.value]));
  }

  /** @param {Event} event */
  #changed({ target }) {
    // These two have changes of their own.
    const control = /** @type {Node} */ (target);
    if (this.picture.element.contains(control) || this.#device.contains(control)) return;
    this.#fix();
    this.#onChange();
  }

  #reset() {
    for (const [, { field, input }] of this.#keyed) input.value = field.initial;
    this.#fix();
    // A picture tells by itself that it is gone.
    if (this.picture.value) this.picture.clear();
    else this.#onChange();
  }

  /** The published protocol fixes some. */
  #fix() {
    const published = this.#own.some(({ field, input }) => field.name === 'protocol' && input.value === 'published');
    for (const { field, input } of this.#own) input.disabled = published && FIXED.includes(field.name);
  }
}
