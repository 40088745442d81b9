// Long networks are read by their blocks: runs of layers whose names begin alike
// (`stage0.cell3`, `/layer1/layer1.0`) fold into one box each.

/**
 * @typedef {import('../../dextr/dextr.js').Layer} Layer
 * @typedef {import('../../dextr/dextr.js').ObservedMap} ObservedMap
 * @typedef {{ name: string, from: number, to: number }} Block Layers `from` to before `to`.
 * @typedef {object} Node A box: a layer, or a folded block.
 * @property {string} name
 * @property {string} kind
 * @property {number[]} shape Of what comes out.
 * @property {number} params
 * @property {number} macs
 * @property {boolean} live
 * @property {ObservedMap | undefined} map The observed one; of a block the one with the lowest ratio.
 * @property {number} block Of which block; -1 for none.
 * @property {number} layers How many it stands for.
 * @property {boolean} changed Whether another network has not the same there.
 */

/** Fewer layers are drawn as they are. */
const LONG = 80;
/** As many boxes can be looked through. */
const FEW = 60;

/** The parts of a layer's name, which exporters divide by dots or slashes. @param {string} name */
function parts(name) {
  return name.split(/[./]/).filter(Boolean);
}

/** Runs of layers whose names have the same first parts. @param {Layer[]} layers @param {number} depth */
function runs(layers, depth) {
  /** @type {Block[]} */
  const found = [];
  layers.forEach((layer, index) => {
    const name = parts(layer.name).slice(0, depth).join('.');
    const last = found.at(-1);
    if (last?.name === name) last.to = index + 1;
    else found.push({ name, from: index, to: index + 1 });
  });
  return found;
}

/**
 * The blocks of a long network, by as much of the names as leaves few of them;
 * none where it is short, or where its names say nothing.
 * @param {Layer[]} layers In execution order: an edge leads forward, so runs of layers have no circles.
 * @returns {Block[]}
 */
export function blocks(layers) {
  if (layers.length <= LONG) return [];
  const deepest = Math.max(...layers.map(({ name }) => parts(name).length));
  const depths = Array.from({ length: deepest }, (_, index) => runs(layers, deepest - index));
  const found = depths.find((all) => all.length <= FEW) ?? depths.at(-1) ?? [];
  return found.length < layers.length / 2 ? found.filter(({ from, to }) => to - from > 1) : [];
}

/** @param {Layer} layer @param {{ map: ObservedMap | undefined, block: number, changed: boolean }} more @returns {Node} */
function single({ name, kind, shape, params, macs, live }, more) {
  return { name, kind, shape, params, macs, live, layers: 1, ...more };
}

/** @param {Block} block @param {Node[]} inside @param {number} index @returns {Node} */
function folded({ name }, inside, index) {
  const sum = (/** @type {'params' | 'macs'} */ what) => inside.reduce((all, node) => all + node[what], 0);
  const maps = inside.flatMap(({ map }) => (map ? [map] : []));
  const map = maps.reduce((/** @type {ObservedMap | undefined} */ least, map) => (least && least.ratio <= map.ratio ? least : map), undefined);
  return { name, kind: `${inside.length} layers`, shape: inside.at(-1)?.shape ?? [], params: sum('params'), macs: sum('macs'), live: inside.some(({ live }) => live), map, block: index, layers: inside.length, changed: inside.some(({ changed }) => changed) };
}

/**
 * The boxes of a network and the edges between them.
 * @param {{ layers: Layer[], maps: ObservedMap[], changed?: ReadonlySet<string> }} network `changed`: the names of layers that another network has not.
 * @param {Block[]} all
 * @param {ReadonlySet<number>} open The blocks that are not folded.
 * @returns {{ nodes: Node[], edges: [number, number][] }}
 */
export function boxes({ layers, maps, changed }, all, open) {
  const observed = new Map(maps.map((map) => [map.name, map]));
  const blockOf = new Map(all.flatMap(({ from, to }, block) => layers.slice(from, to).map((_, at) => /** @type {const} */ ([from + at, block]))));
  /** @type {Node[]} */
  const nodes = [];
  /** @type {number[]} */
  const place = [];
  for (let index = 0; index < layers.length;) {
    const block = blockOf.get(index) ?? -1;
    const run = all[block];
    const end = run && !open.has(block) ? run.to : index + 1;
    const inside = layers.slice(index, end).map((layer) => single(layer, { map: observed.get(layer.name), block, changed: Boolean(changed?.has(layer.name)) }));
    const [only] = inside;
    if (run && !open.has(block)) nodes.push(folded(run, inside, block));
    else if (only) nodes.push(only);
    for (; index < end; index++) place[index] = nodes.length - 1;
  }
  const keys = new Set(layers.flatMap(({ inputs }, to) => inputs.map((from) => `${place[from]} ${place[to]}`)));
  const edges = [...keys].map((key) => /** @type {[number, number]} */ (key.split(' ').map(Number)));
  return { nodes, edges: edges.filter(([from, to]) => from !== to) };
}
