// What one score asks of WebGPU in the browser: dispatches, submissions,
// read-backs, bytes up and down. They hold on any GPU, and a software adapter
// will do. And the time by phase: what the page's thread does (the time outside
// the kernels), and how long it then waits for the GPU. A software adapter takes
// the page's cores while it works, so the time outside the kernels is measured
// once more with idle kernels: the same calls, but of no workgroups.
// `./build.sh bench webgpu [stem_width [cells]]`.

import { join } from 'node:path';
import { hosts } from '../tests/browser/hosts.mjs';
import { launch } from '../tests/browser/browsers.mjs';
import { root } from '../tests/browser/site.mjs';

const [stem_width = '8', cells = '1'] = process.argv.slice(2);
const ARCH = '|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|';

const host = await hosts({ '/page': '<!doctype html>' }, { '/bench/': join(root, 'benches'), '/whole/': join(root, 'target/whole') });
const browser = await launch({ webgpu: true });
try {
  const page = await browser.newPage();
  await page.goto(`${host.origin}/page`);
  const { first, second, times, idleTimes } = await page.evaluate(async (request) => {
    const { counting } = await import(new URL('/bench/counting.mjs', location.href).href);
    const { counts, answer, restore } = counting();
    const engine = await import(new URL('/whole/dextr.js', location.href).href);
    await engine.default({ module_or_path: new URL('/whole/dextr_bg.wasm', location.href) });
    const session = await engine.Session.open('webgpu');
    const measure = async () => {
      for (const name of Object.keys(counts)) delete counts[name];
      await session.score(request, () => undefined);
      return { ...counts };
    };
    const first = await measure();
    const second = await measure();
    restore();

    let waited = 0;
    const { mapAsync } = GPUBuffer.prototype;
    GPUBuffer.prototype.mapAsync = async function (...args) {
      const start = performance.now();
      try {
        return await mapAsync.apply(this, args);
      } finally {
        waited += performance.now() - start;
      }
    };

    /** From here on all is called as before, but for no workgroups, and the answer is known. */
    const idle = () => {
      const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
      GPUComputePassEncoder.prototype.dispatchWorkgroups = function () {
        dispatchWorkgroups.call(this, 0, 0, 0);
      };
      const { getMappedRange } = GPUBuffer.prototype;
      GPUBuffer.prototype.getMappedRange = function (...args) {
        const range = getMappedRange.apply(this, args);
        return this.usage & GPUBufferUsage.MAP_READ ? answer.bytes.slice(0) : range;
      };
    };
    const times = [];
    const idleTimes = [];
    for (let round = 0; round < 45; round++) {
      if (round === 5) idle();
      waited = 0;
      const start = performance.now();
      const { phases } = await session.score(request, () => undefined);
      const total = performance.now() - start;
      (round < 5 ? times : idleTimes).push({
        'total': total,
        'waiting for the GPU': waited,
        'outside the kernels': total - waited,
        '  convolutions queued': 1000 * phases.convolution,
        '  pointwise queued': 1000 * phases.pointwise,
        '  singular values queued': 1000 * phases.singular_values,
      });
    }
    return { first, second, times, idleTimes };
  }, { space: 'nasbench201', arch: ARCH, options: { stem_width, cells } });
  console.log(`one score of a cell with five convolutions, stem_width ${stem_width}, ${cells} cells a stage, image and 4 curves`);
  console.log(`${''.padEnd(20)} first score   later scores`);
  for (const name of [...new Set([...Object.keys(first), ...Object.keys(second)])].sort()) {
    console.log(`${name.padEnd(20)} ${String(first[name] ?? 0).padStart(11)}   ${String(second[name] ?? 0).padStart(12)}`);
  }
  const median = (all, name) => all.map((time) => time[name]).sort((a, b) => a - b)[all.length >> 1].toFixed(1);
  console.log(`\nmilliseconds, medians of ${times.length} later scores, and of ${idleTimes.length} with idle kernels`);
  for (const name of Object.keys(times[0])) {
    console.log(`${name.padEnd(26)} ${median(times, name).padStart(8)} ${median(idleTimes, name).padStart(8)}`);
  }
} finally {
  await browser.close();
  await host.stop();
}
