import { h, s } from './dom.js';
import { lineClass, words } from './operation.js';

/**
 * A menu of a choice's values beside the thing it belongs to. One at a time;
 * arrows move, Enter takes, Escape and a click elsewhere close it.
 * @param {{ host: HTMLElement, x: number, y: number, label: string, value: string, values: string[],
 *   onPick: (value: string) => void, onClose: () => void }} options `x`, `y`: in pixels of `host`.
 */
export function openMenu({ host, x, y, label, value, values, onPick, onClose }) {
  const items = values.map((name) => h('button', {
    type: 'button', role: 'menuitemradio', 'aria-checked': name === value ? 'true' : 'false', tabindex: -1,
    onclick: () => close(() => onPick(name)),
  }, s('svg', { class: 'sample', 'aria-hidden': 'true', viewBox: '0 0 28 10' }, s('path', { d: 'M1 5H27', class: `edge ${lineClass(name, values)}` })),
  h('span', {}, name, words(name) && h('span', { class: 'help' }, words(name)))));
  const menu = h('div', { class: 'menu', role: 'menu', 'aria-label': label, onkeydown: onKey, onfocusout: onLeave }, ...items);
  let open = true;

  /** @param {() => void} [then] */
  function close(then) {
    if (!open) return;
    open = false;
    menu.remove();
    onClose();
    then?.();
  }

  /** @param {number} index */
  const focus = (index) => items[(index + items.length) % items.length]?.focus();

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const at = items.findIndex((item) => item === document.activeElement);
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: () => focus(at + 1), ArrowUp: () => focus(at - 1), Home: () => focus(0), End: () => focus(-1), Escape: () => close(), Tab: () => close(),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** @param {FocusEvent} event */
  function onLeave(event) {
    if (open && !menu.contains(/** @type {Node | null} */ (event.relatedTarget))) close();
  }

  host.append(menu);
  // Inside the host, whatever its width.
  menu.style.left = `${Math.max(0, Math.min(x - menu.offsetWidth / 2, host.clientWidth - menu.offsetWidth))}px`;
  menu.style.top = `${y}px`;
  focus(Math.max(0, values.indexOf(value)));
  return { close: () => close() };
}
