// The table of all NAS-Bench-201 cells, and the rank that the page finds in it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { rankWords } from '../../www/app/answer/rank.js';
import { cellOf, CELLS, codeOf, rankOf, readTable } from '../../www/app/answer/table.js';

const BEST = '|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|';
const FACTS = ['version: 0.1.0', 'seed: 0', 'seeds: 1', 'image_seed: 0', 'curve_seed: 0'].map((fact) => `# ${fact}\n`).join('');

test('the file has a row a cell, and says how it was made', async () => {
  const bytes = await readFile(new URL('../../dist/app/references/nasbench201.csv.gz', import.meta.url));
  assert.ok(bytes.length <= 1e6, `${bytes.length} bytes`);
  const { facts, columns } = readTable(gunzipSync(bytes).toString());
  assert.match(facts.command, /^dextr score --space nasbench201 .*--proxy dextr,meco_opt,concord /);
  assert.match(facts.version, /^\d+\.\d+\.\d+$/);
  assert.match(facts.made, /^\d{4}-\d\d-\d\d, \d+ ms a cell/);
  assert.deepEqual([facts.seed, facts.seeds, facts.image_seed, facts.curve_seed, facts.protocol, facts.observe], ['0', '1', '0', '0', 'refined', 'layers']);
  assert.deepEqual(Object.keys(columns), ['dextr', 'meco_opt', 'concord']);
  for (const [proxy, scores] of Object.entries(columns)) {
    assert.equal(scores.length, 15_625, proxy);
    assert.ok(scores.every((score) => Number.isFinite(score) && score === Number(score.toPrecision(10))), proxy);
  }
  // Nothing flows through it.
  assert.equal(columns.dextr[0], 0);
  assert.ok(Math.abs(columns.dextr[codeOf(BEST)] - 2.1749) < 1e-4);
});

test('codes and cells are one to one', () => {
  assert.equal(CELLS, 15_625);
  assert.equal(cellOf(0), '|none~0|+|none~0|none~1|+|none~0|none~1|none~2|');
  assert.equal(cellOf(1), '|skip_connect~0|+|none~0|none~1|+|none~0|none~1|none~2|');
  // 3 + 3·5 + 3·25 + 1·125 + 3·625 + 3·3125.
  assert.equal(codeOf(BEST), 11_468);
  for (let code = 0; code < CELLS; code++) assert.equal(codeOf(cellOf(code)), code);
  for (const text of ['', '431204', BEST.slice(0, -1), BEST.replace('skip_connect', 'skip'), BEST.replace('skip_connect', 'none,skip_connect'), `${BEST}+${BEST}`]) {
    assert.equal(codeOf(text), null, text);
  }
});

test('a rank counts those above, and says who shares it', () => {
  const scores = [0, 2, 5, 2, 7, 0, 2];
  assert.deepEqual(scores.map((_, index) => rankOf(scores, index)), [
    { rank: 6, shared: 2 }, { rank: 3, shared: 3 }, { rank: 2, shared: 1 }, { rank: 3, shared: 3 },
    { rank: 1, shared: 1 }, { rank: 6, shared: 2 }, { rank: 3, shared: 3 },
  ]);
});

test('the words follow the table, and are none where it does not apply', () => {
  const table = readTable(`${FACTS}dextr,concord\n1.5,40\n2,50\n2,30\n0,20\n`);
  const score = (code, value, others = {}) => ({ arch: cellOf(code), score: value, seed: 0, seeds: 1, image_seed: 0, curve_seed: 0, ...others });
  const words = (...given) => rankWords(table, score(...given));
  assert.equal(words(0, 1.5), 'Rank 3 of all 4 cells by dextr; 2 by concord (table of version 0.1.0, seed 0).');
  assert.equal(words(1, 2.01), 'Rank 1 of all 4 cells by dextr, shared by 2; 1 by concord (table of version 0.1.0, seed 0).');
  assert.equal(words(3, 0), 'Rank 4 of all 4 cells by dextr; 4 by concord (table of version 0.1.0, seed 0).');
  const other = 'No exact rank: the table of all cells is of another version (0.1.0), which scores this one 2.';
  assert.deepEqual([words(1, 2.03), words(2, 1.97)], [other, other]);
  for (const others of [{ seed: 1 }, { seeds: 3 }, { image_seed: 1 }, { curve_seed: 1 }, { arch: 'no cell' }]) assert.equal(words(0, 1.5, others), '');
});
