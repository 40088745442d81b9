// An architecture of every search space in a real browser: WebGPU says what the
// CPU says. Reduced networks, for a software adapter.
/* global engine -- in the page */
import assert from 'node:assert/strict';
import test from 'node:test';
import { browserTests } from './harness.mjs';

const tests = browserTests();

/** The options that make a space's networks small. */
const SMALL = {
  'nasbench101': { stem_width: 8, cells: 1 },
  'nasbench201': { stem_width: 4, cells: 1 },
  'nats-size': { classes: 10 },
  'darts': { channels: 4, layers: 3 },
  'transnasbench101': { stem_width: 4, size: 64 },
  'autoformer-tiny': { size: 32, classes: 10 },
  'autoformer-small': { size: 32, classes: 10 },
  'autoformer-base': { size: 32, classes: 10 },
  'pit': { size: 48, classes: 10 },
  'flexibert': { length: 12 },
};

test('every space has its small networks here', async (context) => {
  const page = await tests.engine(context);
  const names = await page.run(() => engine.spaces().map(({ name }) => name));
  assert.deepEqual(names.sort(), Object.keys(SMALL).sort());
});

/** Smaller than the examples. */
const SHORT_PIT = '16,2,1 4 2,2 2 2';
/** Its third node is the first one's value twice: one buffer in two bindings. */
const TWICE = '|skip_connect~0|+|skip_connect~0|skip_connect~1|+|skip_connect~0|none~1|nor_conv_3x3~2|';

const CASES = [
  ...Object.keys(SMALL).map((space) => [space, space, space === 'pit' ? SHORT_PIT : undefined]),
  ['a value added to itself', 'nasbench201', TWICE],
];

for (const [title, space, given] of CASES) {
  test(`${title}: WebGPU and CPU agree`, async (context) => {
    const page = await tests.engine(context);
    const [cpu, gpu] = await page.run(async ({ space, options, given }) => {
      const arch = given ?? engine.spaces().find(({ name }) => name === space).examples.at(-1).arch;
      const scores = [];
      for (const device of ['cpu', 'webgpu']) {
        const session = await engine.Session.open(device);
        try {
          scores.push(await session.score({ space, arch, options }, () => undefined));
        } finally {
          session.free();
        }
      }
      return scores;
    }, { space, options: SMALL[space], given });
    assert.equal(gpu.device, 'webgpu');
    assert.equal(gpu.status, 'ok', gpu.message);
    const off = Math.abs(gpu.score / cpu.score - 1);
    assert.ok(off <= 0.005, `score ${gpu.score} on the GPU, ${cpu.score} on the CPU`);
    assert.deepEqual(gpu.layers.map(({ name }) => name), cpu.layers.map(({ name }) => name));
    const worst = Math.max(...gpu.layers.map(({ ratio }, at) => Math.abs(ratio - cpu.layers[at].ratio)));
    assert.ok(worst <= 1e-4, `a ratio is off by ${worst}`);
  });
}
