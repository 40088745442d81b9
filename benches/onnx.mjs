// An ONNX file in headless Chromium on the CPU: reading and scoring it, the
// wasm's memory, the graph's arrangement, and one plain forward pass by
// onnxruntime-web on one thread in the same browser. `./build.sh bench onnx FILE`;
// tests/onnx/export.py --large FOLDER makes such files. ORT_WEB is the folder of
// onnxruntime-web's modules; without it that part is left out.

import { basename, dirname, resolve } from 'node:path';
import { bundled } from '../tests/browser/bundled.mjs';
import { hosts } from '../tests/browser/hosts.mjs';
import { launch } from '../tests/browser/browsers.mjs';
import { within } from '../tests/browser/site.mjs';

const [path, rounds = 3] = process.argv.slice(2);
if (!path) throw new Error('which file? node benches/onnx.mjs FILE [rounds]');
const LIMIT = 600_000;

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

const ort = process.env.ORT_WEB;
const arranged = { body: await bundled("export * from './network/arranged.js';"), type: 'text/javascript' };
const host = await hosts({ '/page': '<!doctype html>', '/dist/app/arranged.js': arranged }, { '/models/': dirname(resolve(path)), ...(ort && { '/ort/': ort }) });
const browser = await launch({ webgpu: false });
try {
  const page = await browser.newPage();
  // On the page's own thread, where the wasm's memory can be seen.
  await page.addInitScript(() => {
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = async (...given) => {
      const result = await instantiate(...given);
      globalThis.engineMemory ??= (result.instance ?? result).exports.memory;
      return result;
    };
  });
  await page.goto(`${host.origin}/page`);

  const found = await within(page.evaluate(async ({ name, rounds }) => {
    const bytes = new Uint8Array(await (await fetch(`/models/${name}`)).arrayBuffer());
    const workers = globalThis.Worker;
    delete globalThis.Worker;
    const { Dextr } = await import(new URL('/dist/dextr/index.js', location.href).href);
    const dextr = await Dextr.load({ device: 'cpu' });
    let start = performance.now();
    const took = () => {
      const now = performance.now();
      const seconds = (now - start) / 1e3;
      start = now;
      return seconds;
    };
    const model = await dextr.open(bytes);
    const open = took();
    const { layers } = await dextr.inspect({ model });
    const inspect = took();
    const scores = [];
    for (let round = 0; round < rounds; round++) scores.push(await dextr.score({ model }));
    const memory = globalThis.engineMemory.buffer.byteLength;
    dextr.dispose();
    globalThis.Worker = workers;

    const { arranged } = await import(new URL('/dist/app/arranged.js', location.href).href);
    took();
    const edges = layers.flatMap(({ inputs }, to) => [...new Set(inputs)].map((from) => [from, to]));
    await arranged({ width: 176, height: 42, count: layers.length, edges });
    return { open, inspect, memory, layers: layers.length, arrange: took(), scores: scores.map(({ seconds, phases, curves, score, layers, params, macs }) => ({ seconds, phases, curves, score, maps: layers.length, params, macs })) };
  }, { name: basename(path), rounds: Number(rounds) }), 'scoring', LIMIT);
  const [{ curves, maps, params, macs, score }] = found.scores;
  const seconds = median(found.scores.map(({ seconds }) => seconds));
  const pass = median(found.scores.map(({ phases }) => phases.convolution + phases.pointwise));
  const rows = 1 + 3 * curves;
  console.log(`${basename(path)}: ${(params / 1e6).toFixed(1)} M parameters, ${(macs / 1e9).toFixed(2)} G MACs, score ${score.toFixed(4)}`);
  console.log(`opened in ${found.open.toFixed(2)} s, inspected in ${found.inspect.toFixed(2)} s, scored in ${seconds.toFixed(2)} s (median of ${rounds}): ${pass.toFixed(2)} s of it a pass of ${rows} rows, the rest singular values of ${maps} maps and weights`);
  console.log(`the wasm's memory afterwards: ${megabytes(found.memory)}`);
  console.log(`the graph of ${found.layers} layers arranged in ${found.arrange.toFixed(2)} s`);

  if (ort) {
    const runs = await within(page.evaluate(async ({ name, rounds }) => {
      const ort = await import(new URL('/ort/ort.wasm.min.mjs', location.href).href);
      ort.env.wasm.numThreads = 1;
      ort.env.wasm.wasmPaths = new URL('/ort/', location.href).href;
      const session = await ort.InferenceSession.create(new Uint8Array(await (await fetch(`/models/${name}`)).arrayBuffer()), { executionProviders: ['wasm'] });
      const shape = session.inputMetadata[0].shape.map((size) => (typeof size === 'number' ? size : 1));
      const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', new Float32Array(shape.reduce((a, b) => a * b)).fill(0.5), shape) };
      const seconds = [];
      for (let round = 0; round <= rounds; round++) {
        const start = performance.now();
        await session.run(feeds);
        seconds.push((performance.now() - start) / 1e3);
      }
      // The first also warms up.
      return seconds.slice(1);
    }, { name: basename(path), rounds: Number(rounds) }), 'onnxruntime-web', LIMIT);
    const one = median(runs);
    console.log(`onnxruntime-web, one thread, one image: ${one.toFixed(2)} s; a row of the pass takes ${(pass / rows / one).toFixed(2)} times as long, the whole score ${(seconds / one).toFixed(1)} times`);
  }
} finally {
  await browser.close();
  await host.stop();
}
