import { DextrError } from '../dextr/index.js';
import { archBox } from './archbox.js';
import { cellEditor } from './cell.js';
import { h } from './dom.js';
import { count, fault, short } from './format.js';

/** @typedef {import('../dextr/index.js').Dextr} Dextr */
/** @typedef {import('../dextr/index.js').Space} Space */
/** @typedef {Record<string, string>} Options */

/** Typing is checked once it pauses this long, in milliseconds. */
const PAUSE = 200;

/**
 * The architecture: its drawing, its text, examples, and its size.
 * @param {Dextr} dextr
 * @param {Space} space
 * @param {() => Options} options The network's options, for its size.
 * @param {(arch: string) => void} onChange Hears of every change that leaves a valid architecture.
 */
export function architecture(dextr, space, options, onChange) {
  let checks = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const later = () => {
    // What is being checked is no longer what is shown.
    checks++;
    clearTimeout(timer);
    timer = setTimeout(() => check().catch(() => {}), PAUSE);
  };
  const box = archBox(later);
  const cell = cellEditor(space, (arch) => {
    box.set(arch);
    later();
  });
  const size = h('p', { class: 'size', 'aria-live': 'polite' });
  const examples = h('p', { class: 'examples' }, 'Examples: ', ...space.examples.map(({ arch, title }) =>
    h('button', { type: 'button', class: 'link', title: arch, onclick: () => set(arch) }, title)));

  /** @param {string} arch */
  async function showSize(arch) {
    const number = checks;
    let line;
    try {
      const { params, macs } = await dextr.inspect({ space: space.name, arch, options: options() });
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
        cell.set(arch);
        onChange(arch);
        showSize(arch);
      }
      return arch;
    } catch (error) {
      const thrown = DextrError.from(error);
      if (number === checks) {
        size.replaceChildren();
        box.fail(thrown);
      }
      throw thrown;
    }
  }

  /** @param {string} arch */
  function set(arch) {
    box.set(arch);
    check().catch(() => {});
  }

  return {
    element: h('div', {}, examples, cell.element, box.element, size),
    set,
    check,
    recheck: later,
    focus: box.focus,
  };
}
