// A GPU at work in the browser: the adapter, seconds a score, what a score asks of
// WebGPU, and the GPU's time by kernel where it has timestamps; over the networks
// of `gpu/main.rs`, which writes ResNet-50. `./build.sh bench gpu [scores]`.
// `--software` takes Chromium's software adapter, which gets a reduced network.

import { join } from 'node:path';
import { hosts } from '../tests/browser/hosts.mjs';
import { launch } from '../tests/browser/browsers.mjs';
import { root, within } from '../tests/browser/site.mjs';

const args = process.argv.slice(2);
const scores = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 10);
const LIMIT = 900_000;
const BEST = '|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|';
const LARGEST = JSON.stringify({ depth: 14, embed_dim: 240, num_heads: Array(14).fill(4), mlp_ratio: Array(14).fill(4) });

const host = await hosts({ '/page': '<!doctype html>' }, {
  '/bench/': join(root, 'benches'), '/models/': join(root, 'target/gpu'), '/whole/': join(root, 'target/whole'),
});
const browser = await launch({ webgpu: args.includes('--software') || 'own' });
try {
  const page = await browser.newPage();
  await page.goto(`${host.origin}/page`);
  const { name, software } = await page.evaluate(async () => {
    const { counting, timing } = await import(new URL('/bench/counting.mjs', location.href).href);
    // The timer first, so that the counter sees what the engine itself asks for.
    globalThis.timer = timing();
    globalThis.counter = counting();
    const engine = await import(new URL('/whole/dextr.js', location.href).href);
    await engine.default({ module_or_path: new URL('/whole/dextr_bg.wasm', location.href) });
    globalThis.engine = engine;
    globalThis.session = await engine.Session.open('webgpu');
    const { info } = await navigator.gpu.requestAdapter();
    return { name: [info.vendor, info.architecture, info.description].filter(Boolean).join(', '), software: info.architecture === 'swiftshader' };
  });
  console.log(`WebGPU in Chromium ${browser.version()}: ${name}`);
  const networks = {
    'nasbench201': { space: 'nasbench201', arch: BEST, options: software ? { stem_width: 8, cells: 1 } : {} },
    ...(software ? {} : {
      'autoformer-tiny, the largest': { space: 'autoformer-tiny', arch: LARGEST },
      'resnet50': { space: 'onnx', arch: 'resnet50.onnx', model: 'resnet50.onnx' },
    }),
  };
  if (software) console.log('a software adapter: a reduced network alone; its seconds say nothing of a GPU');
  for (const [title, network] of Object.entries(networks)) {
    const { first, later, kernels } = await within(page.evaluate(async ([network, scores]) => {
      const { engine, session, counter, timer } = globalThis;
      const { model: name, ...request } = network;
      let model = null;
      if (name) {
        const bytes = new Uint8Array(await (await fetch(`/models/${name}`)).arrayBuffer());
        const file = new engine.FileBytes(bytes.length);
        file.push(bytes);
        model = new engine.Model(file);
      }
      const score = async () => {
        for (const name of Object.keys(counter.counts)) delete counter.counts[name];
        const start = performance.now();
        await session.score(request, () => undefined, model?.share());
        return { seconds: (performance.now() - start) / 1e3, counts: { ...counter.counts } };
      };
      const first = await score();
      const later = [];
      while (later.length < scores) later.push(await score());
      const timed = timer.begin();
      if (timed) await score();
      const kernels = timed ? await timer.end() : null;
      return { first, later, kernels };
    }, [network, software ? Math.min(scores, 3) : scores]), title, LIMIT);
    const seconds = later.map((one) => one.seconds).sort((a, b) => a - b)[later.length >> 1];
    console.log(`\n${title}\n  first score ${first.seconds.toFixed(3)} s, then ${seconds.toFixed(4)} s: ${(1 / seconds).toFixed(1)} a second`);
    const [{ counts }] = later;
    for (const count of Object.keys({ ...first.counts, ...counts }).sort()) {
      console.log(`  ${count.padEnd(20)} ${String(first.counts[count] ?? 0).padStart(11)} at first, then ${counts[count] ?? 0}`);
    }
    if (kernels === null) {
      console.log('  no timestamps on this device');
      continue;
    }
    const all = kernels.reduce((sum, kernel) => sum + kernel.seconds, 0);
    console.log(`  ${(1e3 * all).toFixed(2)} ms in ${kernels.reduce((sum, kernel) => sum + kernel.count, 0)} kernels`);
    for (const { kernel, count, seconds } of kernels.sort((a, b) => b.seconds - a.seconds).slice(0, 12)) {
      console.log(`    ${((100 * seconds) / all).toFixed(1).padStart(5)} %  ${(1e3 * seconds).toFixed(3).padStart(9)} ms  ${String(count).padStart(5)} × ${kernel}`);
    }
  }
} finally {
  await browser.close();
  await host.stop();
}
