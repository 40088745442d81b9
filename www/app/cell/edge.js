import { s } from '../../ui/dom.js';
import { Menu } from './menu.js';
import { brief, isAbsent, lineClass } from './operation.js';

/** @typedef {import('./choice.js').Indexed} Indexed */
/** @typedef {import('./layout.js').Point} Point */
/**
 * An edge's place in its graph. `number` stands on it where it has one in the list
 * of choices, and its operation where it is `worded`; `place` says where a point is on the page.
 * @typedef {{ arc: import('./layout.js').Arc, number: number | null, worded: boolean, arrowId: string,
 *   place: (point: Point) => { host: HTMLElement, x: number, y: number }, onChoose: (index: number, value: string) => void }} EdgeOptions
 */

/** The name of an edge where its nodes are shown. @param {Indexed} choice */
export function edgeName({ edge }) {
  return edge ? `${edge[0]} → ${edge[1]}` : '';
}

/** One edge of a cell's graph: a button for its operation. */
export class GraphEdge {
  #options;
  #name;
  #values;
  #value;
  #path;
  #text;
  /** Of its choice. */
  index;
  element;

  /** @param {Indexed} choice @param {EdgeOptions} options */
  constructor(choice, options) {
    this.index = choice.index;
    this.#options = options;
    this.#name = `Edge ${edgeName(choice)}`;
    this.#values = choice.values;
    this.#value = choice.value;
    const { arc: { d, label }, arrowId } = options;
    this.#path = s('path', { d, 'marker-end': `url(#${arrowId})` });
    this.#text = s('text', { x: label.x, y: label.y, class: 'edge-label' });
    this.element = s('g', {
      class: 'edge-button', tabindex: 0, role: 'button', 'aria-disabled': this.#fixed && 'true', 'aria-haspopup': this.#values.length > 2 && 'menu',
      onclick: () => this.#act(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event),
    }, s('path', { d, class: 'reach' }), this.#path, this.#text);
    this.show(this.#value);
  }

  /** @param {string} value */
  show(value) {
    this.#value = value;
    const { number, worded } = this.#options;
    this.#path.setAttribute('class', `edge ${lineClass(value, this.#values)}`);
    this.#text.replaceChildren(isAbsent(value) ? '' : [number, worded && brief(value)].filter(Boolean).join(' '));
    // What is read out has what is seen.
    const seen = this.#text.textContent && !value.includes(this.#text.textContent) ? `, ${this.#text.textContent}` : '';
    this.element.setAttribute('aria-label', `${this.#name}: ${value}${seen}`);
  }

  /** What everything else determines cannot be chosen. */
  get #fixed() {
    return this.#values.length < 2;
  }

  /** @param {string} value */
  #choose(value) {
    if (value === this.#value) return;
    this.show(value);
    this.#options.onChoose(this.index, value);
  }

  /** @param {number} step */
  #turn(step) {
    const count = this.#values.length;
    this.#choose(this.#values[(this.#values.indexOf(this.#value) + step + count) % count] ?? this.#value);
  }

  #act() {
    if (this.#fixed) return;
    if (this.#values.length === 2) {
      this.#turn(1);
      return;
    }
    const { arc: { label }, place } = this.#options;
    new Menu({
      ...place({ x: label.x, y: label.y + 8 }), label: this.#name, value: this.#value, values: this.#values,
      onPick: (value) => this.#choose(value), onClose: () => this.element.focus(),
    });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    /** @type {Record<string, () => void>} */
    const keys = {
      Enter: () => this.#act(), ' ': () => this.#act(),
      ArrowUp: () => this.#turn(-1), ArrowDown: () => this.#turn(1), ArrowLeft: () => this.#turn(-1), ArrowRight: () => this.#turn(1),
    };
    const step = keys[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  }
}
