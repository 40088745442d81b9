// The wasm against the golden values, on the CPU: a whole score with weights,
// picture and curves from a file, and the seeded numbers bit for bit.
/* global engine -- in the page */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { BEST, browserTests, golden, SPACE } from './harness.mjs';

const tests = browserTests();
const manifest = JSON.parse(await readFile(join(golden, 'manifest.json'), 'utf8'));
const best = manifest.cases.find((entry) => entry.name === 'best');
const request = {
  space: SPACE,
  arch: best.arch,
  options: { stem_width: best.C, cells: best.N, classes: best.classes, size: 32, affine: String(best.affine_bn) },
};

async function scoreWith(context, protocol, observe) {
  const page = await tests.engine(context, { probe: true, files: { 'fixture.safetensors': await readFile(join(golden, best.file)) } });
  return page.run(async (request) => {
    const bytes = new Uint8Array(await (await fetch('fixture.safetensors')).arrayBuffer());
    const session = await engine.Session.open('cpu');
    try {
      return await session.score_with(request, bytes);
    } finally {
      session.free();
    }
  }, { ...request, protocol, observe });
}

/** Relative distance to the golden value. */
const off = (actual, expected) => Math.abs(actual / expected - 1);

test('a golden case under the refined protocol and the policy flow', async (context) => {
  const score = await scoreWith(context, 'refined', 'flow');
  const expected = best.refined;
  assert.equal(score.status, 'ok');
  assert.ok(off(score.score, expected.score) <= 0.005, `score ${score.score} instead of ${expected.score}`);
  assert.deepEqual(score.layers.map(({ name }) => name), expected.observed.map(({ name }) => name), 'the observed maps');
  expected.observed.forEach(({ name, ratio }, index) => {
    const found = score.layers[index].ratio;
    assert.ok(Math.abs(found - ratio) <= 1e-6, `${name}: ratio ${found} instead of ${ratio}`);
  });
});

test('a golden case under the published protocol', async (context) => {
  const score = await scoreWith(context, 'published');
  assert.equal(score.status, 'ok');
  assert.ok(off(score.ratio_sum, best.ratio_sum) <= 1e-4, `sum of ratios ${score.ratio_sum} instead of ${best.ratio_sum}`);
  assert.ok(off(score.score, best.dextr) <= 0.005, `score ${score.score} instead of ${best.dextr}`);
});

test('seeded weights, picture and curve are the same bits as natively', async (context) => {
  const page = await tests.engine(context, { probe: true });
  const hashes = await page.run(async (request) => {
    const hash = async (values) => {
      const digest = await crypto.subtle.digest('SHA-256', values);
      return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
    };
    return {
      weight: await hash(engine.weight(request, 'stem.conv.weight')),
      image: await hash(engine.default_image(32, 0)),
      basis: await hash(engine.curve_basis(32, 0, 0)),
    };
  }, { space: SPACE, arch: BEST, seed: 0 });
  const { weight, image, basis } = JSON.parse(await readFile(join(golden, 'hashes.json'), 'utf8'));
  assert.deepEqual(hashes, { weight, image, basis });
});
