// Lists as the package runs them: the order is the engine's (`src/run/runner.rs`,
// held against the same lists), the scores are made up.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { scoreAll } from '../../www/dextr/all.js';
import { Engine } from '../../www/dextr/engine.js';

const read = (path) => readFile(new URL(path, import.meta.url));
const compiled = async (name) => WebAssembly.compile(await read(`../../dist/dextr/${name}.wasm`));
const lists = JSON.parse(await read('../lists.json'));
const parts = { first: await compiled('dextr_bg'), rest: await compiled('dextr_rest') };

/** An instance of the engine; JavaScript's part of it is loaded anew for each. */
let instances = 0;
async function open() {
  const own = ++instances;
  const engine = new Engine(() => import(`../../dist/dextr/dextr.js?${own}`));
  await engine.call('open', { parts, device: 'cpu' }, () => true);
  return engine;
}

/** Texts of one letter are architectures, and the case does not matter. */
const parseAll = ({ texts }) => texts.map(({ arch }) => ({
  arch: arch.toLowerCase(), note: arch === arch.toLowerCase() ? null : 'in lower case', fault: arch.startsWith('?') ? { code: 'bad-architecture', message: arch } : null,
}));

/** A device that scores whatever it is given, and the order in which it was. */
function fake(parallel, milliseconds) {
  const asked = [];
  let underWay = 0;
  const dextr = {
    parallel,
    unscored: async ({ arch }) => ({ arch, seed: 0, status: '', message: '' }),
    async score({ arch }, { signal }) {
      asked.push(arch);
      assert.ok(++underWay <= parallel);
      await new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, milliseconds(asked.length));
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          reject({ code: 'cancelled', message: 'Cancelled.' });
        });
      }).finally(() => underWay--);
      if (arch === '!') throw { code: 'out-of-memory', message: arch };
      return { arch, status: 'ok', layers: [1], message: '' };
    },
  };
  return { dextr, asked, idle: () => underWay === 0 };
}

async function all(rows) {
  const given = [];
  for await (const row of rows) given.push(row);
  return given;
}

const engine = await open();
const ask = async (method, argument) => (method === 'parseAll' ? parseAll(argument) : structuredClone(await engine.call(method, argument)));

for (const { what, candidates, computed, rows } of lists) {
  for (const parallel of [1, 3]) {
    test(`${what} (${parallel} at a time)`, async () => {
      // The first ones take longest.
      const { dextr, asked } = fake(parallel, (nth) => 12 - 3 * nth);
      const given = await all(scoreAll(dextr, ask, candidates, { space: 'x' }));
      assert.deepEqual(given.map(({ status, arch }) => (status === 'ok' ? arch : status)), rows);
      assert.deepEqual(given.map(({ index }) => index), rows.map((_, index) => index));
      assert.deepEqual(asked, computed);
      assert.ok(given.every((row) => row.status === 'ok' || (row.seed === 0 && row.message.startsWith('?'))));
      assert.deepEqual(given.map(({ status, message }) => status === 'ok' && message === 'in lower case'), candidates.map((text) => /[A-Z]/.test(text)));
    });
  }
}

test('what cannot be scored is a row, for all that are equal to it', async () => {
  const { dextr, asked } = fake(2, () => 1);
  const given = await all(scoreAll(dextr, ask, ['a', '!', 'b', '!'], { space: 'x' }));
  assert.deepEqual(given.map(({ status, code }) => code ?? status), ['ok', 'out-of-memory', 'ok', 'out-of-memory']);
  assert.deepEqual(asked, ['a', '!', 'b']);
});

test('the same architecture with other settings is another', async () => {
  const { dextr, asked } = fake(2, () => 1);
  await all(scoreAll(dextr, ask, ['a', { arch: 'A', seed: 1 }, { arch: 'a', seed: 1 }, { arch: 'a', space: 'y' }, { arch: 'a', space: 'x' }], { space: 'x' }));
  assert.deepEqual(asked, ['a', 'a', 'a']);
});

test('numbers that JSON has none of are the row of one', async () => {
  const { dextr, asked } = fake(2, () => 1);
  const given = await all(scoreAll(dextr, ask, ['a', { arch: 'b', ids: [1n] }, { arch: 'b', ids: [2n] }, { arch: 'b', ids: [1n] }], { space: 'x' }));
  assert.deepEqual([given.length, asked], [4, ['a', 'b', 'b']]);
});

test('the order outlives the instance that has it, and nothing is scored twice', async () => {
  const candidates = [...'abcabdaeBfgaH?ha'];
  const usual = await all(scoreAll(fake(1, () => 0).dextr, ask, candidates, { space: 'x' }));
  for (const every of [1, 2, 3]) {
    let [steps, now] = [0, await open()];
    const failing = async (method, argument) => {
      if (method !== 'list') return parseAll(argument);
      // One that is given the keys answers; else the list would never get on.
      if (!argument.keys && ++steps % every === 0 && steps < 20) now = await open();
      return structuredClone(await now.call(method, argument));
    };
    const { dextr, asked } = fake(3, (nth) => (nth * 7) % 5);
    assert.deepEqual(await all(scoreAll(dextr, failing, candidates, { space: 'x' })), usual);
    assert.deepEqual(asked.toSorted(), [...'abcdefgh']);
  }
});

test('whoever does not ask for the next row has no more than a few computed', async () => {
  const { dextr, asked, idle } = fake(2, () => 0);
  const rows = scoreAll(dextr, ask, [...'abcdefghijkl'], { space: 'x' });
  assert.equal((await rows.next()).value.arch, 'a');
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.ok(asked.length <= 6 && idle(), asked.join(''));
  await rows.return();
  assert.ok(asked.length <= 6);
});

test('a list that is given up scores nothing more, and a cancelled one ends', async () => {
  const { dextr, asked, idle } = fake(2, (nth) => (nth === 1 ? 0 : 10_000));
  const rows = scoreAll(dextr, ask, [...'abcdef'], { space: 'x' });
  await rows.next();
  await rows.return();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.ok(idle());

  const abort = new AbortController();
  const cut = scoreAll(dextr, ask, [...'uvw'], { space: 'x', signal: abort.signal });
  const next = cut.next();
  setTimeout(() => abort.abort(), 5);
  await assert.rejects(next, ({ code }) => code === 'cancelled');
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.ok(idle() && !asked.includes('w'));
});
