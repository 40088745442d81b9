import { h } from './dom.js';

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
