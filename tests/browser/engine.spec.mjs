// The wasm module by itself: the GPU's forward pass against the CPU's, and the
// price of a call.
/* global engine -- in the page */
import assert from 'node:assert/strict';
import test from 'node:test';
import { assertClose, BEST, browserTests, SPACE } from './harness.mjs';

const tests = browserTests();

test('the forward pass on software WebGPU agrees with the CPU', async (context) => {
  const page = await tests.engine(context);
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
  const page = await tests.engine(context);
  const { names, runs } = await page.run(async () => {
    const module = await WebAssembly.compileStreaming(fetch(new URL('../dextr/dextr_bg.wasm', location.href)));
    for (let call = 0; call < 200; call++) engine.version();
    return { names: WebAssembly.Module.exports(module).map(({ name }) => name), runs: engine.constructor_runs() };
  });
  assert.deepEqual(names.filter((name) => name.includes('command_export')), []);
  assert.equal(runs, 1);
});
