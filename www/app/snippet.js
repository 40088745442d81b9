import { h } from './dom.js';
import { ONNX } from './onnx/space.js';

/** @param {string} text */
function attribute(text) {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/**
 * The lines that put a score on another page.
 * @param {{ space: string, arch: string, seed: number }} score
 * @param {string | null} [address] Of a model file.
 */
export function snippetText({ space, arch, seed }, address) {
  const source = new URL('../dextr/element.js', import.meta.url).href;
  const what = space === ONNX ? `src="${attribute(address ?? arch)}"` : `space="${attribute(space)}" arch="${attribute(arch)}"`;
  return [
    `<script type="module" src="${attribute(source)}"></script>`,
    `<dextr-score ${what}${seed ? ` seed="${seed}"` : ''}></dextr-score>`,
  ].join('\n');
}

/**
 * Copies a text, or selects it where the page may not.
 * @param {HTMLElement} shown What has the text, for the user to copy by hand.
 * @param {string} text
 */
async function copy(shown, text) {
  try {
    await navigator.clipboard.writeText(text);
    return 'Copied.';
  } catch {
    getSelection()?.selectAllChildren(shown);
    return 'Selected: copy it with Ctrl+C.';
  }
}

/**
 * A text with a button that copies it.
 * @param {string} label The button's.
 * @param {string} text
 */
export function copyBox(label, text) {
  const code = h('code', {}, text);
  const said = h('span', { role: 'status', class: 'quiet' });
  return h('div', { class: 'copy' }, h('pre', { tabindex: 0, role: 'region', 'aria-label': label.replace(/^Copy (the )?/, '') }, code),
    h('button', { type: 'button', onclick: async () => said.replaceChildren(await copy(code, text)) }, label), ' ', said);
}
