import { DextrError } from '../../dextr/index.js';
import { h, newId } from '../../ui/dom.js';
import { fault } from '../../ui/format.js';
import { fileAt } from '../onnx/download.js';
import { sortFiles } from '../onnx/files.js';

const ACCEPT = '.txt,.csv,.tsv,.json,.jsonl,.ndjson,.onnx,text/plain,text/csv,application/json,image/*';

/**
 * Who takes which files.
 * @typedef {object} Takers
 * @property {(file: File) => unknown} onList Gets whatever is neither a picture nor a model.
 * @property {(file: File) => unknown} onPicture
 * @property {(files: File[], data: File[], address?: string) => unknown} onModels Gets models, with the other files that came with them.
 * @property {(file: File) => boolean} wants Whether a file is one that the open model asks for.
 * @property {(file: File) => Promise<boolean>} isModel Whether a file is a model by what is in it.
 * @property {(words: string, place: HTMLElement) => void} onNews Hears what is shown where, for those who look elsewhere.
 */

/** @param {DragEvent} event */
function hasFiles(event) {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

/** @param {boolean} on */
function shade(on) {
  document.documentElement.classList.toggle('dropping', on);
}

/** Hears of files that are dropped anywhere on the page. @param {(files: File[]) => void} take */
function listen(take) {
  addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    shade(true);
  });
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) shade(false);
  });
  addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    shade(false);
    take([...(event.dataTransfer?.files ?? [])]);
  });
}

/** A place for files, which may be dropped anywhere on the page. */
export class DropZone {
  #takers;
  #problem = h('div', { class: 'error', role: 'alert' });
  #busy = h('p', { class: 'quiet', role: 'status' });
  #help = h('p', { id: newId('file-help'), class: 'help' }, 'An ONNX file is scored as a network of its own; a list (text, CSV or JSON, with accuracies if you have them) goes to the table below; a picture becomes the input image.');
  #input = h('input', { id: newId('file'), type: 'file', multiple: true, accept: ACCEPT, 'aria-describedby': this.#help.id, onchange: () => this.#chosen() });
  element = h('div', { class: 'drop' }, h('label', { for: this.#input.id }, 'Open files, or drop them anywhere'), this.#input, this.#help, this.#busy, this.#problem);

  /** @param {Takers} takers */
  constructor(takers) {
    this.#takers = takers;
    listen((files) => void this.take(files));
  }

  /** @param {Iterable<File>} files @param {string} [address] Where they came from. */
  async take(files, address) {
    this.#problem.replaceChildren();
    const { onList, onPicture, onModels, wants, isModel, onNews } = this.#takers;
    const { models, data, pictures, lists } = await sortFiles(files, isModel);
    // Data files may come after their model.
    const late = models.length === 0 ? data.filter(wants) : [];
    const unknown = models.length === 0 ? data.filter((file) => !late.includes(file)) : [];
    if (models.length > 0 || late.length > 0) {
      const reading = `Reading ${[...models, ...late].map(({ name }) => `“${name}”`).join(', ')} …`;
      this.#busy.replaceChildren(reading);
      onNews(reading, this.#busy);
      await this.#guarded(() => onModels(models, models.length > 0 ? data : late, address));
      this.#busy.replaceChildren();
    }
    for (const picture of pictures) await this.#guarded(() => onPicture(picture));
    for (const list of [...lists, ...unknown]) this.#guarded(() => onList(list));
  }

  /** Takes the file at an address. @param {string} address */
  async fetch(address) {
    this.#busy.replaceChildren(`Fetching “${address}” …`);
    await this.#guarded(async () => this.take([await fileAt(address)], address));
    this.#busy.replaceChildren();
  }

  #chosen() {
    this.take([...(this.#input.files ?? [])]);
    // The same file may be chosen again.
    this.#input.value = '';
  }

  /** @param {() => unknown} work */
  async #guarded(work) {
    try {
      await work();
    } catch (error) {
      const { what, cure } = fault(DextrError.from(error));
      this.#problem.append(h('p', { class: 'error' }, `${what} ${cure}`));
      this.#takers.onNews(`${what} ${cure}`, this.#problem);
    }
  }
}
