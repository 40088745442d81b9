import { h, newId } from './dom.js';
import { short } from './format.js';

/** @typedef {import('./settings.js').Space} Space */

/** How large a space is, in words. @param {number} size */
function sizeWords(size) {
  if (size < 1e12) return `${size < 1e6 ? size.toLocaleString('en') : short(size)} architectures`;
  return `about 10^${Math.round(Math.log10(size))} architectures`;
}

/**
 * The list of search spaces, with a line on the picked one.
 * @param {Space[]} spaces
 * @param {(space: Space) => void} onPick
 */
export function spacePicker(spaces, onPick) {
  const [id, helpId] = [newId('space'), newId('space-help')];
  const about = h('p', { id: helpId, class: 'help' });
  const select = h('select', { id, 'aria-describedby': helpId, onchange: () => {
    show();
    const space = picked();
    if (space) onPick(space);
  } }, ...spaces.map(({ name, label }) => h('option', { value: name }, label ?? name)));

  const picked = () => spaces.find(({ name }) => name === select.value);

  function show() {
    const space = picked();
    about.replaceChildren(space ? `${space.title}${space.size > 0 ? `: ${sizeWords(space.size)}` : ''}.` : '');
  }

  return {
    element: h('div', { class: 'field space' }, h('label', { for: id }, 'Search space'), select, about),
    /** @param {string} name */
    set(name) {
      select.value = name;
      show();
    },
  };
}
