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
  assert.deepEqual(added.toSorted(), ['constructor_runs', 'curve_basis', 'default_image', 'session_forward', 'session_score_with', 'weight']);
});
