import { h, newId, s } from './dom.js';
import { HEAD, layout, RADIUS } from './layout.js';
import { openMenu } from './menu.js';
import { brief, isAbsent, lineClass } from './operation.js';

/** @typedef {import('./editor.js').Indexed} Indexed */

/** A larger cell has no room for words on its edges. */
const WORDED = 5;

/** The name of an edge where its nodes are shown. @param {Indexed} choice */
export function edgeName({ edge }) {
  return edge ? `${edge[0]} → ${edge[1]}` : '';
}

/**
 * A cell as a graph. An edge is a button: click or Enter opens the menu of its
 * operations (or switches, where there are two), arrow keys go through them.
 * @param {Indexed[]} choices Those with an edge.
 * @param {string} label
 * @param {(index: number, value: string) => void} onChoose
 */
export function graph(choices, label, onChoose) {
  const pairs = choices.map(({ edge }) => /** @type {[number, number]} */ (edge));
  const { width, height, nodes, arcs } = layout(pairs);
  const worded = nodes.length <= WORDED;
  const arrowId = newId('arrow');
  const host = h('div', { class: 'graph' });
  const edges = choices.map((choice, at) => edge(choice, at));

  /** @param {Indexed} choice @param {number} at */
  function edge({ index, values, ...choice }, at) {
    const name = `Edge ${edgeName({ index, values, ...choice })}`;
    const { d, label } = /** @type {import('./layout.js').Arc} */ (arcs[at]);
    let value = choice.value;
    const path = s('path', { d, 'marker-end': `url(#${arrowId})` });
    const text = s('text', { x: label.x, y: label.y, class: 'edge-label' });
    const twoValued = values.length === 2;
    // What everything else determines cannot be chosen.
    const fixed = values.length < 2;
    const group = s('g', {
      class: 'edge-button', tabindex: 0, role: 'button', 'aria-disabled': fixed && 'true', 'aria-haspopup': values.length > 2 && 'menu',
      onclick: act, onkeydown: onKey,
    }, s('path', { d, class: 'reach' }), path, text);

    /** @param {string} next */
    function show(next) {
      value = next;
      path.setAttribute('class', `edge ${lineClass(value, values)}`);
      text.replaceChildren(worded ? brief(value) : isAbsent(value) ? '' : String(at + 1));
      // What is read out has what is seen.
      const seen = text.textContent && !value.includes(text.textContent) ? `, ${text.textContent}` : '';
      group.setAttribute('aria-label', `${name}: ${value}${seen}`);
    }

    /** @param {string} next */
    function choose(next) {
      if (next === value) return;
      show(next);
      onChoose(index, next);
    }

    /** @param {number} step */
    const turn = (step) => choose(values[(values.indexOf(value) + step + values.length) % values.length] ?? value);

    function act() {
      if (fixed) return;
      if (twoValued) {
        turn(1);
        return;
      }
      const scale = host.clientWidth / width;
      openMenu({
        host, x: label.x * scale, y: (label.y + 8) * (drawing.clientHeight / height), label: name, value, values,
        onPick: choose, onClose: () => group.focus(),
      });
    }

    /** @param {KeyboardEvent} event */
    function onKey(event) {
      /** @type {Record<string, () => void>} */
      const keys = { Enter: act, ' ': act, ArrowUp: () => turn(-1), ArrowDown: () => turn(1), ArrowLeft: () => turn(-1), ArrowRight: () => turn(1) };
      const step = keys[event.key];
      if (!step) return;
      event.preventDefault();
      step();
    }

    show(value);
    return { group, show, index, mark: (/** @type {boolean} */ on) => group.classList.toggle('marked', on) };
  }

  const circles = nodes.map(({ x, y }, index) =>
    s('g', { class: 'node', 'aria-hidden': 'true' }, s('circle', { cx: x, cy: y, r: RADIUS }), s('text', { x, y }, index)));
  const arrow = s('marker', { id: arrowId, viewBox: '0 0 8 8', refX: 1, refY: 4, markerWidth: HEAD, markerHeight: HEAD, markerUnits: 'userSpaceOnUse', orient: 'auto' },
    s('path', { d: 'M0 0L8 4L0 8z', class: 'arrow' }));
  const drawing = s('svg', { viewBox: `0 0 ${width} ${height}`, class: 'cell', role: 'group', 'aria-label': `${label}: node 0 is the input, node ${nodes.length - 1} the last; each edge is a button.` },
    s('defs', {}, arrow), ...edges.map(({ group }) => group), ...circles);
  host.append(drawing);

  return {
    element: host,
    /** @param {Indexed[]} next The same choices with other values. */
    set: (next) => next.forEach(({ value }, at) => edges[at]?.show(value)),
    /** The choice whose edge has the focus. */
    get focused() {
      return edges.find(({ group }) => group === document.activeElement)?.index;
    },
    /** @param {number} index */
    focus: (index) => edges.find((edge) => edge.index === index)?.group.focus(),
    /** Shows which edge is meant. @param {number} at @param {boolean} on */
    mark: (at, on) => edges[at]?.mark(on),
  };
}
