import { h } from '../ui/dom.js';

const KEY = 'dextr-theme';
const THEMES = ['auto', 'light', 'dark'];

/** Storage may be forbidden: then the choice holds for this visit. */
function stored() {
  try {
    return localStorage.getItem(KEY) ?? 'auto';
  } catch {
    return 'auto';
  }
}

/** @param {string} theme */
function store(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds for this visit.
  }
}

/** @param {HTMLElement} button @param {string} theme */
function show(button, theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  button.replaceChildren(`Theme: ${theme}`);
}

/** A button that goes through light, dark and the system's own. */
export function themeButton() {
  let theme = THEMES.includes(stored()) ? stored() : 'auto';
  const button = h('button', { type: 'button', class: 'theme', onclick: () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
    show(button, theme);
    store(theme);
  } });
  show(button, theme);
  return button;
}
