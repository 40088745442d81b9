import { h } from './dom.js';

const COPIED = 'Copied.';

/**
 * Copies a text, or selects it where the page may not.
 * @param {HTMLElement} shown What has the text, for the user to copy by hand.
 * @param {string} text
 */
async function copy(shown, text) {
  try {
    await navigator.clipboard.writeText(text);
    return COPIED;
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

/**
 * A button that copies a text without showing it, unless the page may not copy.
 * @param {string} label
 * @param {() => string} text
 */
export function copyButton(label, text) {
  const code = h('code');
  const shown = h('pre', { tabindex: 0, hidden: true }, code);
  const said = h('span', { role: 'status', class: 'quiet' });
  const act = async () => {
    code.replaceChildren(text());
    shown.hidden = false;
    const words = await copy(code, text());
    shown.hidden = words === COPIED;
    said.replaceChildren(words);
  };
  return h('span', { class: 'copying' }, h('button', { type: 'button', onclick: () => void act() }, label), ' ', said, shown);
}
