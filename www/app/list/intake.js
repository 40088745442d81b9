import { h, newId } from '../../ui/dom.js';

const HELP = 'One a line, CSV or JSON: pasted, dropped here or opened. What its columns are is recognised, told, and can be changed. Known accuracies are compared with the scores. Results that were saved here, or by the command line, are shown again without scoring.';

/** Where a list is pasted, dropped or opened. */
export class Intake {
  #on;
  #help = h('p', { id: newId('list-help'), class: 'help' }, HELP);
  #box = h('textarea', { id: newId('list-text'), rows: 3, spellcheck: 'false', autocapitalize: 'off', 'aria-describedby': this.#help.id });
  #file = h('input', {
    type: 'file', hidden: true, 'aria-label': 'Open a list', multiple: true, accept: '.txt,.csv,.tsv,.json,.jsonl,.ndjson,.onnx,text/*,application/json',
    onchange: () => this.#opened(),
  });
  element = h('div', {
    class: 'intake', ondragover: (/** @type {DragEvent} */ event) => this.#over(event), ondragleave: () => this.#shade(false), ondrop: (/** @type {DragEvent} */ event) => this.#dropped(event),
  },
  h('div', { class: 'field' }, h('label', { for: this.#box.id }, 'Many architectures'), this.#box, this.#help),
  h('div', { class: 'buttons' },
    h('button', { type: 'button', onclick: () => this.#on.onText(this.#box.value) }, 'Score the list'),
    h('button', { type: 'button', onclick: () => this.#file.click() }, 'Open file…'), this.#file,
    h('button', { type: 'button', class: 'link', onclick: () => this.#on.onRandom() }, 'or try 50 random ones')));

  /** @param {{ onText: (text: string) => void, onFiles: (files: File[]) => void, onRandom: () => void }} on */
  constructor(on) {
    this.#on = on;
  }

  clear() {
    this.#box.value = '';
  }

  #opened() {
    const opened = [...(this.#file.files ?? [])];
    // The same file may be opened again.
    this.#file.value = '';
    if (opened.length > 0) this.#on.onFiles(opened);
  }

  /** @param {boolean} on */
  #shade(on) {
    this.element.classList.toggle('over', on);
  }

  /** @param {DragEvent} event */
  #over(event) {
    event.preventDefault();
    this.#shade(true);
  }

  /** @param {DragEvent} event */
  #dropped(event) {
    event.preventDefault();
    event.stopPropagation();
    this.#shade(false);
    const dropped = event.dataTransfer?.files ?? [];
    const text = event.dataTransfer?.getData('text/plain');
    if (dropped.length > 0) this.#on.onFiles([...dropped]);
    else if (text) this.#on.onText(text);
  }
}
