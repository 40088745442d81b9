import { h, newId, s } from './dom.js';

/** @typedef {import('../dextr/index.js').Space} Space */

/** What the operations do, in words; the benchmark's names stay visible. @type {Record<string, string>} */
const WORDS = {
  none: 'no connection',
  skip_connect: 'identity',
  nor_conv_1x1: 'ReLU, 1×1 convolution, batch norm',
  nor_conv_3x3: 'ReLU, 3×3 convolution, batch norm',
  avg_pool_3x3: '3×3 average pool',
};

/** Where the four nodes of a cell stand in the drawing. @type {[number, number][]} */
const NODES = [[28, 108], [142, 108], [258, 108], [372, 108]];
/** How far an edge that passes over a node bends, by `source-target`. @type {Record<string, number>} */
const BEND = { '0-2': -92, '1-3': 92, '0-3': -176 };
const [RADIUS, HEAD] = [15, 12];

/**
 * The operations of a cell string in canonical form, in the order of the edges.
 * @param {string} arch
 */
function operationsOf(arch) {
  return Array.from(arch.matchAll(/([^|+~]+)~\d+/g), (match) => match[1] ?? '');
}

/**
 * The canonical string: one group for each target, `|op~source|…|`.
 * @param {Space['edges']} edges
 * @param {string[]} operations
 */
function archOf(edges, operations) {
  /** @type {Map<number, string[]>} */
  const groups = new Map();
  edges.forEach(([source, target], index) => {
    const group = groups.get(target) ?? [];
    group.push(`${operations[index]}~${source}`);
    groups.set(target, group);
  });
  return Array.from(groups.values(), (group) => `|${group.join('|')}|`).join('+');
}

/** @param {number} source @param {number} target */
function edgePath(source, target) {
  const [x0, y0] = /** @type {[number, number]} */ (NODES[source]);
  const [x1, y1] = /** @type {[number, number]} */ (NODES[target]);
  const bend = BEND[`${source}-${target}`] ?? 0;
  const [middle, top] = [(x0 + x1) / 2, y0 + bend];
  // Edges run along the line from a node's centre to the control point, from the
  // rim, and leave room for the arrow's head.
  const reach = Math.hypot(middle - x0, bend);
  const [dx, dy] = [(middle - x0) / reach, bend / reach];
  const [from, to] = [RADIUS, RADIUS + HEAD];
  const d = `M${x0 + from * dx} ${y0 + from * dy}Q${middle} ${top} ${x1 - to * dx} ${y1 + to * dy}`;
  // A quadratic curve passes half-way between its chord and its control point.
  return { d, label: { x: middle - (HEAD * dx) / 4, y: y0 + ((from + to) * dy) / 4 + bend / 2 } };
}

/**
 * A drawing of the cell beside one choice for each edge.
 * @param {Space} space
 * @param {(arch: string) => void} onInput Hears of every change by the user.
 */
export function cellEditor(space, onInput) {
  const [title, arrowId] = [newId('cell-title'), newId('arrow')];
  const edges = space.edges.map(([source, target], index) => edge(source, target, index));
  const read = () => archOf(space.edges, edges.map((edge) => edge.select.value));

  /** @param {number} source @param {number} target @param {number} index */
  function edge(source, target, index) {
    const { d, label } = edgePath(source, target);
    const path = s('path', { d, class: 'edge', 'marker-end': `url(#${arrowId})` });
    const badge = s('g', { class: 'badge' }, s('circle', { cx: label.x, cy: label.y, r: 11 }), s('text', { x: label.x, y: label.y }, index + 1));
    const id = newId('edge');
    const mark = (/** @type {boolean} */ on) => [path, badge].forEach((part) => part.classList.toggle('marked', on));
    const select = h(
      'select',
      {
        id,
        onfocus: () => mark(true),
        onblur: () => mark(false),
        onchange: () => {
          draw();
          onInput(read());
        },
      },
      ...space.operations.map((name) => h('option', { value: name, title: WORDS[name] }, name)),
    );
    const draw = () => path.setAttribute('data-operation', select.value);
    const row = h('div', { class: 'edge-choice' }, h('span', { class: 'number', 'aria-hidden': 'true' }, index + 1),
      h('label', { for: id }, h('span', { class: 'visually-hidden' }, 'Edge '), `${source} → ${target}`), select);
    return { path, badge, row, select, draw };
  }

  const nodes = NODES.map(([x, y], index) =>
    s('g', { class: 'node' }, s('circle', { cx: x, cy: y, r: RADIUS }), s('text', { x, y }, index)));
  const arrow = s('marker', { id: arrowId, viewBox: '0 0 8 8', refX: 1, refY: 4, markerWidth: 12, markerHeight: 12, markerUnits: 'userSpaceOnUse', orient: 'auto' },
    s('path', { d: 'M0 0L8 4L0 8z', class: 'arrow' }));
  const drawing = s('svg', { viewBox: '0 0 400 176', class: 'cell', role: 'img', 'aria-labelledby': title },
    s('title', { id: title }, 'The cell: node 0 is its input, node 3 its output; six numbered edges carry the operations.'),
    s('defs', {}, arrow), ...edges.map((edge) => edge.path), ...edges.map((edge) => edge.badge), ...nodes);

  return {
    element: h('div', { class: 'cell-editor' }, drawing,
      h('fieldset', { class: 'edges' }, h('legend', {}, 'Operation on each edge'), ...edges.map((edge) => edge.row))),
    /** Shows a canonical cell string. @param {string} arch */
    set(arch) {
      operationsOf(arch).forEach((name, index) => {
        const edge = edges[index];
        if (!edge) return;
        edge.select.value = name;
        edge.draw();
      });
    },
  };
}
