import { DextrError } from '../dextr/index.js';
import { archBox } from './archbox.js';
import { h } from './dom.js';
import { editor } from './editor.js';
import { count, fault, short } from './format.js';

/** @typedef {import('../dextr/index.js').Dextr} Dextr */
/** @typedef {import('./settings.js').Space} Space */

/** Typing is checked once it pauses this long, in milliseconds. */
const PAUSE = 200;

/** A new seed, for an architecture nobody has to repeat. */
function anySeed() {
  return Math.floor(Math.random() * 2 ** 32);
}

/**
 * The architecture of the picked space: examples, its choices, its text and its size.
 * @param {object} options
 * @param {Dextr} options.dextr
 * @param {Space} options.space
 * @param {() => Record<string, string>} options.networkOptions The network's options, for its size.
 * @param {(arch: string) => void} options.onChange Hears of every valid architecture.
 * @param {() => void} options.onEdit Hears at once that what was shown is no longer meant.
 * @param {(text: string) => void} options.onList Gets a pasted list.
 * @param {(space: string, arch: string) => void} options.onSpace Opens a text in the space it belongs to.
 */
export function architecture({ dextr, space, networkOptions, onChange, onEdit, onList, onSpace }) {
  let checks = 0;
  /** What is shown, in canonical form. */
  let current = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** Choices are made one after another, each on the result of the one before. */
  let chosen = Promise.resolve();

  const box = archBox(later, pasted);
  const choices = editor(choose);
  const size = h('p', { class: 'size', 'aria-live': 'polite' });
  const examples = h('div', { class: 'examples' }, h('span', {}, 'Examples: '), ...space.examples.map(({ arch, title }) =>
    h('button', { type: 'button', class: 'link', title: arch, onclick: () => open(arch) }, title)),
  h('button', { type: 'button', class: 'link', title: 'One of the space at random', onclick: random }, 'random'));

  function later() {
    // What is being checked is no longer what is shown.
    checks++;
    onEdit();
    clearTimeout(timer);
    timer = setTimeout(() => check().catch(() => {}), PAUSE);
  }

  /** @param {number} index @param {string} value */
  function choose(index, value) {
    onEdit();
    const number = ++checks;
    clearTimeout(timer);
    chosen = chosen.then(async () => {
      try {
        current = await dextr.choose(space.name, current, index, value);
      } catch (error) {
        // The control goes back to what holds, and the reason is shown.
        const thrown = DextrError.from(error);
        await draw(current, number);
        box.fail(thrown);
        return;
      }
      box.set(current);
      if (number === checks) await check().catch(() => {});
    });
  }

  async function random() {
    onEdit();
    open(await dextr.sample(space.name, anySeed()));
  }

  /**
   * Shows an architecture's choices, unless something newer is on its way: that
   * would take the controls back to before it.
   * @param {string} arch @param {number} number
   */
  async function draw(arch, number) {
    const drawn = await dextr.choices(space.name, arch);
    if (arch === current && number === checks) choices.set(drawn);
  }

  /** @param {string} arch */
  async function showSize(arch) {
    const number = checks;
    let line;
    try {
      const { params, macs } = await dextr.inspect({ space: space.name, arch, options: networkOptions() });
      line = `${count(params)} parameters, ${short(macs)} multiply-accumulates`;
    } catch (error) {
      // The string is right: it is an option that does not fit.
      const { what, cure } = fault(DextrError.from(error));
      line = h('span', { class: 'error' }, h('strong', {}, what), ` ${cure}`);
    }
    if (number === checks) size.replaceChildren(line);
  }

  /**
   * The text in canonical form. Shows what is wrong with it otherwise, and throws that.
   * @returns {Promise<string>}
   */
  async function check() {
    clearTimeout(timer);
    const number = ++checks;
    try {
      const arch = await dextr.canonical(space.name, box.value);
      if (number === checks) {
        box.fail(null);
        current = arch;
        onChange(arch);
        draw(arch, number).catch(() => {});
        showSize(arch);
      }
      return arch;
    } catch (error) {
      const thrown = DextrError.from(error);
      if (number === checks) {
        size.replaceChildren();
        box.fail(thrown);
        offerSpaces(number);
      }
      throw thrown;
    }
  }

  /** The text may be right elsewhere. @param {number} number */
  async function offerSpaces(number) {
    const text = box.value;
    if (!text.trim()) return;
    const others = dextr.spaces.filter(({ name }) => name !== space.name);
    const answers = await Promise.allSettled(others.map(({ name }) => dextr.canonical(name, text)));
    const fit = others.filter((_, at) => answers[at]?.status === 'fulfilled');
    if (number !== checks || fit.length === 0) return;
    box.offer(h('p', {}, 'It is an architecture of another space: ',
      ...fit.map(({ name }) => h('button', { type: 'button', class: 'link', onclick: () => onSpace(name, text) }, `open it in ${name}`))));
  }

  /** Several lines may still be one architecture. @param {string} text */
  async function pasted(text) {
    try {
      open(await dextr.canonical(space.name, text));
    } catch {
      onList(text);
    }
  }

  /** @param {string} arch */
  function open(arch) {
    onEdit();
    box.set(arch);
    return check().catch(() => {});
  }

  return {
    element: h('div', {}, examples, choices.element, size, box.element),
    open,
    check,
    recheck: later,
    focus: box.focus,
    /** What is scored. @param {string} arch */
    request: (arch) => ({ space: space.name, arch }),
  };
}
