import { h, s } from '../ui/dom.js';
import { seconds, sentence, significant } from '../ui/format.js';
import { bars, describe } from '../ui/maps.js';

/** @typedef {import('../dextr/dextr.js').Score} Score */
/** @typedef {import('../dextr/dextr.js').ObservedMap} ObservedMap */

const CSS = `
:host { color-scheme: light dark; display: block; max-width: 34rem; container-type: inline-size;
  --text: light-dark(#1b1f26, #e8ebef); --quiet: light-dark(#535c69, #a5aebb); --line: light-dark(#c9ced6, #3a424e);
  --accent: light-dark(#235b8c, #7db8ea); --panel: light-dark(#fff, #1d2128); --error: light-dark(#a81e1e, #ff9b93); }
:host([hidden]) { display: none; }
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }
section { box-sizing: border-box; padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 0.5rem;
  background: var(--panel); color: var(--text); font: 0.9375rem/1.4 system-ui, sans-serif; }
header, footer { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0.25rem 1rem; }
p { margin: 0; }
.value { font-size: 1.75rem; font-weight: 650; font-variant-numeric: tabular-nums; letter-spacing: -0.01em; }
.halves, .quiet { color: var(--quiet); font-variant-numeric: tabular-nums; }
.quiet { font-size: 0.8125rem; }
.arch { overflow-wrap: anywhere; font: 0.75rem/1.35 ui-monospace, monospace; color: var(--quiet); margin: 0.25rem 0; }
.error { color: var(--error); overflow-wrap: anywhere; }
.plot { display: flex; gap: 0.4rem; margin: 0.25rem 0; }
.axis { display: flex; flex-direction: column; justify-content: space-between; color: var(--quiet); font-size: 0.6875rem; text-align: right; }
.readout { min-height: 2.4em; overflow-wrap: anywhere; }
a { color: var(--accent); }
svg { display: block; flex: 1; min-width: 0; height: 3.5rem; border-bottom: 1px solid var(--line); fill: var(--accent); }
progress { width: 100%; accent-color: var(--accent); }
button { padding: 0.2rem 0.7rem; border: 1px solid var(--line); border-radius: 0.3rem; background: transparent; color: var(--accent); font: inherit; cursor: pointer; }
button:focus-visible { outline: 3px solid light-dark(#b34700, #ffb86b); outline-offset: 2px; }
[hidden] { display: none; }
`;

/** @type {CSSStyleSheet | undefined} */
let sheet;

/** One sheet for all elements; made by script, it passes a strict content policy. */
export function styles() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}

/**
 * Every observed map's ratio by depth, as bars.
 * @param {ObservedMap[]} maps
 */
function strip(maps) {
  const { highest, heights } = bars(maps);
  const readout = h('p', { class: 'quiet readout', 'aria-hidden': 'true' }, 'σ_min / σ_max of each feature map, by depth');
  const drawing = s('svg', {
    viewBox: `0 0 ${maps.length} 100`, preserveAspectRatio: 'none', role: 'img',
    'aria-label': `Singular-value ratio of ${maps.length} feature maps by depth; highest ${significant(highest)}`,
  }, ...maps.map((map, index) => s('rect', { x: index + 0.1, y: 100 - 0.96 * (heights[index] ?? 0), width: 0.8, height: 0.96 * (heights[index] ?? 0), onpointerenter: () => readout.replaceChildren(describe(map)) }, s('title', {}, describe(map)))));
  return [h('div', { class: 'plot' }, h('p', { class: 'axis', 'aria-hidden': 'true' }, h('span', {}, significant(highest)), h('span', {}, '0')), drawing), readout];
}

/**
 * A score with its halves and the strip.
 * @param {Score} score
 * @param {import('../dextr/dextr.js').Device} device
 * @param {string | null} link Opens it on a Dextr page.
 */
export function answer(score, device, link) {
  const { status, message, layers } = score;
  const where = device.kind === 'webgpu' ? `GPU: ${device.name}` : `CPU${device.message ? `, because ${device.message}` : ''}`;
  const parts = [
    h('header', {},
      h('p', {}, h('span', { class: 'quiet' }, 'Dextr score '), h('output', { class: 'value' }, significant(score.score))),
      h('p', { class: 'halves' }, `S ${significant(score.s)} · K ${significant(score.k)}`)),
    ...strip(layers),
    h('p', { class: 'arch' }, `${score.space}: ${score.arch}`),
    h('p', { class: 'quiet' }, `Seed ${score.seed} · ${seconds(score.seconds)} · ${where}`),
  ];
  if (link) parts.push(h('p', { class: 'quiet' }, h('a', { href: link }, 'open in Dextr')));
  const said = [status === 'ok' ? '' : status, message].filter(Boolean).join(': ');
  if (said) parts.push(h('p', { class: 'quiet' }, sentence(said)));
  return parts;
}
