import { h, newId } from '../../ui/dom.js';

/** @typedef {import('../../dextr/dextr.js').ProxyInfo} ProxyInfo */
/** What was wished for, as texts. @typedef {Record<'strategy' | 'candidates' | 'seed' | 'aim' | 'against' | 'maxParams' | 'minParams' | 'maxMacs' | 'minMacs', string>} Wishes */

/** How a search goes about it, in words. @type {[string, string, string][]} */
const STRATEGIES = [
  ['random', 'random', 'Draws candidates evenly: what every other strategy has to beat.'],
  ['evolution', 'evolution (aging)', 'Changes the best of a few of the latest candidates, and forgets the oldest.'],
  ['local', 'local', 'Tries all neighbours of the best, goes to the best of them, begins anew at a peak.'],
  ['cascade', 'cascade', 'Ranks many by a cheap proxy, and scores the best of them.'],
];

/** @param {string} label @param {HTMLElement} input @param {string} [help] */
function field(label, input, help) {
  const helpId = newId('search-help');
  if (help) input.setAttribute('aria-describedby', helpId);
  return h('div', { class: 'field' }, h('label', { for: input.id }, label), input, help && h('p', { id: helpId, class: 'help' }, help));
}

/** @param {string} name @param {string} value @param {Record<string, string | number>} [more] */
function text(name, value, more = {}) {
  const input = h('input', { id: newId(name), type: 'text', spellcheck: 'false', autocapitalize: 'off', ...more });
  input.value = value;
  return input;
}

/** What is searched for: strategy, budget, limits and aim. The space and its settings are those of the form above. */
export class SearchForm {
  #help = h('p', { class: 'help' });
  #strategy = h('select', { id: newId('strategy'), onchange: () => this.#explain() }, ...STRATEGIES.map(([value, label]) => h('option', { value }, label)));
  #inputs = {
    strategy: this.#strategy,
    candidates: text('candidates', '200', { inputmode: 'numeric' }),
    maxParams: text('max-params', '', { placeholder: 'none, or 6M' }),
    minParams: text('min-params', '', { placeholder: 'none' }),
    maxMacs: text('max-macs', '', { placeholder: 'none, or 1.5G' }),
    minMacs: text('min-macs', '', { placeholder: 'none' }),
    aim: /** @type {HTMLInputElement} */ (text('aim', 'dextr')),
    against: h('select', { id: newId('against') }, ...[['', 'nothing'], ['params', 'parameters'], ['macs', 'MACs']].map(([value, label]) => h('option', { value }, label))),
    seed: text('search-seed', '0', { inputmode: 'numeric' }),
  };
  element;

  /** @param {ProxyInfo[]} proxies */
  constructor(proxies) {
    const known = h('datalist', { id: newId('aims') }, ...proxies.map(({ name, title }) => h('option', { value: name }, title)));
    this.#inputs.aim.setAttribute('list', known.id);
    const { candidates, maxParams, minParams, maxMacs, minMacs, aim, against, seed } = this.#inputs;
    this.element = h('div', { class: 'fields' },
      h('div', { class: 'field' }, h('label', { for: this.#strategy.id }, 'Strategy'), this.#strategy, this.#help),
      field('Candidates', candidates, 'How many are tried.'),
      field('Parameters at most', maxParams), field('MACs at most', maxMacs),
      field('Aim', aim, 'A proxy, or a product such as meco_opt*swap: as high as possible.'), known,
      field('Small besides', against, 'Keeps the front: the best for each size.'),
      field('Parameters at least', minParams), field('MACs at least', minMacs),
      field('Search seed', seed, 'The same seed is the same search.'));
    this.#explain();
  }

  #explain() {
    this.#help.replaceChildren(STRATEGIES.find(([name]) => name === this.#strategy.value)?.[2] ?? '');
  }

  /** @returns {Wishes} */
  get wishes() {
    return /** @type {Wishes} */ (Object.fromEntries(Object.entries(this.#inputs).map(([name, input]) => [name, input.value.trim()])));
  }

  /** @param {Partial<Wishes>} wishes */
  set(wishes) {
    for (const [name, input] of Object.entries(this.#inputs)) {
      const value = wishes[/** @type {keyof Wishes} */ (name)];
      if (value !== undefined) input.value = value;
    }
    this.#explain();
  }

  /** @param {boolean} on */
  disable(on) {
    for (const input of Object.values(this.#inputs)) input.disabled = on;
  }
}
