// The page says which device it uses, and why.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BEST, browserTests, pressScore, shownScore, SPACE } from './harness.mjs';
import { client, pretendHardware, sabotage, wrongKernel, wrongNumbers } from './sabotage.mjs';

const SMALL = '#set.stem_width=4&set.cells=1&set.size=8&curves=1';
const REQUEST = { space: SPACE, arch: BEST, options: { stem_width: 4, cells: 1, size: 8 }, curves: 1 };

const line = (page) => page.locator('#device').textContent();

describe('with WebGPU switched off', () => {
  const tests = browserTests({ webgpu: false });

  test('the reason for the CPU is shown', async (context) => {
    const { page } = await tests.open(context, '');
    assert.match(await line(page), /CPU \(WebAssembly\), because the browser has WebGPU, but offers no GPU to it/);
  });

  test('a browser without WebGPU, and without workers, is told so', async (context) => {
    const prepare = () => {
      delete globalThis.Worker;
      delete Navigator.prototype.gpu;
    };
    const { page } = await tests.open(context, SMALL, { prepare });
    assert.match(await line(page), /CPU \(WebAssembly\), because this browser has no WebGPU/);
    await pressScore(page);
    await shownScore(page);
  });

  test('asking for WebGPU is answered', async (context) => {
    const { page } = await tests.open(context, '?device=webgpu');
    assert.match(await line(page), /WebGPU was asked for, but .*CPU \(WebAssembly\), because/);
  });
});

describe('without a secure context', () => {
  const tests = browserTests({ host: 'insecure.test' });

  test('the reason for the CPU is shown, and it scores', async (context) => {
    const { page } = await tests.open(context, SMALL);
    assert.equal(await page.evaluate(() => isSecureContext), false);
    assert.match(await line(page), /CPU \(WebAssembly\), because WebGPU needs https/);
    await pressScore(page);
    await shownScore(page);
  });
});

/** Only what every WebGPU device has: the specification's default limits. */
function smallestAdapter() {
  const limits = {
    maxTextureDimension1D: 8192, maxTextureDimension2D: 8192, maxTextureDimension3D: 2048, maxTextureArrayLayers: 256,
    maxBindGroups: 4, maxBindGroupsPlusVertexBuffers: 24, maxBindingsPerBindGroup: 1000,
    maxDynamicUniformBuffersPerPipelineLayout: 8, maxDynamicStorageBuffersPerPipelineLayout: 4,
    maxSampledTexturesPerShaderStage: 16, maxSamplersPerShaderStage: 16, maxStorageBuffersPerShaderStage: 8,
    maxStorageTexturesPerShaderStage: 4, maxUniformBuffersPerShaderStage: 12, maxUniformBufferBindingSize: 65536,
    maxStorageBufferBindingSize: 134217728, minUniformBufferOffsetAlignment: 256, minStorageBufferOffsetAlignment: 256,
    maxVertexBuffers: 8, maxBufferSize: 268435456, maxVertexAttributes: 16, maxVertexBufferArrayStride: 2048,
    maxInterStageShaderVariables: 16, maxColorAttachments: 8, maxColorAttachmentBytesPerSample: 32,
    maxComputeWorkgroupStorageSize: 16384, maxComputeInvocationsPerWorkgroup: 256, maxComputeWorkgroupSizeX: 256,
    maxComputeWorkgroupSizeY: 256, maxComputeWorkgroupSizeZ: 64, maxComputeWorkgroupsPerDimension: 65535,
  };
  Object.defineProperty(GPUAdapter.prototype, 'limits', { get: () => limits });
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor);
    globalThis.beyond = Object.keys(limits).filter((name) => device.limits[name] !== limits[name]);
    return device;
  };
}

describe('with a software adapter only', () => {
  const tests = browserTests();

  test('the automatic choice is the CPU, with the reason', async (context) => {
    const { page } = await tests.open(context, '');
    assert.match(await line(page), /CPU \(WebAssembly\), because the only adapter is a software one/);
  });

  test('it is used when asked for', async (context) => {
    const { page } = await tests.open(context, '?device=webgpu');
    assert.match(await line(page), /GPU through WebGPU: .*swiftshader/i);
  });

  test('WebGPU that only the page has is used there', async (context) => {
    const hideInWorker = () => delete globalThis.WorkerNavigator?.prototype.gpu;
    const { device, score, workers } = await client(tests, context, { prelude: [hideInWorker] });
    assert.equal((await device()).kind, 'webgpu');
    assert.equal(workers(), 1);
    assert.equal((await score(REQUEST)).device, 'webgpu');
  });

  for (const [what, wrong] of [['its numbers', wrongNumbers], ['a kernel', wrongKernel]]) {
    test(`a GPU with ${what} wrong fails its proof, and the CPU is used`, async (context) => {
      const setUp = (page) => sabotage(page, { prelude: [pretendHardware, wrong] });
      const { page } = await tests.open(context, SMALL, { setUp });
      assert.match(await line(page), /CPU \(WebAssembly\), because .*(computed a known result wrongly|the self-check failed)/);
      await pressScore(page);
      await shownScore(page);
    });
  }

  test('an adapter without any feature is used, and asked for none', async (context) => {
    const noFeatures = () => {
      Object.defineProperty(GPUAdapter.prototype, 'features', { get: () => new Set() });
      const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = function (descriptor) {
        const [feature] = descriptor.requiredFeatures;
        if (feature) return Promise.reject(new TypeError(`no ${feature}`));
        return requestDevice.call(this, descriptor);
      };
    };
    const { device, score } = await client(tests, context, { device: 'auto', prelude: [pretendHardware, noFeatures] });
    const { kind, message } = await device();
    assert.equal(kind, 'webgpu', message);
    const scored = await score(REQUEST);
    assert.deepEqual([scored.status, scored.device], ['ok', 'webgpu']);
  });

  test('opening a device leaves the browser as it was, also where it hangs', async (context) => {
    const { run } = await client(tests, context, { worker: false, device: 'cpu' });
    const opened = await run(async () => {
      const { requestDevice } = GPUAdapter.prototype;
      const { mapAsync } = GPUBuffer.prototype;
      let lose = false;
      GPUAdapter.prototype.requestDevice = async function (descriptor) {
        const device = await requestDevice.call(this, descriptor);
        if (lose) {
          GPUBuffer.prototype.mapAsync = () => new Promise(() => {});
          device.destroy();
        }
        return device;
      };
      const own = () => [Object.getOwnPropertyDescriptor(GPUAdapter.prototype, 'features').get, GPUAdapter.prototype.requestDevice];
      const before = own();
      const opened = [];
      for (lose of [false, true, false]) {
        GPUBuffer.prototype.mapAsync = mapAsync;
        const what = await globalThis.Dextr.load({ device: 'webgpu' }).then(({ device }) => device.kind, ({ code }) => code);
        opened.push([what, own().every((value, index) => value === before[index])]);
      }
      return opened;
    });
    assert.deepEqual(opened, [['webgpu', true], ['device-lost', true], ['webgpu', true]]);
  });

  test('an adapter with the smallest limits scores right', async (context) => {
    const { run } = await client(tests, context, { worker: false, prelude: [smallestAdapter] });
    const { beyond, gpu, cpu } = await run(async (request) => {
      const onCpu = await globalThis.Dextr.load({ device: 'cpu' });
      return { beyond: globalThis.beyond, gpu: await globalThis.dextr.score(request), cpu: await onCpu.score(request) };
    }, REQUEST);
    assert.deepEqual(beyond, [], 'the device has no more than the smallest limits');
    assert.equal(gpu.device, 'webgpu');
    assert.ok(Math.abs(gpu.score / cpu.score - 1) < 0.005, `${gpu.score} instead of ${cpu.score}`);
    gpu.layers.forEach(({ name, ratio }, index) => {
      const expected = cpu.layers[index].ratio;
      assert.ok(Math.abs(ratio - expected) < 1e-5, `${name}: ratio ${ratio} instead of ${expected}`);
    });
  });
});
