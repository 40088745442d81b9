// What the filter of the list lets through, and what it says of what it cannot read.
import assert from 'node:assert/strict';
import test from 'node:test';
import { amount, filtered } from '../../www/app/list/filter.js';
import { mixture } from '../../www/app/list/mixed.js';

const rows = [
  { id: 1, own: { arch: 'a|b', space: 'x', status: 'ok', score: 2.5, params: 400_000, macs: 40e6, options: 'cells=1' }, others: new Map([['Test Acc', '91.5']]) },
  { id: 2, own: { arch: 'c', space: 'y', status: 'error', score: null, params: 600_000, macs: 60e6, options: '' }, others: new Map() },
];
const ids = (text) => filtered(text, rows).rows.map(({ id }) => id);

test('numbers as people write them', () => {
  for (const [text, value] of [['5e5', 5e5], ['500k', 5e5], ['0.5M', 5e5], ['50M', 50e6], ['1.2G', 1.2e9], ['1,000,000', 1e6], ['-3', -3], ['x', null], ['', null], ['5q', null]]) {
    assert.equal(amount(text), value, text);
  }
});

test('comparisons, words and options', () => {
  for (const [text, expected] of [
    ['macs<50M', [1]], ['params<500k', [1]], ['params<5e5', [1]], ['params < 500k', [1]], ['PARAMS>=600k', [2]],
    ['error', [2]], ['cells=1', [1]], ['space=y', [2]], ['score>2', [1]], ['params>1 score>9', []], ['', [1, 2]],
  ]) {
    assert.deepEqual(ids(text), expected, text);
    assert.deepEqual(filtered(text, rows).problems, [], text);
  }
});

test('what it cannot read is said, and lets all rows stand', () => {
  const unknown = filtered('parms<5', rows);
  assert.match(unknown.problems[0], /no column “parms”. There are score, params, macs, Test Acc/);
  assert.deepEqual(unknown.rows.length, 2);
  assert.match(filtered('params<many', rows).problems[0], /“many” .* is no number/);
});

test('a ranking over several spaces or settings is told', () => {
  const row = (space, curves, device = 'cpu', score = 1) => ({ id: 0, own: { arch: 'a', space, curves, seed: curves, device, score }, others: new Map() });
  const identity = ['arch', 'space', 'seed', 'curves'];
  assert.deepEqual(mixture([row('x', 4), row('x', 4, 'webgpu')], identity), { spaces: ['x'], differing: [] });
  assert.deepEqual(mixture([row('x', 4), row('y', 1)], identity), { spaces: ['x', 'y'], differing: [] });
  assert.deepEqual(mixture([row('x', 4), row('x', 1)], identity), { spaces: ['x'], differing: ['curves'] });
  assert.deepEqual(mixture([row('x', 4), row('y', 1, 'cpu', null)], identity), { spaces: ['x'], differing: [] });
});
