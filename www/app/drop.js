import { DextrError } from '../dextr/index.js';
import { h, newId } from './dom.js';
import { fault } from './format.js';

const ACCEPT = '.txt,.csv,.tsv,.json,.jsonl,.ndjson,.onnx,text/plain,text/csv,application/json,image/*';

/** @param {string} message @param {string} hint */
function refusal(message, hint) {
  return new DextrError({ code: 'bad-file', message, hint });
}

/**
 * A place for files, which may be dropped anywhere on the page.
 * @param {{ onList: (file: File) => unknown, onPicture: (file: File) => unknown }} takers `onList` gets whatever is neither a picture nor a model.
 */
export function dropZone({ onList, onPicture }) {
  const [id, helpId] = [newId('file'), newId('file-help')];
  const problem = h('p', { class: 'error', role: 'alert' });
  const input = h('input', { id, type: 'file', accept: ACCEPT, 'aria-describedby': helpId, onchange: () => {
    const file = input.files?.[0];
    if (file) take(file);
    // The same file may be chosen again.
    input.value = '';
  } });
  const element = h('div', { class: 'drop' }, h('label', { for: id }, 'Open a file, or drop it anywhere'), input,
    h('p', { id: helpId, class: 'help' }, 'A list (text, CSV or JSON, with accuracies if you have them) goes to the table below; a picture becomes the input image.'), problem);

  /** @param {File} file */
  async function take(file) {
    problem.replaceChildren();
    try {
      if (/\.onnx$/i.test(file.name)) {
        throw refusal(`“${file.name}” is an ONNX model, and this version of the page cannot score those yet.`, 'Describe the network in one of the search spaces for now.');
      }
      if (file.type.startsWith('image/')) await onPicture(file);
      else await onList(file);
    } catch (error) {
      const { what, cure } = fault(DextrError.from(error));
      problem.replaceChildren(`${what} ${cure}`);
    }
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
    for (const file of event.dataTransfer?.files ?? []) take(file);
  });

  return {
    element,
    take,
    /** Takes the file at an address of this site. @param {string} address */
    async fetch(address) {
      try {
        const url = new URL(address, location.href);
        if (url.origin !== location.origin) throw refusal(`This page reads files of its own site alone, not of ${url.host}.`, 'Download the file and drop it here.');
        const response = await fetch(url);
        if (!response.ok) throw refusal(`${url.pathname}: the server answered ${response.status}.`, 'Check the address after ?url=.');
        await take(new File([await response.blob()], url.pathname.split('/').pop() || 'file', { type: response.headers.get('content-type') ?? '' }));
      } catch (error) {
        const known = error instanceof DextrError ? error : refusal(`“${address}” cannot be fetched.`, 'Check the address after ?url=.');
        const { what, cure } = fault(known);
        problem.replaceChildren(`${what} ${cure}`);
      }
    },
  };
}
