// The GPU goes away, refuses a command or runs out of memory in mid-score: the
// instance is replaced and the item tried once more, and no number is made up.
import assert from 'node:assert/strict';
import test from 'node:test';
import { BEST, browserTests, pressScore, shownScore, SPACE } from './harness.mjs';
import { client, pretendHardware, sabotage } from './sabotage.mjs';

const tests = browserTests();
const REQUEST = { space: SPACE, arch: BEST, options: { stem_width: 4, cells: 1, size: 8 }, curves: 1 };

const FAULTS = {
  'lost': ['device-lost', /^The GPU was lost/],
  'hung': ['device-lost', /^The GPU was lost/],
  'invalid': ['internal', /^The GPU refused a command \(.*usage/i],
  'no memory': ['out-of-memory', /^The GPU’s memory is used up \(no room\)/],
};

function assertFailed(failed, fault) {
  const [code, message] = FAULTS[fault];
  assert.deepEqual([failed.name, failed.code], ['DextrError', code], JSON.stringify(failed));
  assert.match(failed.message, message);
  assert.match(failed.hint, /device "cpu"/);
}

for (const worker of [true, false]) {
  const place = worker ? 'in a worker' : 'on the page';

  for (const fault of ['lost', 'invalid']) {
    test(`GPU ${fault}, ${place}: once, the item is tried again; twice, it fails, and the next one scores`, async (context) => {
      const plan = [null, fault, null, fault, fault, null];
      const { device, score, workers } = await client(tests, context, { worker, plan });
      const undisturbed = await score(REQUEST);
      assert.equal(undisturbed.device, 'webgpu', JSON.stringify(undisturbed));
      assert.ok(undisturbed.score > 0);
      assert.deepEqual((await score(REQUEST)).score, undisturbed.score, 'tried again');
      assertFailed(await score(REQUEST), fault);
      const next = await score(REQUEST);
      assert.deepEqual([next.score, next.device], [undisturbed.score, 'webgpu']);
      assert.equal((await device()).kind, 'webgpu');
      assert.equal(workers(), worker ? 4 : 0, 'instances');
    });
  }

  for (const fault of worker ? ['hung', 'no memory'] : ['hung']) {
    test(`GPU ${fault} twice, ${place}`, async (context) => {
      const { score } = await client(tests, context, { worker, plan: [fault, fault] });
      assertFailed(await score(REQUEST), fault);
    });
  }
}

test('with the automatic choice, what broke the GPU twice is scored on the CPU, and all that follows', async (context) => {
  const plan = [null, 'lost', 'lost'];
  const { device, score } = await client(tests, context, { device: 'auto', plan, prelude: [pretendHardware] });
  assert.deepEqual(await device(), { kind: 'webgpu', name: 'Pretended GPU', reason: null, message: null });
  const onGpu = await score(REQUEST);
  assert.equal(onGpu.device, 'webgpu');

  const onCpu = await score(REQUEST);
  assert.equal(onCpu.device, 'cpu', JSON.stringify(onCpu));
  assert.ok(Math.abs(onCpu.score / onGpu.score - 1) < 0.005, `${onCpu.score} instead of ${onGpu.score}`);
  assert.match(onCpu.message, /scored on the CPU, because the GPU could not: The GPU was lost/);
  const { kind, reason, message } = await device();
  assert.deepEqual([kind, reason], ['cpu', 'gpu-failed']);
  assert.match(message, /the GPU failed twice: The GPU was lost/);

  const next = await score(REQUEST);
  assert.deepEqual([next.device, next.score, next.message], ['cpu', onCpu.score, onGpu.message]);
});

test('a device that is given back is no loss', async (context) => {
  const { page, run } = await client(tests, context, { worker: false });
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  const codes = await run(async (request) => {
    const { score } = await globalThis.dextr.score(request);
    globalThis.dextr.dispose();
    const after = await globalThis.dextr.score(request).catch(({ code }) => code);
    const another = await globalThis.Dextr.load({ device: 'webgpu' });
    return [after, (await another.score(request)).score === score];
  }, REQUEST);
  assert.deepEqual(codes, ['disposed', true]);
  assert.deepEqual(problems, []);
});

test('somebody else’s WebGPU on the page is left alone', async (context) => {
  const { run } = await client(tests, context, { worker: false });
  const [native, same] = await run(async (request) => {
    const before = await globalThis.dextr.score(request);
    const adapter = await navigator.gpu.requestAdapter();
    const native = /native code/.test(String(GPUAdapter.prototype.requestDevice));
    const theirs = await adapter.requestDevice();
    theirs.destroy();
    await theirs.lost;
    const after = await globalThis.dextr.score(request);
    return [native, before.score === after.score];
  }, REQUEST);
  assert.deepEqual([native, same], [true, true]);
});

test('the engine’s own memory at its end is out-of-memory, and the next instance scores', async (context) => {
  const { run } = await client(tests, context, { worker: false, device: 'cpu' });
  const { code, hint, next } = await run(async (request) => {
    // The first instance, and the one that takes its place, have no room left.
    for (const instance of [0, 1]) {
      const glue = await import(new URL(`../dextr/dextr.js?instance=${instance}`, location.href).href);
      const { memory } = await glue.default();
      for (let pages = 16384; pages >= 1; pages /= 2) {
        try {
          for (;;) memory.grow(pages);
        } catch {
          // In smaller steps, until nothing is left.
        }
      }
    }
    const large = { ...request, options: { ...request.options, size: 64, stem_width: 16 } };
    const { code, hint } = await globalThis.dextr.score(large).catch((error) => error);
    return { code, hint, next: await globalThis.dextr.score(large) };
  }, REQUEST);
  assert.equal(code, 'out-of-memory');
  assert.match(hint, /^Lower the input size/);
  assert.ok(next.score > 0);
});

/** The page itself, with a small network. */
function open(context, address, plans) {
  return tests.open(context, `${address}#set.stem_width=4&set.cells=1&set.size=8&curves=1`, { setUp: (page) => sabotage(page, plans) });
}

test('the page tells of a lost GPU, keeps what it has, and goes on', async (context) => {
  const { page, problems } = await open(context, '?device=webgpu', { plan: [null, 'lost', 'lost', null] });
  await pressScore(page);
  const first = await shownScore(page);
  await pressScore(page);
  assert.match(await page.locator('#run').getByRole('alert').textContent(), /^The GPU was lost \(.*\)\. Try again; .*device "cpu"/);
  await page.locator('#list').getByText('1 row', { exact: true }).waitFor();
  assert.deepEqual(await shownScore(page), first);
  await pressScore(page);
  assert.deepEqual(await shownScore(page), first);
  assert.deepEqual(problems.filter((text) => !/lost|destroyed/i.test(text)), []);
});

test('the page says that it has changed to the CPU, and why', async (context) => {
  const { page } = await open(context, '', { plan: ['lost', 'lost'], prelude: [pretendHardware] });
  assert.match(await page.locator('#device').textContent(), /GPU through WebGPU: Pretended GPU/);
  await pressScore(page);
  assert.match(await page.locator('#answer .notice').textContent(), /^Scored on the CPU, because the GPU could not: The GPU was lost/);
  assert.match(await page.locator('#device').textContent(), /CPU \(WebAssembly\), because the GPU failed twice: The GPU was lost/);
});

test('a list goes on after the GPU was lost: tried again in its place, and a row of its own when lost twice', async (context) => {
  // Two are under way at a time: one's loss is the other's too, and both are tried again, alone.
  const plan = { 1: ['lost'], 2: ['lost', 'lost'] };
  const { run } = await client(tests, context, { plan });
  const rows = await run(async (request) => {
    const rows = [];
    const list = [0, 1, 2, 0, 3].map((seed) => ({ ...request, seed }));
    for await (const { index, status, code, device, score } of globalThis.dextr.scoreAll(list)) rows.push({ index, status, code, device, score });
    return rows;
  }, REQUEST);
  assert.deepEqual(rows.map(({ index, status, code }) => [index, status, code]), [
    [0, 'ok', undefined], [1, 'ok', undefined], [2, 'error', 'device-lost'], [3, 'ok', undefined], [4, 'ok', undefined],
  ], JSON.stringify(rows));
  assert.equal(rows[3].score, rows[0].score);
  assert.equal(rows[4].device, 'webgpu');
});
