/** The element's looks: its own variables, so that two themes can stand on one page. */
export const STYLE = `
:host {
  --panel: light-dark(#fff, #1d2128); --text: light-dark(#1b1f26, #e8ebef); --quiet: light-dark(#535c69, #a5aebb);
  --line: light-dark(#c9ced6, #3a424e); --strong-line: light-dark(#818b99, #7c8797); --accent: light-dark(#235b8c, #7db8ea);
  --focus: light-dark(#b34700, #ffb86b); --error: light-dark(#a81e1e, #ff9b93);
  --kind-0: light-dark(#2f6fa7, #6fb0e6); --kind-1: light-dark(#b4570e, #f0a35e); --kind-2: light-dark(#1d7f5f, #5cc7a0);
  --kind-3: light-dark(#8a4a9e, #c99ada); --kind-4: light-dark(#6b6b2a, #c4c46a); --kind-5: light-dark(#6a727e, #a3acb9);
  display: block; max-width: 42rem; color-scheme: light dark; contain: content;
}
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }
:host([hidden]) { display: none; }
section { padding: 0.875rem 1rem; border: 1px solid var(--line); border-radius: 0.5rem; background: var(--panel); color: var(--text); font: 1rem/1.45 system-ui, sans-serif; }
* { box-sizing: border-box; }
p { margin: 0 0 0.5rem; }
code { font: 0.8125rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
.quiet, .readout, dt, figcaption { color: var(--quiet); font-size: 0.875rem; }
.score { margin: 0.25rem 0; font-size: 2rem; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr)); gap: 0.25rem 1rem; margin: 0.5rem 0; }
dd { margin: 0; font-variant-numeric: tabular-nums; }
.error { color: var(--error); font-weight: 600; }
progress { width: 100%; accent-color: var(--accent); }
button { padding: 0.3rem 0.8rem; border: 1px solid var(--strong-line); border-radius: 0.375rem; background: none; color: inherit; font: inherit; cursor: pointer; }
button:hover { border-color: var(--accent); }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
.strip { margin: 0.5rem 0; }
.strip > svg { display: block; width: 100%; height: 7rem; margin-top: 0.25rem; }
.axis { stroke: var(--strong-line); }
.part { stroke: var(--line); stroke-dasharray: 2 3; }
.part-name { fill: var(--quiet); font-size: 11px; text-anchor: middle; }
.reach { fill: transparent; }
.bar:hover .reach, .current .reach { fill: var(--line); }
.kind-0 { fill: var(--kind-0); } .kind-1 { fill: var(--kind-1); } .kind-2 { fill: var(--kind-2); }
.kind-3 { fill: var(--kind-3); } .kind-4 { fill: var(--kind-4); } .kind-5 { fill: var(--kind-5); }
.legend { display: flex; flex-wrap: wrap; gap: 0 1rem; margin: 0.25rem 0; padding: 0; list-style: none; font-size: 0.8125rem; }
.swatch { width: 0.7rem; height: 0.7rem; margin-right: 0.35rem; }
.readout { min-height: 2.9em; margin: 0; overflow-wrap: anywhere; }
`;
