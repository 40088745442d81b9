import { Graph, layout } from '@dagrejs/dagre';

/**
 * @typedef {{ x: number, y: number }} Point
 * @typedef {{ width: number, height: number, count: number, edges: [number, number][] }} Plan Boxes of one size, and which leads to which.
 * @typedef {{ width: number, height: number, nodes: Point[], edges: Point[][] }} Arrangement Centres, and the bends of each edge.
 */

/** The best ranking takes too long beyond this many boxes. */
const MANY = 400;
/** So do edges that pass more ranks than this, all together; then those longer than `LONG` go round the boxes. */
const [PASSED, LONG] = [3000, 8];
/** How far those go out, from a box's middle. */
const AROUND = 0.75;

/**
 * Edges that are left out when boxes are placed: the long ones of a network
 * that has many, but for the one that decides a box's rank.
 * @param {number} count
 * @param {[number, number][]} edges From earlier boxes to later ones.
 */
function longEdges(count, edges) {
  const depth = new Array(count).fill(0);
  /** @type {Map<number, number>} */
  const nearest = new Map();
  // By target, as the boxes are: each one's sources have their depth before it.
  for (const [index, [from, to]] of [...edges.entries()].sort(([, a], [, b]) => a[1] - b[1])) {
    if (!nearest.has(to) || depth[from] + 1 > depth[to]) nearest.set(to, index);
    depth[to] = Math.max(depth[to], depth[from] + 1);
  }
  const span = edges.map(([from, to]) => depth[to] - depth[from]);
  const passed = span.reduce((sum, ranks) => sum + ranks, 0);
  if (passed <= PASSED) return new Set();
  return new Set([...edges.keys()].filter((index) => (span[index] ?? 0) > LONG && nearest.get(edges[index]?.[1] ?? 0) !== index));
}

/**
 * Places a network's boxes in ranks from top to bottom, with few crossings.
 * @param {Plan} plan
 * @returns {Arrangement}
 */
export function arrange({ width, height, count, edges }) {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 14, edgesep: 10, ranksep: 26, marginx: 6, marginy: 6, ranker: count > MANY ? 'longest-path' : 'network-simplex' });
  for (let index = 0; index < count; index++) graph.setNode(String(index), { width, height });
  const long = longEdges(count, edges);
  for (const [index, [from, to]] of edges.entries()) if (!long.has(index)) graph.setEdge(String(from), String(to), {});
  layout(graph);
  const { width: wide = 0, height: high = 0 } = /** @type {{ width?: number, height?: number }} */ (graph.graph());
  const centre = (/** @type {any} */ { x, y }) => ({ x, y });
  const nodes = Array.from({ length: count }, (_, index) => centre(graph.node(String(index))));
  let right = wide;

  /** Out of a box to the right, and into the other from there. @param {Point} from @param {Point} to @returns {Point[]} */
  function around(from, to) {
    // Longer ones go further out.
    const x = Math.max(from.x, to.x) + width * AROUND + (to.y - from.y) * 0.02;
    right = Math.max(right, x);
    return [{ x: from.x + width / 2, y: from.y }, { x, y: from.y + height }, { x, y: to.y - height }, { x: to.x + width / 2, y: to.y }];
  }

  const none = { x: 0, y: 0 };
  const bends = edges.map(([from, to], index) => (long.has(index)
    ? around(nodes[from] ?? none, nodes[to] ?? none)
    : (/** @type {any} */ (graph.edge(String(from), String(to))).points.map(centre))));
  return { width: right, height: high, nodes, edges: bends };
}
