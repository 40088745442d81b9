import { Graph, layout } from '../vendor/dagre.js';

/**
 * @typedef {{ x: number, y: number }} Point
 * @typedef {{ width: number, height: number, count: number, edges: [number, number][] }} Plan Boxes of one size, and which leads to which.
 * @typedef {{ width: number, height: number, nodes: Point[], edges: Point[][] }} Arrangement Centres, and the bends of each edge.
 */

/** The best ranking takes too long beyond this many boxes. */
const MANY = 400;

/**
 * Places a network's boxes in ranks from top to bottom, with few crossings.
 * @param {Plan} plan
 * @returns {Arrangement}
 */
export function arrange({ width, height, count, edges }) {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 14, edgesep: 10, ranksep: 26, marginx: 6, marginy: 6, ranker: count > MANY ? 'longest-path' : 'network-simplex' });
  for (let index = 0; index < count; index++) graph.setNode(String(index), { width, height });
  for (const [from, to] of edges) graph.setEdge(String(from), String(to), {});
  layout(graph);
  const { width: wide = 0, height: high = 0 } = /** @type {{ width?: number, height?: number }} */ (graph.graph());
  const centre = (/** @type {any} */ { x, y }) => ({ x, y });
  return {
    width: wide,
    height: high,
    nodes: Array.from({ length: count }, (_, index) => centre(graph.node(String(index)))),
    edges: edges.map(([from, to]) => (/** @type {any} */ (graph.edge(String(from), String(to))).points.map(centre))),
  };
}
