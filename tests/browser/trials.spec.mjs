// Model files of kinds that once failed, in the browser: WebGPU against the CPU.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { browserTests, within } from './harness.mjs';
import { root } from './site.mjs';

const tests = browserTests();
/** Seeds for which a map's σ_min is rounding and the sweeps once did not end. */
const CASES = {
  svd_96_20: [0, 3, 8, 9], svd_120_20: [1, 4],
  clip_pads: [0], matmul_kernel: [0], bn_kernel: [0], reducel2_kernel: [0], softmax_constant: [0], stochastic_depth_train: [0], bn_tokens: [0],
  weight_standardised: [0], softmax2: [0], mlp: [0],
};

test('each scores on WebGPU what it scores on the CPU', async (context) => {
  const page = await tests.blank(context);
  await page.goto(tests.site);
  const files = await Promise.all(Object.entries(CASES).map(async ([name, seeds]) => ({ name, seeds, bytes: [...await readFile(join(root, `tests/onnx/trials/${name}.onnx`))] })));
  const rows = await within(page.evaluate(async (files) => {
    const { Dextr } = await import(new URL('dextr/index.js', location.href).href);
    const devices = [await Dextr.load({ device: 'webgpu' }), await Dextr.load({ device: 'cpu' })];
    const rows = [];
    for (const { name, seeds, bytes } of files) {
      const opened = await Promise.all(devices.map((dextr) => dextr.open(new Uint8Array(bytes).buffer, { name })));
      for (const seed of seeds) {
        const [found, right] = await Promise.all(devices.map((dextr, index) => dextr.score({ model: opened[index] }, { seed })));
        rows.push({ name, seed, found, right });
      }
    }
    return rows;
  }, files), 'scoring', 300_000);
  assert.equal(rows.length, Object.values(CASES).flat().length);
  for (const { name, seed, found, right } of rows) {
    const place = `${name}, seed ${seed}`;
    assert.equal(found.device, 'webgpu', place);
    assert.equal(found.status, right.status, `${place}: ${found.message}`);
    assert.equal(right.status, name === 'mlp' ? 'unsuited' : 'ok', `${place}: ${right.message}`);
    found.layers.forEach((layer, index) => assert.ok(Math.abs(layer.ratio - right.layers[index].ratio) < 1e-5, `${place}: ${layer.name}`));
    if (right.score === null) assert.equal(found.score, null, place);
    else assert.ok(Math.abs(found.score - right.score) <= 0.005 * right.score, `${place}: ${found.score} instead of ${right.score}`);
  }
  const line = rows.find(({ name }) => name === 'softmax2').found;
  assert.equal(line.curvature, 0);
  assert.match(line.message, /lie on a line/);
});
