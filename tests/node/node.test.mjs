// The built package in plain Node, on the CPU.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { Dextr, DextrError } from '../../dist/npm/index.js';

const read = (path) => readFile(new URL(path, import.meta.url));
const { cases } = JSON.parse(await read('../golden/manifest.json'));
const best = cases.find(({ name }) => name === 'best');

test('a golden case', async () => {
  const engine = await import('../../dist/dextr/dextr.js');
  await engine.default({ module_or_path: await read('../../dist/dextr/dextr_bg.wasm') });
  const session = await engine.Session.open('cpu');
  const options = { stem_width: best.C, cells: best.N, classes: best.classes, size: 32, affine: String(best.affine_bn) };
  const score = await session.score_with({ space: 'nasbench201', arch: best.arch, options, observe: 'flow' }, await read(`../golden/${best.file}`));
  assert.ok(Math.abs(score.score / best.refined.score - 1) <= 0.005, `${score.score} instead of ${best.refined.score}`);
  assert.deepEqual(score.layers.map(({ name }) => name), best.refined.observed.map(({ name }) => name));

  // The package is the same engine: the same bits for the same seed.
  const dextr = await Dextr.load();
  try {
    assert.deepEqual([dextr.device.kind, dextr.device.reason], ['cpu', 'no-webgpu']);
    const request = { space: 'nasbench201', arch: best.arch, seed: 3 };
    const expected = await session.score(request, () => true);
    assert.equal((await dextr.score(request)).score, expected.score);
  } finally {
    dextr.dispose();
    session.free();
  }
});

test('a list: in order, equal ones once, a bad one is its row', async (context) => {
  const dextr = await Dextr.load({ wasmUrl: new URL('../../dist/dextr/dextr_bg.wasm', import.meta.url) });
  context.after(() => dextr.dispose());
  const settings = { space: 'nasbench201', options: { stem_width: 4, cells: 1, size: 8 }, curves: 1 };
  const steps = [];
  const rows = [];
  const list = [best.arch, 'no cell', { arch: best.arch, seed: 1 }, best.arch];
  for await (const row of dextr.scoreAll(list, { ...settings, onProgress: (step) => steps.push(step) })) rows.push(row);
  assert.deepEqual(rows.map(({ index, status }) => [index, status]), [[0, 'ok'], [1, 'error'], [2, 'ok'], [3, 'ok']]);
  assert.deepEqual([rows[1].code, rows[1].where], ['bad-architecture', 'character 1']);
  assert.ok(rows[1].hint);
  assert.notEqual(rows[2].score, rows[0].score);
  assert.deepEqual([rows[3].score, rows[3].seconds], [rows[0].score, rows[0].seconds], 'computed once');

  const abort = new AbortController();
  const done = [];
  await assert.rejects(async () => {
    for await (const row of dextr.scoreAll([best.arch, best.arch], { ...settings, seed: 5, signal: abort.signal })) {
      done.push(row);
      abort.abort();
    }
  }, (error) => error instanceof DextrError && error.code === 'cancelled');
  assert.equal(done.length, 1, 'what is done is kept');
});

test('a wasm that is not there is a typed error', async () => {
  await assert.rejects(Dextr.load({ wasmUrl: 'file:///none.wasm' }), (error) => error.code === 'load-failed' && error.where === '/none.wasm');
});
