/**
 * A small object of plain values. Whoever changes one says so by `update`; whoever
 * shows one hears of it.
 * @template {object} T
 */
export class State {
  #now;
  /** @type {Map<keyof T, ((now: T) => void)[]>} */
  #listeners = new Map();

  /** @param {T} initial */
  constructor(initial) {
    this.#now = initial;
  }

  /** @returns {Readonly<T>} */
  get now() {
    return this.#now;
  }

  /** Takes new values, and tells those who listen for them. @param {Partial<T>} changes */
  update(changes) {
    this.#now = { ...this.#now, ...changes };
    const names = /** @type {(keyof T)[]} */ (Object.keys(changes));
    for (const name of names) for (const listener of this.#listeners.get(name) ?? []) listener(this.#now);
  }

  /** @param {keyof T} name @param {(now: Readonly<T>) => void} listener */
  subscribe(name, listener) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }
}

/**
 * All that the page remembers.
 * @typedef {object} Memory
 * @property {import('./spaces.js').Space} space The picked one.
 * @property {Editor | null} editor Of an architecture of that space.
 * @property {ReadonlyMap<string, OpenModel>} models The model files of this visit, by name.
 * @property {boolean} warm Whether the GPU has its programs.
 * @property {number} pace Seconds for a multiply-accumulate, by the last large score on this device.
 * @property {boolean} busy Whether something is being scored.
 * @property {string[]} damage What a link said that could not be taken, in sentences.
 * @property {Shown | null} shown The answer on the page.
 * @property {Shown | null} kept An earlier one, to stand beside it.
 * @property {{ name: string, failed: boolean } | null} wish What is being scored, or could not be; none when the answer is what was last asked for.
 *
 * @typedef {import('./cell/architecture.js').ArchitectureEditor | import('./onnx/panel.js').ModelPanel} Editor
 * @typedef {{ model: import('../dextr/index.js').Model, address?: string }} OpenModel `address`: where it came from, when it was not dropped.
 * @typedef {{ result: import('./answer/answer.js').Result, settings: string }} Shown `settings`: all that it was scored with, in one text.
 */
/**
 * The page: its parts, and what they share.
 * @typedef {object} Page
 * @property {import('../dextr/index.js').Dextr} dextr
 * @property {State<Memory>} state
 * @property {import('./spaces.js').Space[]} spaces
 * @property {import('./form/runpanel.js').RunPanel} panel
 * @property {import('./form/settings.js').SettingsPanel} settings
 * @property {import('./runner.js').Runner} runner
 * @property {import('./form/drop.js').DropZone} drop
 * @property {import('./list/index.js').ListPanel} list
 * @property {import('./search/index.js').SearchPanel} search
 */
