// What the page says of a score: where it stands, and whether to trust it.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { groupOf, quantilesOf, shareBelow } from '../../www/app/answer/reference.js';
import { percent } from '../../www/app/answer/standing.js';
import { TRUST } from '../../www/app/answer/trust.js';
import { why, worst } from '../../www/app/answer/survey.js';

const root = new URL('../../', import.meta.url);

test('the share below a value follows the quantiles', () => {
  const values = Array.from({ length: 1001 }, (_, index) => index);
  const quantiles = quantilesOf(values.reverse());
  assert.equal(quantiles.length, 101);
  assert.equal(quantiles[50], 500);
  for (const [value, share] of [[-1, 0], [0, 0], [250, 0.25], [995, 0.995], [1000, 1], [1001, 1]]) {
    assert.ok(Math.abs(shareBelow(quantiles, value) - share) < 1e-9, `${value}: ${shareBelow(quantiles, value)}`);
  }
  assert.deepEqual([0, 0.001, 0.42, 0.999, 1].map(percent), ['none', 'less than 1 %', '42 %', 'more than 99 %', 'all']);
  // All equal: nothing is below.
  assert.equal(shareBelow(quantilesOf([3, 3, 3]), 3), 0);
});

test('a score falls into the group that begins at or below it', () => {
  const reached = { name: '', source: '', rows: 3, groups: [[1, 10, 11, 12], [2, 20, 21, 22], [3, 30, 31, 32]] };
  for (const [score, least] of [[0, 10], [1, 10], [1.9, 10], [2, 20], [2.5, 20], [3, 30], [9, 30]]) {
    assert.equal(groupOf(reached, score)[1], least, String(score));
  }
});

test('the references have the spaces’ names, and quantiles that rise', async () => {
  const folder = new URL('dist/app/references/', root);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json') && name !== 'models.json');
  assert.equal(files.length, 10);
  for (const file of files) {
    const reference = JSON.parse(await readFile(new URL(file, folder), 'utf8'));
    assert.equal(`${reference.space}.json`, file);
    assert.ok(reference.count >= 50, file);
    for (const quantiles of [reference.score, reference.params]) {
      assert.equal(quantiles.length, 101, file);
      assert.ok(quantiles.every((q, index) => index === 0 || q >= quantiles[index - 1]), file);
    }
    for (const { name, rows, groups } of reference.reached) {
      assert.ok(rows >= 100 && groups.length === 20, `${file}: ${name}`);
      assert.ok(groups.every(([least, low, median, high], index) => low <= median && median <= high && (index === 0 || least >= groups[index - 1][0])), file);
    }
  }
});

test('the lines of trust have the README’s figures', async () => {
  const readme = await readFile(new URL('README.md', root), 'utf8');
  const table = readme.slice(readme.indexOf('## What to trust'), readme.indexOf('## Limits'));
  /** @type {Record<string, string>} */
  const rows = {};
  let space = '';
  for (const line of table.split('\n').filter((text) => text.startsWith('| '))) {
    space = /^\| `([^`]+)`/.exec(line)?.[1] ?? space;
    rows[space] = `${rows[space] ?? ''} ${line.split('|').slice(3).join(' ')}`;
  }
  for (const [name, { text }] of Object.entries(TRUST)) {
    const figures = text.match(/-?\.\d\d/g);
    assert.ok(figures && figures.length >= 2, name);
    for (const figure of figures) assert.ok(rows[name]?.includes(figure), `${name}: ${figure} is not in the README: ${rows[name]}`);
  }
});

test('the worst layers are those that lost it themselves, by what a random map has', () => {
  const layer = (name, relative, loss = null) => ({ name, kind: 'conv', shape: [64, 8, 8], observed: true, ratio: relative, relative, rank: loss ? 2 : 64, room: 64, loss });
  const layers = [layer('a', 0.5), layer('b', 0, { cause: 'narrow', inputs: 2 }), layer('c', 0, { cause: 'inherited', from: 'b' }), layer('d', 0.05)];
  assert.deepEqual(worst(layers).map(({ name }) => name), ['b', 'd', 'a']);
  assert.match(why(layers[1]), /made of 2 .* cannot fill 64/);
  assert.match(why(layers[2]), /What b lost/);
  assert.match(why(layers[3]), /a tenth or less/);
});
