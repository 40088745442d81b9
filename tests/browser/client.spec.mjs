// The JavaScript client around an engine that fails in every way it can: the
// instance is replaced, the item tried once more, and nothing hangs.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { browserTests, within } from './harness.mjs';

const tests = browserTests();
const faulty = await readFile(new URL('./faulty-engine.mjs', import.meta.url), 'utf8');
const EMPTY_MODULE = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

/** A page with a client of the faulty engine, as `dextr` in its global scope. */
async function client(context, { worker = true, workers = 1 } = {}) {
  const page = await tests.blank(context);
  let instances = 0;
  await page.route('**/dextr/dextr.js*', (route) => route.fulfill({ body: faulty, contentType: 'text/javascript' }));
  await page.route('**/dextr/dextr_*.wasm', (route) => route.fulfill({ body: EMPTY_MODULE, contentType: 'application/wasm' }));
  await page.route('**/test/instance', (route) => route.fulfill({ body: String(++instances) }));
  await page.route('**/test/client', (route) => route.fulfill({ body: '<!doctype html>', contentType: 'text/html' }));
  await page.goto(`${tests.site}test/client`);
  const run = (code, argument) => within(page.evaluate(code, argument), 'the client');
  await run(async ([worker, workers]) => {
    if (!worker) delete globalThis.Worker;
    const { Dextr } = await import(new URL('../dextr/index.js', location.href).href);
    const dextr = await Dextr.load({ device: 'cpu', workers });
    /** The result, or what a DextrError says. */
    globalThis.score = (arch, options) => dextr.score({ space: 'any', arch }, options).catch((error) => ({ name: error.name, ...error }));
    globalThis.dextr = dextr;
  }, [worker, workers]);
  return { run, score: (arch) => run((arch) => globalThis.score(arch), arch) };
}

for (const worker of [true, false]) {
  const place = worker ? 'in a worker' : 'on the page';

  test(`a trap replaces the instance and the item is tried again, ${place}`, async (context) => {
    const { score } = await client(context, { worker });
    assert.deepEqual(await score('traps once'), { arch: 'traps once', instance: 2 });
    assert.deepEqual(await score('fine'), { arch: 'fine', instance: 2 });
  });

  test(`a trap that no call reports is noticed, ${place}`, async (context) => {
    const { score } = await client(context, { worker });
    assert.deepEqual(await score('traps unheard once'), { arch: 'traps unheard once', instance: 2 });
  });

  test(`a model file is read once for all of its scores, and again by a new instance, ${place}`, async (context) => {
    const { run } = await client(context, { worker });
    const scores = await run(async () => {
      const { dextr } = globalThis;
      const [fine, bad] = [await dextr.open(new Blob(['a model']), { name: 'fine' }), await dextr.open(new Blob(['another']), { name: 'traps once' })];
      return [await dextr.score({ model: fine }), await dextr.score({ model: fine, seed: 1 }), await dextr.score({ model: bad }), await dextr.score({ model: fine })];
    });
    // Opening reads each; the first is read again after the second.
    assert.deepEqual(scores.map(({ arch, instance, read, files }) => [arch, instance, read, files]), [
      ['fine', 1, 'a model', 3], ['fine', 1, 'a model', 3], ['traps once', 2, 'another', 1], ['fine', 2, 'a model', 2],
    ]);
  });

  test(`a second trap is a typed error, and the next item works, ${place}`, async (context) => {
    const { score } = await client(context, { worker });
    const { name, code } = await score('traps always');
    assert.deepEqual([name, code], ['DextrError', 'internal']);
    assert.deepEqual(await score('fine'), { arch: 'fine', instance: 3 });
  });

  test(`a cancelled run stops, and the instance goes on, ${place}`, async (context) => {
    const { run, score } = await client(context, { worker });
    const { code } = await run(() => {
      const abort = new AbortController();
      return globalThis.score('fine', { signal: abort.signal, onProgress: () => abort.abort() });
    });
    assert.equal(code, 'cancelled');
    assert.deepEqual(await score('fine'), { arch: 'fine', instance: 1 });
  });
}

test('memory that is out is told from a bug', async (context) => {
  const { score } = await client(context);
  const codes = [(await score('finds no memory')).code, (await score('recurses')).code];
  assert.deepEqual(codes, ['out-of-memory', 'internal']);
});

test('the core’s own errors come through whole', async (context) => {
  const { score } = await client(context);
  assert.deepEqual(await score('refuses'), { name: 'DextrError', code: 'bad-architecture', where: 'character 3', hint: 'Yes.' });
});

test('a run that does not react to cancelling is ended with its worker', async (context) => {
  const { run, score } = await client(context);
  const { code } = await run(() => globalThis.score('never steps', { signal: AbortSignal.timeout(100) }));
  assert.equal(code, 'cancelled');
  assert.deepEqual(await score('fine'), { arch: 'fine', instance: 2 });
});

test('scores asked for together wait their turn, and calls after a crash share one new instance', async (context) => {
  const { run } = await client(context);
  const results = await run(() => Promise.all([
    globalThis.score('traps once'), globalThis.score('fine'), globalThis.dextr.canonical('any', 'text'), globalThis.dextr.inspect({ arch: 'text' }),
  ]));
  assert.deepEqual(results, [{ arch: 'traps once', instance: 2 }, { arch: 'fine', instance: 2 }, 'text', { arch: 'text' }]);
});

test('several workers: what breaks one is its own, what waits is shared out, and all are given back', async (context) => {
  const { run } = await client(context, { workers: 3 });
  const results = await run(() => Promise.all(['traps once', 'fine', 'fine', 'fine', 'fine'].map((arch) => globalThis.score(arch))));
  // The first instance is replaced by another; the others do not hear of it.
  assert.deepEqual(results.map(({ arch }) => arch), ['traps once', 'fine', 'fine', 'fine', 'fine']);
  const used = new Set(results.map(({ instance }) => instance));
  assert.ok(used.size === 3 && !used.has(1) && Math.max(...used) === 4, [...used].join());
  assert.equal(await run(() => globalThis.dextr.parallel), 3);
  // One after the other, one of them is enough.
  assert.equal((await run(() => globalThis.score('fine'))).instance, results[0].instance);
  const codes = await run(() => {
    const scores = ['fine', 'fine', 'fine'].map((arch) => globalThis.score(arch));
    globalThis.dextr.dispose();
    return Promise.all(scores.map((score) => score.then(({ code }) => code)));
  });
  assert.deepEqual(codes, ['disposed', 'disposed', 'disposed']);
});

test('on the page itself there is one instance, however many workers are asked for', async (context) => {
  const { run } = await client(context, { worker: false, workers: 4 });
  const results = await run(() => Promise.all(['fine', 'fine'].map((arch) => globalThis.score(arch))));
  assert.deepEqual(results.map(({ instance }) => instance), [1, 1]);
  assert.equal(await run(() => globalThis.dextr.parallel), 1);
});

test('where several find no memory beside each other, they take turns', async (context) => {
  const { run } = await client(context, { workers: 2 });
  const results = await run(() => Promise.all(['fine', 'has no room beside others', 'fine'].map((arch) => globalThis.score(arch))));
  assert.deepEqual(results.map(({ arch }) => arch), ['fine', 'has no room beside others', 'fine']);
  assert.equal(await run(() => globalThis.dextr.parallel), 1);
});

test('an urgent score goes before what waits', async (context) => {
  const { run } = await client(context);
  const order = await run(async () => {
    const order = [];
    const score = (name, options) => globalThis.score('fine', options).then(() => order.push(name));
    await Promise.all([score('first'), score('second'), score('third'), score('urgent', { urgent: true })]);
    return order;
  });
  assert.deepEqual(order, ['first', 'urgent', 'second', 'third']);
});

test('after dispose every call fails', async (context) => {
  const { run } = await client(context);
  const { code } = await run(() => {
    globalThis.dextr.dispose();
    return globalThis.score('fine');
  });
  assert.equal(code, 'disposed');
});
