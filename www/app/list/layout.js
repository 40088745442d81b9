import { h, newId } from '../../ui/dom.js';
import { count } from '../../ui/format.js';

/** @typedef {import('./read.js').Understood} Understood */
/** @typedef {import('../../dextr/dextr.js').Wishes} Wishes */
/** @typedef {import('../../dextr/dextr.js').Reading} Reading */
/**
 * How a list is to be read: what its text is taken for, whether a row of another
 * space is of that, and what numbers mean.
 * @typedef {{ wishes: Wishes, own: boolean, reading?: string }} Manner
 */
/** @typedef {{ fileName?: string, space: string, understood: Understood, manner: Manner, readings: Reading[] }} Shown */

/** @type {[string, string][]} */
const DELIMITERS = [[',', 'commas'], [';', 'semicolons'], ['\t', 'tabs']];

/** What a list was read as, with all of it to be changed. */
export class LayoutPanel {
  #onChange;
  element = h('div', { class: 'layout', hidden: true });

  /** @param {(manner: Manner) => void} onChange Hears how the list shall be read instead. */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  clear() {
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  /** @param {Shown} shown */
  show(shown) {
    const { fileName, space, understood: { layout, words, spaces, ambiguous }, manner, readings } = shown;
    const open = this.element.querySelector('details')?.open ?? false;
    const told = [
      layout.form === 'lines' ? '' : words,
      spaces.size > 1 || !spaces.has(space) ? `${[...spaces].map(([name, rows]) => `${count(rows)} of ${name}`).join(', ')}${manner.own ? '' : `, all taken for ${space}`}` : '',
      ambiguous > 0 ? `numbers in the order of ${readings.find(({ name }) => name === (manner.reading ?? readings[0]?.name))?.title ?? ''} (${count(ambiguous)} ${ambiguous === 1 ? 'row' : 'rows'})` : '',
    ].filter(Boolean);
    this.element.hidden = told.length === 0;
    if (told.length === 0) return;
    const details = h('details', {}, h('summary', {}, 'Read it otherwise'), h('div', { class: 'choices' }, ...this.#choices(shown)));
    details.open = open;
    this.element.replaceChildren(h('p', { class: 'notice', role: 'status' }, `${fileName ? `“${fileName}”` : 'The list'} is read as: ${told.join('; ')}.`), details);
  }

  /** @param {Shown} shown */
  #choices({ space, understood, manner, readings }) {
    const { layout, columns, spaces, ambiguous } = understood;
    const wish = (/** @type {Wishes} */ changed) => this.#onChange({ ...manner, wishes: { ...manner.wishes, ...changed } });
    const names = columns.map((name) => /** @type {[string, string]} */ ([name, name]));
    const first = (/** @type {number | null | undefined} */ column) => columns[column ?? -1] ?? '';
    const commas = layout.commas.length > 0 ? 'comma' : 'point';
    return [
      layout.form === 'separated' && choice('Between cells', DELIMITERS, layout.delimiter ?? ',', (delimiter) => wish({ delimiter, arch: undefined, truth: undefined })),
      layout.form === 'separated' && choice('First row', [['yes', 'names the columns'], ['no', 'is an architecture']], layout.header ? 'yes' : 'no', (value) => wish({ header: value === 'yes', arch: undefined, truth: undefined })),
      layout.form !== 'lines' && choice('Architectures in', layout.arch.length > 1 ? [['', layout.arch.map(first).join(', ')], ...names] : names, layout.arch.length > 1 ? '' : first(layout.arch[0]), (arch) => wish({ arch: arch || undefined })),
      layout.form !== 'lines' && choice('Accuracies in', [['', 'none'], ...names], first(layout.truth), (truth) => wish({ truth })),
      layout.form === 'separated' && choice('Decimals', [['point', '93.1'], ['comma', '93,1']], manner.wishes.decimal ?? commas, (decimal) => wish({ decimal: decimal === 'comma' ? 'comma' : 'point' })),
      (spaces.size > 1 || !spaces.has(space)) && choice('Search space', [['own', 'each row’s own'], ['picked', `${space} for all`]], manner.own ? 'own' : 'picked', (value) => this.#onChange({ ...manner, own: value === 'own' })),
      ambiguous > 0 && choice('Numbers in the order of', readings.map(({ name, title }) => [name, title]), manner.reading ?? readings[0]?.name ?? '', (reading) => this.#onChange({ ...manner, reading })),
    ];
  }
}

/** @param {string} label @param {[string, string][]} values With their words. @param {string} value @param {(value: string) => void} onChange */
function choice(label, values, value, onChange) {
  const select = h('select', { id: newId('layout'), onchange: () => onChange(select.value) }, ...values.map(([name, words]) => h('option', { value: name }, words)));
  select.value = value;
  return h('div', { class: 'field' }, h('label', { for: select.id }, label), select);
}
