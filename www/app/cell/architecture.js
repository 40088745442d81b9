import { DextrError } from '../../dextr/index.js';
import { h } from '../../ui/dom.js';
import { count, fault, sentence, short } from '../../ui/format.js';
import { ArchBox } from './archbox.js';
import { ChoiceEditor } from './editor.js';
import { readingChoice } from './reading.js';

/** @typedef {import('../../dextr/index.js').Dextr} Dextr */
/** @typedef {import('../spaces.js').Space} Space */

/** The code of a text that means several architectures. */
const AMBIGUOUS = 'ambiguous-architecture';
/** Typing is checked once it pauses this long, in milliseconds. */
const PAUSE = 200;

/** A new seed, for an architecture nobody has to repeat. */
function anySeed() {
  return Math.floor(Math.random() * 2 ** 32);
}

/**
 * What an editor is of, and who hears of it.
 * @typedef {object} ArchitectureOptions
 * @property {Dextr} dextr
 * @property {Space} space
 * @property {() => Record<string, string>} networkOptions The network's options, for its size.
 * @property {(macs: number) => string} cost What a score may take, in words.
 * @property {(arch: string) => void} onChange Hears of every valid architecture.
 * @property {(macs: number) => void} onSize Hears, after that, how large its network is.
 * @property {() => void} onEdit Hears at once that what was shown is no longer meant.
 * @property {(text: string) => void} onList Gets a pasted list.
 * @property {(space: string, arch: string) => void} onSpace Opens a text in the space it belongs to.
 */

/** The architecture of the picked space: examples, its choices, its text and its size. */
export class ArchitectureEditor {
  #options;
  /** Grows with each check and edit: an answer that comes late is known by its number. */
  #checks = 0;
  /** What is shown, in canonical form. */
  #current = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Choices are made one after another, each on the result of the one before. @type {Promise<void>} */
  #chosen = Promise.resolve();
  #box = new ArchBox(() => this.recheck(), (text) => void this.#pasted(text));
  #choices = new ChoiceEditor((index, value) => this.#choose(index, value));
  #size = h('p', { class: 'size', 'aria-live': 'polite' });
  element;
  /** No model file is open here. */
  model = null;

  /** @param {ArchitectureOptions} options */
  constructor(options) {
    this.#options = options;
    const examples = options.space.examples.map(({ arch, title }) =>
      h('button', { type: 'button', class: 'link', title: arch, onclick: () => this.open(arch) }, title));
    this.element = h('div', {}, h('div', { class: 'examples' }, h('span', {}, 'Examples: '), ...examples,
      h('button', { type: 'button', class: 'link', title: 'One of the space at random', onclick: () => this.#random() }, 'random')),
    this.#choices.element, this.#size, this.#box.element);
  }

  /** @param {string} arch */
  open(arch) {
    this.#options.onEdit();
    this.#box.set(arch);
    this.check().catch(() => {});
  }

  /**
   * The text in canonical form. Shows what is wrong with it otherwise, and throws that.
   * @returns {Promise<string>}
   */
  async check() {
    clearTimeout(this.#timer);
    const number = ++this.#checks;
    try {
      const parsed = await this.#options.dextr.parse(this.#options.space.name, this.#box.value);
      if (parsed.readings.length > 1) throw this.#ask(parsed.readings, number);
      if (number === this.#checks) this.#accept(parsed, number);
      return parsed.arch;
    } catch (error) {
      const thrown = DextrError.from(error);
      if (number === this.#checks && thrown.code !== AMBIGUOUS) {
        this.#size.replaceChildren();
        this.#box.fail(thrown);
        this.#offerSpaces(number);
      }
      throw thrown;
    }
  }

  /** Checks soon: the text or an option is being changed. */
  recheck() {
    // What is being checked is no longer what is shown.
    this.#checks++;
    this.#options.onEdit();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.check().catch(() => {}), PAUSE);
  }

  focus() {
    this.#box.focus();
  }

  /** What is scored. @param {string} arch */
  request(arch) {
    return { space: this.#options.space.name, arch };
  }

  /** @param {string} space @param {string} text */
  #canonical(space, text) {
    return this.#options.dextr.canonical(space, text);
  }

  /**
   * Asks which architecture is meant; the error says that it is not known yet.
   * @param {import('../../dextr/dextr.js').Parsed['readings']} meanings @param {number} number
   */
  #ask(meanings, number) {
    const { dextr, networkOptions } = this.#options;
    if (number === this.#checks) {
      this.#size.replaceChildren();
      const params = async (/** @type {string} */ arch) => (await dextr.inspect({ ...this.request(arch), options: networkOptions() })).params;
      const choose = (/** @type {{ arch: string }} */ { arch }) => {
        this.open(arch);
        this.#box.focus();
      };
      this.#box.say(readingChoice(meanings, choose, params));
    }
    return new DextrError({ code: AMBIGUOUS, message: 'These numbers mean several architectures.', hint: 'Choose which is meant.' });
  }

  /** @param {import('../../dextr/dextr.js').Parsed} parsed @param {number} number */
  #accept({ arch, note }, number) {
    if (note) this.#box.say(h('p', { class: 'notice' }, sentence(note)));
    else this.#box.accept();
    this.#current = arch;
    this.#options.onChange(arch);
    this.#draw(arch, number).catch(() => {});
    this.#showSize(arch);
  }

  /** @param {number} index @param {string} value */
  #choose(index, value) {
    this.#options.onEdit();
    const number = ++this.#checks;
    clearTimeout(this.#timer);
    this.#chosen = this.#chosen.then(() => this.#change(index, value, number));
  }

  /** @param {number} index @param {string} value @param {number} number */
  async #change(index, value, number) {
    const { dextr, space } = this.#options;
    try {
      this.#current = await dextr.choose(space.name, this.#current, index, value);
    } catch (error) {
      // The control goes back to what holds, and the reason is shown.
      await this.#draw(this.#current, number);
      this.#box.fail(DextrError.from(error));
      return;
    }
    this.#box.set(this.#current);
    if (number === this.#checks) await this.check().catch(() => {});
  }

  async #random() {
    const { dextr, space, onEdit } = this.#options;
    onEdit();
    this.open(await dextr.sample(space.name, anySeed()));
  }

  /**
   * Shows an architecture's choices, unless something newer is on its way: that
   * would take the controls back to before it.
   * @param {string} arch @param {number} number
   */
  async #draw(arch, number) {
    const drawn = await this.#options.dextr.choices(this.#options.space.name, arch);
    if (arch === this.#current && number === this.#checks) this.#choices.set(drawn);
  }

  /** @param {string} arch */
  async #showSize(arch) {
    const { dextr, networkOptions } = this.#options;
    const number = this.#checks;
    let line;
    let size = null;
    try {
      const { params, macs } = await dextr.inspect({ ...this.request(arch), options: networkOptions() });
      size = macs;
      line = `${count(params)} parameters, ${short(macs)} multiply-accumulates${this.#options.cost(macs)}`;
    } catch (error) {
      // The string is right: it is an option that does not fit.
      const { what, cure } = fault(DextrError.from(error));
      line = h('span', { class: 'error' }, h('strong', {}, what), ` ${cure}`);
    }
    if (number !== this.#checks) return;
    this.#size.replaceChildren(line);
    if (size !== null) this.#options.onSize(size);
  }

  /** The text may be right elsewhere. @param {number} number */
  async #offerSpaces(number) {
    const { dextr, space, onSpace } = this.#options;
    const text = this.#box.value;
    if (!text.trim()) return;
    const others = dextr.spaces.filter(({ name }) => name !== space.name);
    const answers = await Promise.allSettled(others.map(({ name }) => this.#canonical(name, text)));
    const fit = others.filter((_, at) => answers[at]?.status === 'fulfilled');
    if (number !== this.#checks || fit.length === 0) return;
    this.#box.offer(h('p', {}, 'It is an architecture of another space: ',
      ...fit.map(({ name }) => h('button', { type: 'button', class: 'link', onclick: () => onSpace(name, text) }, `open it in ${name}`))));
  }

  /** Several lines may still be one architecture. @param {string} text */
  async #pasted(text) {
    const { space, onList } = this.#options;
    try {
      const { arch, readings } = await this.#options.dextr.parse(space.name, text);
      this.open(readings.length > 1 ? text : arch);
    } catch {
      onList(text);
    }
  }
}
