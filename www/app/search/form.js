import { h, newId } from '../../ui/dom.js';

/** @typedef {import('../../dextr/dextr.js').ProxyInfo} ProxyInfo */
/** What was wished for, as texts. @typedef {Record<'strategy' | 'candidates' | 'seed' | 'aim' | 'against' | 'maxParams' | 'minParams' | 'maxMacs' | 'minMacs' | 'criterion' | 'pool' | 'circles' | 'warm' | 'preset', string>} Wishes */

/** How a search goes about it, in words. @type {[string, string, string][]} */
const STRATEGIES = [
  ['random', 'random', 'Draws candidates evenly: what every other strategy has to beat.'],
  ['evolution', 'evolution (aging)', 'Changes the best of a few of the latest candidates, and forgets the oldest.'],
  ['local', 'local', 'Tries all neighbours of the best, goes to the best of them, begins anew at a peak.'],
  ['cascade', 'cascade', 'Ranks many by a cheap proxy, and scores the best of them.'],
  ['optiproxy', 'optiproxy (learns accuracies)', 'Asks you to train a few, learns what you tell it they came to, asks for the next; for when each candidate costs a training.'],
  ['projection', 'projection (of a supernet)', 'Decides a supernet’s edges one by one: the operation stays whose absence hurts the criterion most.'],
];

/** What a strategy does without. @type {Record<string, (keyof Wishes)[]>} */
const WITHOUT = { projection: ['candidates', 'maxParams', 'minParams', 'maxMacs', 'minMacs'], optiproxy: ['aim'] };
/** What a strategy alone has. @type {Record<string, (keyof Wishes)[]>} */
const ALONE = { projection: ['criterion', 'pool', 'circles'], optiproxy: ['warm', 'preset'] };
/** The aim of what is told. */
const TOLD = 'accuracy';

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
    criterion: /** @type {HTMLInputElement} */ (text('criterion', 'dextr')),
    pool: text('pool', '1', { inputmode: 'numeric' }),
    circles: text('circles', '1', { inputmode: 'numeric' }),
    warm: /** @type {HTMLInputElement} */ (text('warm', '', { placeholder: 'none, or params:500' })),
    preset: h('select', { id: newId('preset') }, ...[['published', 'the published one'], ['light', 'a light one']].map(([value, label]) => h('option', { value }, label))),
  };
  element;

  /** @param {ProxyInfo[]} proxies */
  constructor(proxies) {
    const known = h('datalist', { id: newId('aims') }, ...proxies.map(({ name, title }) => h('option', { value: name }, title)));
    this.#inputs.aim.setAttribute('list', known.id);
    const { candidates, maxParams, minParams, maxMacs, minMacs, aim, against, seed, criterion, pool, circles, warm, preset } = this.#inputs;
    criterion.setAttribute('list', known.id);
    this.element = h('div', { class: 'fields' },
      h('div', { class: 'field' }, h('label', { for: this.#strategy.id }, 'Strategy'), this.#strategy, this.#help),
      field('Candidates', candidates, 'How many are tried.'),
      field('Parameters at most', maxParams), field('MACs at most', maxMacs),
      field('Aim', aim, 'A proxy, or a product such as meco_opt*swap: as high as possible.'), known,
      field('Small besides', against, 'Keeps the front: the best for each size.'),
      field('Parameters at least', minParams), field('MACs at least', minMacs),
      field('Search seed', seed, 'The same seed is the same search.'),
      field('Criterion', criterion, 'What an operation’s absence must hurt: a proxy, or a product.'),
      field('Networks', pool, 'How many are found; the best by the aim wins.'),
      field('Sets of circles', circles, 'With two or more, each choice has its error.'),
      field('Warm start', warm, 'A proxy whose ranks the surrogate learns first, and on how many random networks.'),
      field('Surrogate', preset, 'A light one takes a few seconds a round less.'));
    this.#explain();
  }

  #explain() {
    this.#help.replaceChildren(STRATEGIES.find(([name]) => name === this.#strategy.value)?.[2] ?? '');
    const unused = this.#unused;
    for (const [name, input] of Object.entries(this.#inputs)) {
      const place = input.closest('.field');
      if (place instanceof HTMLElement) place.hidden = unused.includes(/** @type {keyof Wishes} */ (name));
    }
  }

  /** What the strategy does not ask for. */
  get #unused() {
    const strategy = this.#strategy.value;
    const others = Object.entries(ALONE).filter(([name]) => name !== strategy);
    return [...(WITHOUT[strategy] ?? []), ...others.flatMap(([, own]) => own)];
  }

  /** @returns {Wishes} */
  get wishes() {
    const unused = /** @type {string[]} */ (this.#unused);
    const texts = Object.entries(this.#inputs).map(([name, input]) => [name, unused.includes(name) ? '' : input.value.trim()]);
    const wishes = /** @type {Wishes} */ (Object.fromEntries(texts));
    return wishes.strategy === 'optiproxy' ? { ...wishes, aim: TOLD } : wishes;
  }

  /** @param {Partial<Wishes>} wishes */
  set(wishes) {
    for (const [name, input] of Object.entries(this.#inputs)) {
      const value = wishes[/** @type {keyof Wishes} */ (name)];
      const isAlone = Object.values(ALONE).flat().includes(/** @type {keyof Wishes} */ (name));
      // Where it is told, the aim's field is hidden and stays.
      if (name === 'aim' && wishes.strategy === 'optiproxy') continue;
      if (value) input.value = value;
      else if (value === '' && !isAlone && name !== 'candidates') input.value = value;
    }
    this.#explain();
  }

  /** @param {boolean} on */
  disable(on) {
    for (const input of Object.values(this.#inputs)) input.disabled = on;
  }
}
