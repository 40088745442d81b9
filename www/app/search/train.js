import { h, newId } from '../../ui/dom.js';
import { fault as words } from '../../ui/format.js';

/**
 * @typedef {import('../../dextr/dextr.js').Accuracy} Accuracy
 * @typedef {import('../../dextr/search.js').Wanted} Wanted
 */

/** @param {string} text A number as people write it; a comma may be its point. */
function numberOf(text) {
  return text.trim() === '' ? Number.NaN : Number(text.trim().replace(',', '.'));
}

/** What a search asks to be trained, with a field for what each came to; one more for an architecture that it did not ask for. */
export class TrainView {
  #open;
  #tell = () => {};
  /** What was typed and is not taken, by architecture. @type {Map<string, string>} */
  #typed = new Map();
  /** The fields with their architectures; none for that of the other one, whose text is typed. @type {{ arch: string | null, input: HTMLInputElement }[]} */
  #fields = [];
  #other = h('input', { id: newId('other-arch'), type: 'text', spellcheck: 'false', autocapitalize: 'off', placeholder: 'another one, if it was trained', 'aria-label': 'Another architecture' });
  #said = h('div', { role: 'alert' });
  #body = h('div');
  element = h('section', { class: 'search-train', hidden: true, 'aria-label': 'What is to be trained' }, this.#body, this.#said);

  /** @param {(arch: string) => void} open Shows an architecture. */
  constructor(open) {
    this.#open = open;
  }

  /**
   * Asks for accuracies until some are told.
   * @param {Wanted} wanted
   * @returns {Promise<Accuracy[]>}
   */
  ask({ waiting, taken, flat }) {
    for (const { arch, accuracy, fault } of taken) {
      if (fault) this.#typed.set(arch, this.#typed.get(arch) ?? String(accuracy));
      else this.#typed.delete(arch);
    }
    const archs = waiting.map(({ arch }) => arch);
    const wrong = taken.filter(({ fault }) => fault !== null);
    const others = taken.filter(({ told }) => told === 'unasked').map(({ arch }) => `${arch} was not asked for: the search learns from it, and does not ask for it.`);
    // What was wrong with another architecture stays in its fields.
    const other = wrong.find(({ arch }) => !archs.includes(arch))?.arch ?? '';
    this.#other.value = other;
    this.#fields = archs.map((arch) => ({ arch, input: this.#field(arch, arch, wrong.some((one) => one.arch === arch)) }));
    this.#fields.push({ arch: null, input: this.#field('the other architecture', other, other !== '') });
    const row = (/** @type {Node} */ name, /** @type {HTMLInputElement} */ input) => h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, input));
    const rows = this.#fields.map(({ input }, index) => {
      const arch = archs[index];
      return row(arch === undefined ? this.#other : h('button', { type: 'button', class: 'link', onclick: () => this.#open(arch) }, arch), input);
    });
    const count = archs.length;
    const hadFocus = this.#body.contains(document.activeElement);
    this.#body.replaceChildren(
      h('h3', {}, count === 1 ? 'Train this architecture' : `Train these ${count} architectures`),
      h('p', { class: 'help' }, 'Tell what each came to, in percent: all at once, or some now. The search is kept, and goes on when all are told.'),
      h('table', {}, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Architecture'), h('th', { scope: 'col' }, 'Accuracy'))), h('tbody', {}, ...rows)),
      h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'primary', onclick: () => this.#tell() }, 'Tell')));
    this.#say([...wrong.map(({ fault }) => { const { what, cure } = words(/** @type {any} */ (fault)); return `${what} ${cure}`; }), ...others,
      ...(flat ? ['All accuracies are the same so far: nothing can be learned from them.'] : [])]);
    this.element.hidden = false;
    if (hadFocus) this.#fields[0]?.input.focus();
    return new Promise((resolve) => {
      this.#tell = () => {
        const given = this.#given();
        if (given.length > 0) resolve(given);
      };
    });
  }

  /** What was typed, where all of it is numbers. @returns {Accuracy[]} */
  #given() {
    const filled = this.#fields.filter(({ input }) => input.value.trim() !== '').map(({ arch, input }) => ({ arch: arch ?? this.#other.value.trim(), input }));
    const wrong = filled.filter(({ arch, input }) => Number.isNaN(numberOf(input.value)) || arch === '');
    this.#fields.forEach(({ input }) => input.removeAttribute('aria-invalid'));
    wrong.forEach(({ input }) => input.setAttribute('aria-invalid', 'true'));
    if (filled.length === 0) this.#say(['There is no accuracy to tell: fill one in.']);
    else this.#say(wrong.map(({ arch, input }) => arch === '' ? 'An accuracy stands beside no architecture: give its text, or take the accuracy away.' : `‘${input.value.trim()}’ is no number: give a percentage from 0 to 100.`));
    if (wrong.length > 0) return [];
    filled.forEach(({ arch, input }) => this.#typed.set(arch, input.value));
    return filled.map(({ arch, input }) => ({ arch, accuracy: numberOf(input.value) }));
  }

  /**
   * @param {string} label
   * @param {string} arch
   * @param {boolean} wrong
   */
  #field(label, arch, wrong) {
    const input = h('input', { type: 'text', inputmode: 'decimal', size: 8, 'aria-label': `Accuracy of ${label}`, 'aria-invalid': wrong && 'true', onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      this.#tell();
    } });
    input.value = this.#typed.get(arch) ?? '';
    return input;
  }

  /** @param {string[]} what */
  #say(what) {
    this.#said.replaceChildren(...what.map((sentence) => h('p', { class: 'notice' }, sentence)));
  }

  /** Waits for nothing any more. */
  close() {
    this.element.hidden = true;
    this.#tell = () => {};
    this.#typed.clear();
  }
}
