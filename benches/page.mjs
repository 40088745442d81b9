// The page as a visitor meets it, in headless Chromium on the CPU: cold load to
// first paint and first score, the rate over a list, and the memory of a tab
// over many scores. `./build.sh bench page [cells] [scores]`.

import { launch } from '../tests/browser/browsers.mjs';
import { startServer } from '../tests/browser/site.mjs';

const [cells = 200, scores = 1000] = process.argv.slice(2).map(Number);
const ROUNDS = 3;
const CONNECTIONS = { 'this machine': null, '40 ms and 20 Mbit/s': { latency: 40, downloadThroughput: 2.5e6, uploadThroughput: 6e5 } };
const SMALL = { space: 'nasbench201', options: { stem_width: 4, cells: 1, size: 8 }, curves: 1 };

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const server = await startServer();
const browser = await launch({ webgpu: false });
try {
  for (const [connection, conditions] of Object.entries(CONNECTIONS)) {
    const loads = [];
    for (let round = 0; round < ROUNDS; round++) {
      // A context of its own has an empty cache.
      const context = await browser.newContext();
      const page = await context.newPage();
      if (conditions) {
        const session = await context.newCDPSession(page);
        await session.send('Network.enable');
        await session.send('Network.emulateNetworkConditions', { offline: false, ...conditions });
      }
      // Seen in the page: a locator looks again after longer and longer pauses.
      await page.addInitScript(() => {
        new MutationObserver((_, observer) => {
          if (!document.querySelector('#answer .score data')) return;
          globalThis.firstScore = performance.now();
          observer.disconnect();
        }).observe(document, { childList: true, subtree: true });
      });
      await page.goto(`${server.site}?device=cpu`);
      await page.locator('#answer .score data').waitFor({ timeout: 60_000 });
      loads.push(await page.evaluate(() => ({
        paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
        score: globalThis.firstScore,
      })));
      await context.close();
    }
    console.log(`cold load, ${connection}, median of ${ROUNDS}: first paint ${median(loads.map(({ paint }) => paint)).toFixed(0)} ms, first score ${median(loads.map(({ score }) => score)).toFixed(0)} ms`);
  }

  const page = await browser.newPage();
  await page.goto(`${server.site}?device=cpu&live=off`);
  const { seconds, done } = await page.evaluate(async (count) => {
    const { Dextr } = await import(new URL('dextr/index.js', document.baseURI).href);
    const dextr = await Dextr.load({ device: 'cpu' });
    const list = await Promise.all(Array.from({ length: count }, (_, seed) => dextr.sample('nasbench201', seed)));
    const start = performance.now();
    let done = 0;
    for await (const { status } of dextr.scoreAll(list, { space: 'nasbench201' })) done += status === 'error' ? 0 : 1;
    const seconds = (performance.now() - start) / 1e3;
    dextr.dispose();
    return { seconds, done };
  }, cells);
  console.log(`${done} of ${cells} random cells of NAS-Bench-201: ${seconds.toFixed(1)} s, ${(done / seconds).toFixed(2)} a second`);

  // On the page's own thread, where the wasm's memory can be seen.
  const single = await browser.newPage();
  await single.addInitScript(() => {
    delete globalThis.Worker;
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = async (...given) => {
      const result = await instantiate(...given);
      // The second part has no memory of its own.
      globalThis.engineMemory = (result.instance ?? result).exports.memory ?? globalThis.engineMemory;
      return result;
    };
  });
  await single.goto(`${server.site}?device=cpu&live=off`);
  await single.getByRole('status').filter({ hasText: 'Ready.' }).waitFor();
  const session = await single.context().newCDPSession(single);
  await single.evaluate(async () => {
    const { Dextr } = await import(new URL('dextr/index.js', document.baseURI).href);
    globalThis.dextr = await Dextr.load({ device: 'cpu' });
  });
  const report = async (done) => {
    await session.send('HeapProfiler.collectGarbage');
    const { wasm, heap } = await single.evaluate(() => ({ wasm: globalThis.engineMemory.buffer.byteLength, heap: performance.memory.usedJSHeapSize }));
    console.log(`after ${done} scores: wasm ${(wasm / 1e6).toFixed(2)} MB, JavaScript ${(heap / 1e6).toFixed(2)} MB`);
  };
  await report(0);
  for (let done = 0; done < scores;) {
    const count = Math.min(scores - done, Math.ceil(scores / 4));
    await single.evaluate(async ({ request, done, count }) => {
      for (let seed = done; seed < done + count; seed++) await globalThis.dextr.score({ ...request, seed });
    }, { request: { ...SMALL, arch: '|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|nor_conv_3x3~1|avg_pool_3x3~2|' }, done, count });
    done += count;
    await report(done);
  }
} finally {
  await browser.close();
  await server.stop();
}
