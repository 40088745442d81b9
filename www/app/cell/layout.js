/**
 * Where the nodes and edges of a cell stand: nodes on a line in their order,
 * edges as arcs over it (from even nodes) or under it (from odd ones), so that
 * no two arcs of the same reach meet.
 *
 * @typedef {{ x: number, y: number }} Point
 * @typedef {{ d: string, label: Point }} Arc
 * @typedef {{ width: number, height: number, nodes: Point[], arcs: Arc[] }} Layout
 */

export const RADIUS = 15;
/** Length of an arrow's head. */
export const HEAD = 11;
const MARGIN = 28;
/** Room for a label outside the outermost arc. */
const LABEL = 15;

/** More nodes stand closer, so that the drawing stays legible on a phone. @param {number} nodes */
function spacing(nodes) {
  return Math.max(64, 122 - 14 * Math.max(0, nodes - 4));
}

/**
 * How far the control point of an edge lies above (negative) or below the line.
 * @param {number} source @param {number} target @param {number} gap @param {number} twin How many edges before it join the same nodes.
 */
function bend(source, target, gap, twin) {
  const span = target - source;
  const side = source % 2 === 0 ? -1 : 1;
  const height = span < 2 ? 0 : gap * (0.8 + 0.7 * (span - 2));
  return side * (height + 0.5 * gap * twin);
}

/**
 * @param {[number, number][]} edges `[source, target]` of each.
 * @returns {Layout}
 */
export function layout(edges) {
  const count = 1 + Math.max(1, ...edges.flat());
  const gap = spacing(count);
  /** @type {Map<string, number>} */
  const seen = new Map();
  const bends = edges.map(([source, target]) => {
    const key = `${source}-${target}`;
    const twin = seen.get(key) ?? 0;
    seen.set(key, twin + 1);
    return bend(source, target, gap, twin);
  });
  // A quadratic curve passes half-way between its chord and its control point.
  const above = Math.max(RADIUS, -Math.min(0, ...bends) / 2) + 2 * LABEL - 6;
  const below = Math.max(RADIUS, Math.max(0, ...bends) / 2) + 2 * LABEL - 6;
  const y = above;
  const nodes = Array.from({ length: count }, (_, index) => ({ x: MARGIN + index * gap, y }));
  const arcs = edges.map(([source, target], index) => arc(nodes[source], nodes[target], bends[index] ?? 0));
  return { width: 2 * MARGIN + (count - 1) * gap, height: above + below, nodes, arcs };
}

/**
 * An edge from rim to rim, along the line from each node's centre to the
 * control point, with room for the arrow's head.
 * @param {Point | undefined} from @param {Point | undefined} to @param {number} bend
 * @returns {Arc}
 */
function arc(from = { x: 0, y: 0 }, to = { x: 0, y: 0 }, bend) {
  const middle = (from.x + to.x) / 2;
  const top = from.y + bend;
  const reach = Math.hypot(middle - from.x, bend) || 1;
  const [dx, dy] = [(middle - from.x) / reach, bend / reach];
  const [x0, y0] = [from.x + RADIUS * dx, from.y + RADIUS * dy];
  const [x1, y1] = [to.x - (RADIUS + HEAD) * dx, to.y + (RADIUS + HEAD) * dy];
  const side = bend > 0 ? 1 : -1;
  return {
    d: `M${x0} ${y0}Q${middle} ${top} ${x1} ${y1}`,
    label: { x: (x0 + x1) / 4 + middle / 2, y: (y0 + y1) / 4 + top / 2 + side * (LABEL - 2) },
  };
}
