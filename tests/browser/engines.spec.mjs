// Firefox and WebKit, other people's engines: what a visitor does most, on the
// CPU; and the second implementation of WebGPU, which is Firefox's.
/* global engine -- in the page */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Dextr } from '../../dist/npm/index.js';
import { fill, open, press, score, shown, status, until } from './anytab.mjs';
import { launchFirefox, launchWebKit } from './browsers.mjs';
import { BEST, golden, SPACE } from './harness.mjs';
import { copiedSite, elementsShown, hosts } from './hosts.mjs';
import { followPlan, sayNothing, spoilDevice, workerAfter } from './sabotage.mjs';
import { root } from './site.mjs';

const SMALL = { space: SPACE, options: { stem_width: 4, cells: 1, size: 8 }, curves: 1 };
const small = '#set.stem_width=4&set.cells=1&set.size=8&curves=1';
const OTHER = '|nor_conv_1x1~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_3x3~2|';
const fixture = (name) => join(root, 'tests/onnx', `${name}.onnx`);

/** Node's engine, whose numbers the others must have too. */
let reference;
before(async () => {
  reference = await Dextr.load({ device: 'cpu' });
});
after(() => reference?.dispose());

const ENGINES = [
  { name: 'Firefox', start: launchFirefox, automatic: /CPU \(WebAssembly\), because the only adapter is a software one/ },
  { name: 'WebKit', start: launchWebKit, automatic: /CPU \(WebAssembly\), because this browser has no WebGPU/ },
];

const page = (...body) => `<!doctype html><meta charset="utf-8"><title>A page</title>${body.join('\n')}`;

for (const { name, start, automatic } of ENGINES) {
  describe(name, () => {
    let host;
    let opened;
    let tab;
    before(async () => {
      host = await hosts({
        '/element': page('<script type="module" src="/dist/dextr/element.js"></script>', `<dextr-score space="${SPACE}" arch="${BEST}"></dextr-score>`, `<dextr-score src="/onnx/residual.onnx"></dextr-score>`),
        '/blank': page(),
      }, { '/probe/': join(root, 'target/probe'), '/golden/': golden, '/onnx/': join(root, 'tests/onnx') });
      opened = await start();
      tab = opened.tab;
    });
    after(async () => {
      await opened?.close();
      await host?.stop();
    });

    test('the first cell of the page, without a click', async () => {
      const line = await open(tab, `${host.origin}/dist/`);
      assert.match(line, automatic);
      const answer = await shown(tab);
      assert.equal(answer.text, '2.1749');
      assert.equal(answer.value, (await reference.score({ space: SPACE, arch: BEST })).score);
    });

    test('a list, which is there again when the page is', async (context) => {
      // A site of its own has no rows of before.
      const site = await hosts({});
      context.after(site.stop);
      const address = `${site.origin}/dist/?device=cpu&live=off${small}`;
      await open(tab, address);
      await fill(tab, 'Many architectures', `arch,accuracy\n${BEST},94\n${OTHER},91\nno cell,1\n${BEST},94\n`);
      await press(tab, 'Score the list');
      const counted = () => until(tab, 'four rows', () => document.querySelector('#list .progress')?.hidden && /^4 rows/.test(document.querySelector('#list .counted')?.textContent)
        && [...document.querySelectorAll('#list .list-table tbody tr[aria-rowindex]')].map(({ textContent }) => textContent));
      const rows = await counted();
      const [best, other] = await Promise.all([BEST, OTHER].map((arch) => reference.score({ ...SMALL, arch })));
      [other, best, best, null].forEach((expected, index) => assert.ok(rows[index].includes(expected?.score.toFixed(4) ?? 'error'), `${rows[index]}: not ${expected?.score}`));
      await open(tab, address);
      assert.deepEqual(await counted(), rows);
    });

    test('a model file', async () => {
      await open(tab, `${host.origin}/dist/?device=cpu&live=off`);
      await tab.files('input[type=file][multiple]', [fixture('residual')]);
      await until(tab, 'the model', () => /2,930 parameters/.test(document.querySelector('.model .size')?.textContent));
      const expected = await reference.open(fixture('residual'));
      assert.equal((await score(tab)).value, (await reference.score({ model: expected })).score);
      // The graph is arranged in a worker of its own.
      assert.equal(await until(tab, 'the graph', () => document.querySelectorAll('[role=group][aria-label*="layers from the input"] [role=button]').length), 21);
    });

    test('the element, with a cell and with a file', async () => {
      await tab.goto(`${host.origin}/element`);
      await until(tab, 'the elements', () => [...document.querySelectorAll('dextr-score')].every(({ state }) => state && !['waiting', 'running'].includes(state)));
      const [cell, file] = await tab.run(elementsShown);
      assert.deepEqual([cell.state, cell.score, file.state, file.score], ['done', '2.175', 'done', '0.6828'], `${cell.text.slice(0, 200)}\n${file.text.slice(0, 200)}`);
      assert.ok(cell.bars > 50, `${cell.bars} bars`);
    });

    test('a cancelled run says so, and the next one works', async () => {
      await open(tab, `${host.origin}/dist/?device=cpu&live=off#seeds=100`);
      await press(tab, 'Score');
      await until(tab, 'steps', () => /Step \d+ of \d+/.test(document.querySelector('#run').textContent));
      await press(tab, 'Cancel');
      await status(tab, /^Cancelled/);
      assert.equal(await tab.run(() => document.querySelectorAll('#answer .score').length), 0);
      await fill(tab, 'Number of seeds', '1');
      assert.equal((await score(tab)).text, '2.1749');
    });

    test('the second visit works with the server gone', async (context) => {
      const { address, stop } = await copiedSite(context);
      const visit = `${address}?device=cpu&live=off${small}`;
      await open(tab, visit);
      await until(tab, 'the service worker', () => navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null));
      const { value } = await score(tab);
      await stop();
      await assert.rejects(fetch(address), 'the server is gone');
      await open(tab, visit);
      assert.equal((await score(tab)).value, value);
    });

    if (name !== 'Firefox') return;

    /** What the engine alone gives on WebGPU, and on the CPU. */
    async function probe(code, argument) {
      await tab.goto(`${host.origin}/blank`);
      await tab.run(async () => {
        if (!(await navigator.gpu?.requestAdapter())) throw new Error('Firefox offers no WebGPU adapter: these tests need one (VK_ICD_FILENAMES)');
        globalThis.engine = await import(`${location.origin}/probe/dextr.js`);
        await globalThis.engine.default({ module_or_path: `${location.origin}/probe/dextr_bg.wasm` });
      });
      return tab.run(code, argument);
    }

    test('WebGPU: a golden case', async () => {
      const { cases } = JSON.parse(await readFile(join(golden, 'manifest.json'), 'utf8'));
      const best = cases.find((entry) => entry.name === 'best');
      const request = {
        space: SPACE, arch: best.arch, protocol: 'refined', observe: 'flow',
        options: { stem_width: best.C, cells: best.N, classes: best.classes, size: 32, affine: String(best.affine_bn) },
      };
      const { kind, found } = await probe(async ([request, file]) => {
        const bytes = new Uint8Array(await (await fetch(`/golden/${file}`)).arrayBuffer());
        const session = await engine.Session.open('webgpu');
        return { kind: session.device().kind, found: await session.score_with(request, bytes) };
      }, [request, best.file]);
      assert.deepEqual([kind, found.status], ['webgpu', 'ok']);
      assert.ok(Math.abs(found.score / best.refined.score - 1) <= 0.005, `score ${found.score} instead of ${best.refined.score}`);
      assert.deepEqual(found.layers.map(({ name }) => name), best.refined.observed.map(({ name }) => name));
      best.refined.observed.forEach(({ name, ratio }, index) => {
        assert.ok(Math.abs(found.layers[index].ratio - ratio) <= 1e-5, `${name}: ratio ${found.layers[index].ratio} instead of ${ratio}`);
      });
    });

    /** The client on an empty page of a site whose workers run `codes` first, as `dextr`, with the device asked for. */
    async function client(context, device, codes, plan = []) {
      const worker = { body: workerAfter(codes, '/itself/worker.js'), type: 'text/javascript' };
      const site = await hosts({ '/blank': page(), '/dist/dextr/worker.js': worker }, { '/itself/': join(root, 'dist/dextr') });
      context.after(site.stop);
      await tab.goto(`${site.origin}/blank`);
      await tab.run(followPlan, plan);
      return tab.run(async (device) => {
        const { Dextr } = await import(`${location.origin}/dist/dextr/index.js`);
        globalThis.dextr = await Dextr.load({ device });
        return globalThis.dextr.device;
      }, device);
    }

    test('WebGPU: a map without full rank', async (context) => {
      const { kind } = await client(context, 'webgpu', []);
      assert.equal(kind, 'webgpu');
      const bytes = [...await readFile(join(root, 'tests/onnx/trials/svd_96_20.onnx'))];
      const [gpu, cpu] = await tab.run(async (bytes) => {
        const { Dextr } = await import(`${location.origin}/dist/dextr/index.js`);
        const scores = [];
        for (const dextr of [globalThis.dextr, await Dextr.load({ device: 'cpu' })]) {
          const model = await dextr.open(new Uint8Array(bytes), { name: 'svd' });
          for (const seed of [3, 8]) scores.push(await dextr.score({ model, seed }));
        }
        return [scores.slice(0, 2), scores.slice(2)];
      }, bytes);
      gpu.forEach((found, index) => {
        const expected = cpu[index];
        assert.deepEqual([found.status, found.device, expected.device], [expected.status, 'webgpu', 'cpu'], found.message);
        assert.ok(Math.abs(found.score - expected.score) <= 0.005 * expected.score, `${found.score} instead of ${expected.score}`);
        assert.ok(expected.layers.some(({ shape: [channels], ratio }) => channels >= 96 && ratio < 1e-5), 'a map without full rank');
        found.layers.forEach(({ name, ratio }, at) => assert.ok(Math.abs(ratio - expected.layers[at].ratio) < 1e-5, `${name}: ratio ${ratio} instead of ${expected.layers[at].ratio}`));
      });
    });

    test('WebGPU: a lost device is replaced and the score tried again; lost twice, it is an error', async (context) => {
      await client(context, 'webgpu', [spoilDevice], ['lost', null, 'lost', 'lost']);
      const scores = await tab.run(async (request) => {
        const scores = [];
        for (let run = 0; run < 2; run++) scores.push(await globalThis.dextr.score(request).catch(({ code, message }) => ({ code, message })));
        return scores;
      }, { ...SMALL, arch: BEST });
      const [again, failed] = scores;
      const expected = await reference.score({ ...SMALL, arch: BEST });
      assert.equal(again.device, 'webgpu', JSON.stringify(again));
      assert.ok(Math.abs(again.score / expected.score - 1) < 0.005, `${again.score} instead of ${expected.score}`);
      assert.equal(failed.code, 'device-lost');
      assert.match(failed.message, /^The GPU was lost/);
    });

    test('an adapter that says nothing about itself is timed, and software is not taken', async (context) => {
      const { kind, reason, message } = await client(context, 'auto', [sayNothing]);
      assert.deepEqual([kind, reason], ['cpu', 'slow-adapter']);
      assert.match(message, /does not say what it is and took \d+ times as long as the CPU/);
      const asked = await client(context, 'webgpu', [sayNothing]);
      assert.deepEqual([asked.kind, asked.name], ['webgpu', 'WebGPU']);
    });
  });
}
