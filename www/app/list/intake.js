import { h, newId } from '../dom.js';

/**
 * Where a list is pasted, dropped or opened.
 * @param {{ onText: (text: string) => void, onFiles: (files: File[]) => void, onRandom: () => void }} on
 */
export function intake({ onText, onFiles, onRandom }) {
  const [id, helpId] = [newId('list-text'), newId('list-help')];
  const box = h('textarea', { id, rows: 3, spellcheck: 'false', autocapitalize: 'off', 'aria-describedby': helpId });
  const file = h('input', {
    type: 'file', hidden: true, 'aria-label': 'Open a list', multiple: true, accept: '.txt,.csv,.tsv,.json,.jsonl,.ndjson,.onnx,text/*,application/json',
    onchange: () => {
      const opened = [...(file.files ?? [])];
      // The same file may be opened again.
      file.value = '';
      if (opened.length > 0) onFiles(opened);
    },
  });
  const element = h('div', {
    class: 'intake',
    ondragover: (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      element.classList.add('over');
    },
    ondragleave: () => element.classList.remove('over'),
    ondrop: (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      event.stopPropagation();
      element.classList.remove('over');
      const dropped = event.dataTransfer?.files ?? [];
      const text = event.dataTransfer?.getData('text/plain');
      if (dropped.length > 0) onFiles([...dropped]);
      else if (text) onText(text);
    },
  },
  h('div', { class: 'field' }, h('label', { for: id }, 'Many architectures'), box,
    h('p', { id: helpId, class: 'help' }, 'One a line, or CSV with a header, or JSON: pasted, dropped here or opened. Columns of known accuracies are compared with the scores. Results that were saved here, or by the command line, are shown again without scoring.')),
  h('div', { class: 'buttons' },
    h('button', { type: 'button', onclick: () => onText(box.value) }, 'Score the list'),
    h('button', { type: 'button', onclick: () => file.click() }, 'Open file…'), file,
    h('button', { type: 'button', class: 'link', onclick: onRandom }, 'or try 50 random ones')));
  return {
    element,
    clear() {
      box.value = '';
    },
  };
}
