import { DextrError } from '../dextr/index.js';
import { h, newId } from './dom.js';
import { fault } from './format.js';
import { fileAt } from './onnx/download.js';
import { sortFiles } from './onnx/files.js';

const ACCEPT = '.txt,.csv,.tsv,.json,.jsonl,.ndjson,.onnx,text/plain,text/csv,application/json,image/*';

/**
 * A place for files, which may be dropped anywhere on the page.
 * @param {object} takers
 * @param {(file: File) => unknown} takers.onList Gets whatever is neither a picture nor a model.
 * @param {(file: File) => unknown} takers.onPicture
 * @param {(files: File[], data: File[], address?: string) => unknown} takers.onModels Gets models, with the other files that came with them.
 * @param {(file: File) => boolean} takers.wants Whether a file is one that the open model asks for.
 */
export function dropZone({ onList, onPicture, onModels, wants }) {
  const [id, helpId] = [newId('file'), newId('file-help')];
  const problem = h('div', { class: 'error', role: 'alert' });
  const busy = h('p', { class: 'quiet', role: 'status' });
  const input = h('input', { id, type: 'file', multiple: true, accept: ACCEPT, 'aria-describedby': helpId, onchange: () => {
    take([...(input.files ?? [])]);
    // The same file may be chosen again.
    input.value = '';
  } });
  const element = h('div', { class: 'drop' }, h('label', { for: id }, 'Open files, or drop them anywhere'), input,
    h('p', { id: helpId, class: 'help' }, 'An ONNX file is scored as a network of its own; a list (text, CSV or JSON, with accuracies if you have them) goes to the table below; a picture becomes the input image.'), busy, problem);

  /** @param {() => unknown} work */
  async function guarded(work) {
    try {
      await work();
    } catch (error) {
      const { what, cure } = fault(DextrError.from(error));
      problem.append(h('p', { class: 'error' }, `${what} ${cure}`));
    }
  }

  /** @param {Iterable<File>} files @param {string} [address] Where they came from. */
  async function take(files, address) {
    problem.replaceChildren();
    const { models, data, pictures, lists } = sortFiles(files);
    // Data files may come after their model.
    const late = models.length === 0 ? data.filter(wants) : [];
    const unknown = models.length === 0 ? data.filter((file) => !late.includes(file)) : [];
    if (models.length > 0 || late.length > 0) {
      busy.replaceChildren(`Reading ${[...models, ...late].map(({ name }) => `“${name}”`).join(', ')} …`);
      await guarded(() => onModels(models, models.length > 0 ? data : late, address));
      busy.replaceChildren();
    }
    for (const picture of pictures) await guarded(() => onPicture(picture));
    for (const list of [...lists, ...unknown]) guarded(() => onList(list));
  }

  const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') ?? false;
  const shade = (/** @type {boolean} */ on) => document.documentElement.classList.toggle('dropping', on);
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

  return {
    element,
    take,
    /** Takes the file at an address. @param {string} address */
    async fetch(address) {
      busy.replaceChildren(`Fetching “${address}” …`);
      await guarded(async () => take([await fileAt(address)], address));
      busy.replaceChildren();
    },
  };
}
