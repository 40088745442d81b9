import { h } from './dom.js';

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
function apply(theme) {
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

/** A button that goes through light, dark and the system's own. */
export function themeButton() {
  let theme = THEMES.includes(stored()) ? stored() : 'auto';
  const button = h('button', { type: 'button', class: 'theme', onclick: () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
    show();
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // It holds for this visit.
    }
  } });
  function show() {
    apply(theme);
    button.replaceChildren(`Theme: ${theme}`);
  }
  show();
  return button;
}
