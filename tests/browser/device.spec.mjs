// The page says which device it uses, and why.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { browserTests, pressScore, shownScore } from './harness.mjs';

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
    const { page } = await tests.open(context, '#set.stem_width=4&set.cells=1&set.size=8', { prepare });
    assert.match(await line(page), /CPU \(WebAssembly\), because this browser has no WebGPU/);
    await pressScore(page);
    await shownScore(page);
  });

  test('asking for WebGPU is answered', async (context) => {
    const { page } = await tests.open(context, '?device=webgpu');
    assert.match(await line(page), /WebGPU was asked for, but .*CPU \(WebAssembly\), because/);
  });
});

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
});
