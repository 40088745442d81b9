// Many scores: several at once on one page, and hundreds in one tab.
import assert from 'node:assert/strict';
import test from 'node:test';
import { BEST, browserTests, SPACE } from './harness.mjs';
import { client } from './sabotage.mjs';

const tests = browserTests();
const OTHER = '|nor_conv_1x1~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_3x3~2|';
const REQUEST = { space: SPACE, arch: BEST, options: { stem_width: 4, cells: 1, size: 8 }, curves: 1 };

for (const worker of [true, false]) {
  test(`scores at once, on one device and on two, ${worker ? 'in workers' : 'on the page'}`, async (context) => {
    const { run } = await client(tests, context, { worker });
    const { kinds, alone, together, apart } = await run(async (requests) => {
      const { dextr: first, Dextr } = globalThis;
      const second = await Dextr.load({ device: 'webgpu' });
      const scoreOf = async (dextr, request) => (await dextr.score(request)).score;
      const alone = [await scoreOf(first, requests[0]), await scoreOf(first, requests[1])];
      const together = await Promise.all(requests.map((request) => scoreOf(first, request)));
      const apart = await Promise.all([first, second].map((dextr, index) => scoreOf(dextr, requests[index])));
      return { kinds: [first, second].map(({ device }) => device.kind), alone, together, apart };
    }, [REQUEST, { ...REQUEST, arch: OTHER }]);
    assert.deepEqual(kinds, ['webgpu', 'webgpu']);
    assert.notEqual(alone[0], alone[1]);
    assert.deepEqual(together, alone);
    assert.deepEqual(apart, alone);
  });
}

/** Counts the bytes of GPU buffers that are neither destroyed nor collected. */
function countBuffers() {
  const alive = new Map();
  let last = 0;
  const collected = new FinalizationRegistry((id) => alive.delete(id));
  const ids = new WeakMap();
  const { createBuffer } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    ids.set(buffer, ++last);
    alive.set(last, descriptor.size);
    collected.register(buffer, last);
    return buffer;
  };
  GPUBuffer.prototype.destroy = function () {
    alive.delete(ids.get(this));
    destroy.call(this);
  };
  globalThis.gpuBytes = () => alive.values().reduce((sum, size) => sum + size, 0);
}

/** Cells scored in turn, as operation indices of the six edges: all tensor sizes recur, so that the pools fill in the warm-up. */
const CELLS = Array.from({ length: 25 }, (_, index) => (index * 7919 % 5 ** 6).toString(5).padStart(6, '0'));

/**
 * Scores again and again in the page's own thread, where all memory can be
 * seen, and compares it after a warm-up and at the end.
 */
async function memoryOf(context, device, { warmUp, scores }) {
  const { page, run } = await client(tests, context, { worker: false, device, prelude: device === 'webgpu' ? [countBuffers] : [] });
  const session = await page.context().newCDPSession(page);
  let done = 0;
  const measured = async (count) => {
    // One round of cells a call, each with a time limit of its own.
    for (const end = done + count; done < end; done += CELLS.length) {
      await run(async ({ request, cells }) => {
        for (const arch of cells) {
          const { status } = await globalThis.dextr.score({ ...request, arch });
          if (status !== 'ok' && status !== 'disconnected') throw new Error(status);
        }
      }, { request: REQUEST, cells: CELLS });
    }
    // Finalizers run in a task after the collection.
    for (let round = 0; round < 2; round++) {
      await session.send('HeapProfiler.collectGarbage');
      await run(() => new Promise((resolve) => setTimeout(resolve)));
    }
    const { usedSize: heap } = await session.send('Runtime.getHeapUsage');
    const { wasm, gpu } = await run(async () => {
      const glue = await import(new URL('../dextr/dextr.js?instance=0', location.href).href);
      const { memory } = await glue.default();
      return { wasm: memory.buffer.byteLength, gpu: globalThis.gpuBytes?.() ?? 0 };
    });
    return { wasm, heap, gpu };
  };
  const before = await measured(warmUp);
  return { before, after: await measured(scores - warmUp) };
}

const MIB = 1 << 20;

function assertFlat({ before, after }, context) {
  context.diagnostic(`${JSON.stringify(before)} -> ${JSON.stringify(after)}`);
  assert.ok(before.wasm > MIB, 'the memory is the engine’s');
  assert.ok(after.wasm - before.wasm <= MIB, `wasm memory: ${before.wasm} -> ${after.wasm}`);
  assert.ok(after.heap - before.heap <= 2 * MIB, `JavaScript heap: ${before.heap} -> ${after.heap}`);
  assert.ok(after.gpu - before.gpu <= MIB, `GPU buffers: ${before.gpu} -> ${after.gpu}`);
}

test('500 scores in one tab on the CPU: the memory is flat', async (context) => {
  assertFlat(await memoryOf(context, 'cpu', { warmUp: 50, scores: 500 }), context);
});

// A software adapter takes half a second for each.
test('200 scores in one tab on WebGPU: the memory is flat', async (context) => {
  const memory = await memoryOf(context, 'webgpu', { warmUp: 50, scores: 200 });
  assert.ok(memory.before.gpu > 0, 'GPU buffers were counted');
  assertFlat(memory, context);
});
