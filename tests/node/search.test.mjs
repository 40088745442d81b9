// Searches by the built package, against the command line.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { Dextr } from '../../dist/npm/index.js';

const small = { space: 'nasbench201', options: { stem_width: 4, cells: 1, size: 8 }, curves: 1 };
const searches = [
  { strategy: 'random', candidates: 12, aim: 's*params', maxParams: '0.012M', against: 'macs' },
  { strategy: 'evolution', candidates: 16, population: 6, sample: 3, lag: 2, aim: 's' },
  { strategy: 'local', candidates: 16, starts: 2, aim: '-params' },
  { strategy: 'cascade', candidates: 8, stages: ['naswot:3', 'dextr@2'] },
];

async function all(dextr, request, options) {
  const steps = [];
  for await (const step of dextr.search({ ...small, ...request }, options)) steps.push(step);
  const rows = steps.flatMap(({ rows }) => rows).sort((a, b) => a.step - b.step);
  return { steps, rows, last: steps.at(-1) };
}

/** The command line's rows. */
async function native(request) {
  const flags = Object.entries({ curves: 1, ...request }).map(([name, value]) => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}=${value}`);
  const set = Object.entries(small.options).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const args = ['search', '--space', small.space, ...set, '--device', 'cpu', '--format', 'json', ...flags];
  const { stdout } = await promisify(execFile)(new URL('../../target/release/dextr', import.meta.url).pathname, args);
  return stdout.trim().split('\n').map((line) => JSON.parse(line));
}

test('the same candidates and the same best as the command line', async (context) => {
  const dextr = await Dextr.load();
  context.after(() => dextr.dispose());
  for (const request of searches) {
    const { rows, last } = await all(dextr, request);
    const expected = await native(request);
    assert.deepEqual(rows.map(({ step, round, arch, seeds, proxies }) => ({ step, round, arch, seeds, proxies })),
      expected.map(({ step, round, arch, seeds, proxies }) => ({ step, round, arch, seeds, proxies })));
    for (const [i, { aim }] of rows.entries()) assert.ok(Math.abs(aim - expected[i].aim) <= 1e-4 * Math.abs(aim), `${aim} ${expected[i].aim}`);
    assert.equal(last.done, last.total);
    const final = expected.filter(({ proxies }) => proxies === expected.at(-1).proxies);
    const best = final.reduce((a, b) => (b.aim > a.aim ? b : a));
    assert.equal(last.best[0].arch, best.arch);
    assert.equal(last.front.length > 0, 'against' in request);
  }
});

test('a search that was cancelled goes on from its state as if it had not been', async (context) => {
  const dextr = await Dextr.load();
  context.after(() => dextr.dispose());
  for (const request of searches) {
    const whole = await all(dextr, request);
    const rows = [];
    let state;
    let sittings = 0;
    for (let done = false; !done; sittings += 1) {
      const abort = new AbortController();
      try {
        for await (const step of dextr.search({ ...small, ...request }, { signal: abort.signal, state })) {
          rows.push(...step.rows);
          // What is stored is text.
          state = JSON.parse(JSON.stringify(step.state));
          done = step.done === step.total;
          if (step.rows.length) abort.abort();
        }
      } catch (error) {
        assert.equal(error.code, 'cancelled');
      }
    }
    assert.ok(sittings > 2, `${sittings} sittings`);
    rows.sort((a, b) => a.step - b.step);
    const told = (all) => all.map(({ step, arch, aim }) => ({ step, arch, aim }));
    assert.deepEqual(told(rows), told(whole.rows));
    const end = await all(dextr, request, { state });
    assert.deepEqual([end.last.best, end.last.front], [whole.last.best, whole.last.front]);
    assert.equal(end.rows.length, 0);
  }
});

/** What a cell comes to, made up. */
const accuracy = (arch) => 20 + 8 * arch.split('conv_3x3').length + 3 * arch.split('conv_1x1').length + arch.split('skip').length;

test('a search that is told accuracies asks for what the command line asks for', async (context) => {
  const dextr = await Dextr.load();
  context.after(() => dextr.dispose());
  const request = { strategy: 'optiproxy', preset: 'light', warm: 'params:8', candidates: 9, first: 4, each: 3 };
  const asked = [];
  const train = async ({ waiting }) => {
    asked.push(waiting.length);
    // One of them each time, or all; and some are wrong.
    const some = asked.length % 2 ? waiting.slice(0, 2) : waiting;
    return [...some.map(({ arch }) => ({ arch, accuracy: accuracy(arch) })), { arch: waiting.at(-1).arch, accuracy: 940 }];
  };
  const { rows, last } = await all(dextr, request, { train });
  assert.deepEqual([last.done, last.total, rows.length], [17, 17, 17]);
  const told = rows.slice(8);
  assert.ok(told.every(({ arch, aim, params }) => aim === accuracy(arch) && params > 0));
  assert.equal(last.best[0].aim, Math.max(...told.map(({ aim }) => aim)));
  // The same from a table.
  const folder = await mkdtemp(join(tmpdir(), 'dextr-'));
  context.after(() => rm(folder, { recursive: true }));
  const known = join(folder, 'known.csv');
  await writeFile(known, ['arch,accuracy', ...told.map(({ arch }) => `${arch},${accuracy(arch)}`)].join('\n'));
  const expected = await native({ ...request, known });
  assert.deepEqual(rows.map(({ step, round, arch }) => ({ step, round, arch })), expected.map(({ step, round, arch }) => ({ step, round, arch })));
  await assert.rejects(all(dextr, { ...request, warm: undefined }), ({ code, hint }) => code === 'usage' && /train/.test(hint));
  const wrong = [];
  const once = async ({ waiting, taken }) => {
    wrong.push(...taken.map(({ fault }) => fault?.code ?? null));
    if (wrong.length > 0) throw new Error('enough');
    return [{ arch: waiting[0].arch, accuracy: 940 }, { arch: '|nor|', accuracy: 50 }, { arch: waiting[0].arch, accuracy: 50 }];
  };
  await assert.rejects(all(dextr, { ...request, warm: undefined }, { train: once }), /enough/);
  assert.deepEqual(wrong, ['bad-search', 'bad-architecture', null]);
});

test('what makes no sense is a typed error', async (context) => {
  const dextr = await Dextr.load();
  context.after(() => dextr.dispose());
  const fails = (request, code, part, options) => assert.rejects(all(dextr, request, options), (error) => {
    assert.equal(error.code, code, error.message);
    assert.match(`${error.message} ${error.where} ${error.hint}`, part);
    return true;
  });
  await fails({ candidates: 0 }, 'bad-option', /candidates/);
  await fails({ maxParams: 10 }, 'bad-option', /max-params.*4894 parameters/);
  await fails({ strategy: 'annealing' }, 'unknown-name', /evolution/);
  await fails({ strategy: 'projection', space: 'nats-size' }, 'usage', /nats-size has none.*nasbench201, darts/);
  await fails({ strategy: 'projection', maxParams: '5M' }, 'usage', /knows no limits/);
  await fails({ space: 'onnx' }, 'usage', /no space/);
  await fails({ budget: 5 }, 'unknown-name', /budget/);
  await fails({ stages: 's:1,k' }, 'usage', /cascade/);
  const { last } = await all(dextr, { candidates: 2, aim: 'params' });
  await fails({ candidates: 3, aim: 'params' }, 'bad-search', /candidates is 2/, { state: last.state });
  await fails({ candidates: 2, aim: 'params', weightSeed: 1 }, 'bad-search', /measure/, { state: last.state });
  await fails({ candidates: 2, aim: 'params' }, 'bad-search', /no state/, { state: '{}' });
  const abort = AbortSignal.abort();
  await fails({ candidates: 2 }, 'cancelled', /ancel/, { signal: abort });
  assert.equal((await all(dextr, { candidates: 2, aim: 'params' })).rows.length, 2, 'the instance is as good as new');
});

test('what was found is taken away as a file that scores what its text scores', async (context) => {
  const dextr = await Dextr.load();
  context.after(() => dextr.dispose());
  const { last } = await all(dextr, { candidates: 3, aim: 's' });
  const request = { ...small, arch: last.best[0].arch, seed: 5, observe: 'flow' };
  const bytes = await dextr.export(request);
  const model = await dextr.open(bytes, { name: 'best.onnx', weights: 'file' });
  assert.deepEqual([model.info.opset, model.info.inputs], [17, [{ name: 'image', shape: [1, 3, 8, 8] }]]);
  const [text, file] = [await dextr.score(request), await dextr.score({ model, curves: 1, seed: 5, observe: 'flow' })];
  assert.equal(file.params, text.params);
  assert.ok(Math.abs(file.score / text.score - 1) < 1e-5, `${file.score} ${text.score}`);
  await assert.rejects(dextr.export({ ...small, arch: '|nor|' }), ({ code, where }) => code === 'bad-architecture' && where === 'character 2');
});
