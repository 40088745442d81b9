// The engine comes in two parts: a first visit fetches one of them, and what
// asks for more gets the other, or hears why not.
import assert from 'node:assert/strict';
import test from 'node:test';
import { BEST, browserTests, SPACE, within } from './harness.mjs';

const tests = browserTests({ webgpu: false });
const REQUEST = { space: SPACE, arch: BEST, options: { stem_width: 4, cells: 1, size: 8 }, curves: 1 };

/** A page of the site with the client as `dextr`, and the parts that it asked for. */
async function client(context, setUp = () => {}) {
  const page = await tests.blank(context);
  const parts = [];
  page.on('request', (request) => request.url().endsWith('.wasm') && parts.push(request.url().split('/').pop()));
  await page.route('**/test/client', (route) => route.fulfill({ body: '<!doctype html>', contentType: 'text/html' }));
  await setUp(page);
  await page.goto(`${tests.site}test/client`);
  const run = (code, argument) => within(page.evaluate(code, argument), 'the client');
  await run(async () => {
    const { Dextr } = await import(new URL('../dextr/index.js', location.href).href);
    globalThis.dextr = await Dextr.load({ device: 'cpu', workers: 1 });
  });
  return { page, parts, run };
}

/** What a list is read as, or the fault. */
const list = () => globalThis.dextr.readList('arch\n(4,0,3,1,4,3)\n', 'nasbench201').then(({ items }) => items.length, ({ code, message, where }) => ({ code, message, where }));

test('a score and a typo fetch the first part alone, a list the second, once', async (context) => {
  const { parts, run } = await client(context);
  const before = await run((request) => globalThis.dextr.score(request).then(({ score }) => score), REQUEST);
  const typo = { ...REQUEST, arch: BEST.replace('nor_conv', 'nor_konv') };
  assert.equal(await run((request) => globalThis.dextr.score(request).catch(({ code }) => code), typo), 'bad-architecture');
  assert.deepEqual(parts, ['dextr_bg.wasm']);
  assert.equal(await run(list), 1);
  assert.equal(await run(list), 1);
  assert.deepEqual(parts, ['dextr_bg.wasm', 'dextr_rest.wasm']);
  // The second part changes no number of the first.
  assert.equal(await run((request) => globalThis.dextr.score(request).then(({ score }) => score), REQUEST), before);
});

test('without the second part scores go on, and it is asked for again', async (context) => {
  let there = false;
  const { run } = await client(context, (page) => page.route('**/dextr_rest.wasm', (route) => (there ? route.continue() : route.fulfill({ status: 404, body: '' }))));
  const fault = await run(list);
  assert.equal(fault.code, 'load-failed');
  assert.match(fault.message, /404/);
  assert.match(fault.where, /dextr_rest\.wasm$/);
  assert.ok(await run((request) => globalThis.dextr.score(request).then(({ score }) => score), REQUEST) > 0);
  there = true;
  assert.equal(await run(list), 1);
});

/** A worker of the engine that is asked for something of the second part without having been given it. */
async function surprised(context, address) {
  const page = await tests.blank(context);
  await page.route('**/test/client', (route) => route.fulfill({ body: '<!doctype html>', contentType: 'text/html' }));
  await page.goto(`${tests.site}test/client`);
  return within(page.evaluate(async (address) => {
    const at = (path) => new URL(path, location.href);
    const worker = new Worker(at('../dextr/worker.js'), { type: 'module' });
    const heard = () => new Promise((resolve) => worker.addEventListener('message', ({ data }) => resolve(data), { once: true }));
    await heard();
    const answers = [];
    const first = await WebAssembly.compileStreaming(fetch(at('../dextr/dextr_bg.wasm')));
    for (const [method, argument] of [['open', { parts: { first, address: at(address).href }, device: 'cpu' }], ['readList', { text: '(4,0,3,1,4,3)', space: 'nasbench201', wishes: {} }]]) {
      const answer = heard();
      worker.postMessage({ id: answers.length, method, argument });
      answers.push(await answer);
    }
    const last = answers[1];
    return { rows: last.value?.items.length, fault: last.error ?? last.broken };
  }, address), 'the worker');
}

test('a call that nobody foresaw fetches the second part itself', async (context) => {
  assert.equal((await surprised(context, '../dextr/dextr_rest.wasm')).rows, 1);
});

test('where it cannot, the fault says what is missing', async (context) => {
  const { fault } = await surprised(context, '../dextr/none.wasm');
  assert.equal(fault.code, 'load-failed');
  assert.match(`${fault.message} ${fault.where}`, /second part could not be fetched: the server answered 404.*none\.wasm/);
});
