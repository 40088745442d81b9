// The wasm module by itself: the GPU's forward pass against the CPU's, and the
// price of a call.
/* global engine -- in the page */
import assert from 'node:assert/strict';
import test from 'node:test';
import { assertClose, BEST, browserTests, SPACE } from './harness.mjs';

const tests = browserTests();

test('the forward pass on software WebGPU agrees with the CPU', async (context) => {
  const page = await tests.engine(context, { probe: true });
  const adapter = await page.run(async () => {
    const adapter = await navigator.gpu?.requestAdapter();
    return adapter ? adapter.info.architecture || adapter.info.vendor : null;
  });
  assert.notEqual(adapter, null, 'Chromium offers no WebGPU adapter: this test needs one');

  const { kind, gpu, cpu } = await page.run(async (request) => {
    const forward = async (device) => {
      const session = await engine.Session.open(device);
      return { kind: session.device().kind, jet: await session.forward(request) };
    };
    const { kind, jet } = await forward('webgpu');
    return { kind, gpu: jet, cpu: (await forward('cpu')).jet };
  }, { space: SPACE, arch: BEST, seed: 0, options: { stem_width: 8, cells: 1, size: 16 } });
  assert.equal(kind, 'webgpu');
  for (const part of ['y', 'dy', 'ddy']) {
    assert.ok(Math.max(...cpu[part].map(Math.abs)) > 0, `${part} is not all zero`);
    assertClose(gpu[part], cpu[part], 1e-3, part);
  }
});

test('exported calls do not run the constructors again', async (context) => {
  const page = await tests.engine(context, { probe: true });
  const { shipped, probe, runs } = await page.run(async () => {
    const names = async (address) => WebAssembly.Module.exports(await WebAssembly.compileStreaming(fetch(new URL(address, location.href)))).map(({ name }) => name);
    for (let call = 0; call < 200; call++) engine.version();
    return { shipped: await names('/whole/dextr_bg.wasm'), probe: await names('/probe/dextr_bg.wasm'), runs: engine.constructor_runs() };
  });
  // A module that is linked as a command has these beside its exports, and would run them at each call.
  for (const names of [shipped, probe]) assert.deepEqual(names.filter((name) => name.includes('command_export')), []);
  assert.equal(runs, 1);
  // What only tests use is not shipped.
  // Closures that JavaScript may call have names by their hash.
  const added = probe.filter((name) => !shipped.includes(name) && !name.startsWith('wasm_bindgen__'));
  assert.deepEqual(added.toSorted(), ['constructor_runs', 'convolve', 'curve_basis', 'default_image', 'session_forward', 'session_score_with', 'weight']);
});

test('the convolutions written for WebAssembly are what they are defined to be', async (context) => {
  const page = await tests.engine(context, { probe: true });
  const shapes = [];
  for (const map of [[1, 1, 1], [3, 5, 9], [5, 8, 8], [16, 32, 32], [2, 40, 70]]) {
    for (const [kernel, stride, dilation, before] of [[1, 1, 1, 0], [1, 2, 1, 0], [3, 1, 1, 1], [3, 2, 1, 1], [3, 1, 2, 2], [2, 3, 2, 0], [5, 4, 1, 3]]) {
      const [down, across] = map.slice(1).map((side) => Math.floor((side + 2 * before - dilation * (kernel - 1) - 1) / stride) + 1);
      if (Math.min(down, across) < 1) continue;
      for (const out of [1, 4, 11]) shapes.push({ map, out, window: [kernel, stride, dilation, before, down, across] });
    }
  }
  const numbers = (count) => Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 2003) / 1000 - 1);
  let worst = 0;
  let compared = 0;
  for (const { map: [channels, h, w], out, window } of shapes) {
    const [kernel, stride, dilation, before, down, across] = window;
    const x = numbers(2 * channels * h * w);
    const weights = numbers(out * channels * kernel * kernel);
    const y = await page.run(([map, out, window, x, weights]) => (
      Array.from(engine.convolve(Uint32Array.from(map), out, Uint32Array.from(window), Float32Array.from(x), Float32Array.from(weights)))
    ), [[channels, h, w], out, window, Array.from(x), Array.from(weights)]);
    assert.equal(y.length, 2 * out * down * across);
    y.forEach((found, place) => {
      const [column, row] = [place % across, Math.floor(place / across) % down];
      const [channel, image] = [Math.floor(place / (across * down)) % out, Math.floor(place / (across * down * out))];
      let sum = 0;
      for (let c = 0; c < channels; c++) {
        for (let k = 0; k < kernel * kernel; k++) {
          const i = row * stride + Math.floor(k / kernel) * dilation - before;
          const j = column * stride + (k % kernel) * dilation - before;
          if (i < 0 || j < 0 || i >= h || j >= w) continue;
          sum += x[((image * channels + c) * h + i) * w + j] * weights[(channel * channels + c) * kernel * kernel + k];
        }
      }
      worst = Math.max(worst, Math.abs(found - sum));
      compared += 1;
    });
  }
  assert.ok(compared > 100_000, `${compared} numbers`);
  assert.ok(worst < 1e-4, `${worst}`);
});
