// Where the boxes of a network's graph stand.
import assert from 'node:assert/strict';
import test from 'node:test';
import { arrange } from '../../www/app/network/arrange.js';

const [width, height] = [176, 42];

/** Boxes do not overlap, each is below those that lead to it, and all are inside. */
function assertReadable({ nodes, edges: bends, ...whole }, edges) {
  nodes.forEach((a, index) => {
    assert.ok(a.x >= width / 2 && a.x <= whole.width - width / 2 && a.y >= height / 2 && a.y <= whole.height - height / 2, `box ${index}`);
    for (const b of nodes.slice(index + 1)) assert.ok(Math.abs(a.x - b.x) >= width || Math.abs(a.y - b.y) >= height, 'no two overlap');
  });
  edges.forEach(([from, to], index) => {
    assert.ok(nodes[to].y > nodes[from].y, `${from} is above ${to}`);
    assert.ok(bends[index].length > 1 && bends[index].every(({ x, y }) => x >= 0 && x <= whole.width && y >= 0 && y <= whole.height));
  });
}

test('a chain with skips', () => {
  const edges = [[0, 1], [1, 2], [2, 3], [1, 3], [3, 4], [0, 4]];
  assertReadable(arrange({ width, height, count: 5, edges }), edges);
});

test('one box, and boxes that nothing joins', () => {
  assertReadable(arrange({ width, height, count: 1, edges: [] }), []);
  assertReadable(arrange({ width, height, count: 3, edges: [[0, 2]] }), [[0, 2]]);
});

test('a densely connected network is arranged', { timeout: 60_000 }, () => {
  const edges = Array.from({ length: 150 }, (_, to) => Array.from({ length: to }, (_, from) => [from, to])).flat().filter(([from, to]) => to - from === 1 || to % 3 === 0);
  assertReadable(arrange({ width, height, count: 150, edges }), edges);
});
