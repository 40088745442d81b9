// The package in plain Node, on the CPU.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { emptyProject, execute, root } from './project.mjs';

const golden = join(root, 'tests/golden');
let project;
before(async () => {
  project = await emptyProject();
});
after(() => project?.remove());

/** What a script in the project prints, as JSON. */
async function run(source, ...args) {
  const script = join(project.folder, 'script.mjs');
  await writeFile(script, source);
  const { stdout } = await execute('node', [script, ...args], { cwd: project.folder });
  return JSON.parse(stdout);
}

test('a golden case scores what the reference says', async () => {
  const { cases } = JSON.parse(await readFile(join(golden, 'manifest.json'), 'utf8'));
  const best = cases.find(({ name }) => name === 'best');
  const request = {
    space: 'nasbench201', arch: best.arch, observe: 'flow',
    options: { stem_width: best.C, cells: best.N, classes: best.classes, size: 32, affine: String(best.affine_bn) },
  };
  const score = await run(`
    import { readFile } from 'node:fs/promises';
    import init, { Session } from './node_modules/dextr/dextr/dextr.js';
    await init({ module_or_path: await readFile(new URL(import.meta.resolve('dextr/dextr_bg.wasm'))) });
    const session = await Session.open('cpu');
    console.log(JSON.stringify(await session.score_with(JSON.parse(process.argv[2]), await readFile(process.argv[3]))));
  `, JSON.stringify(request), join(golden, best.file));
  assert.equal(score.status, 'ok');
  assert.ok(Math.abs(score.score / best.refined.score - 1) <= 0.005, `${score.score} instead of ${best.refined.score}`);
  best.refined.observed.forEach(({ name, ratio }, index) => {
    assert.ok(Math.abs(score.layers[index].ratio - ratio) <= 1e-6, `${name}: ${score.layers[index].ratio} instead of ${ratio}`);
  });
});

test('the API: device, scores, a list with a wrong row, errors with their place, cancelling', async () => {
  const found = await run(`
    import { Dextr, DextrError } from 'dextr';
    const dextr = await Dextr.load();
    const small = { stem_width: 4, cells: 1, size: 8 };
    const cell = '|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|';
    const request = (arch) => ({ space: 'nasbench201', arch, options: small });
    const alone = await dextr.score(request(cell), { seed: 3 });
    const rows = [];
    for await (const row of dextr.scoreAll([request(cell), request('|nope~0|'), request('(3, 0, 4, 1, 2, 3)')], { seed: 3 })) rows.push(row);
    const error = await dextr.score(request('|nope~0|')).catch((error) => ({ typed: error instanceof DextrError, ...error }));
    const cancelled = await dextr.score(request(cell), { signal: AbortSignal.abort() }).catch(({ code }) => code);
    const values = await dextr.singularValues({ ...request(cell), seed: 3 }, alone.layers[0].name);
    console.log(JSON.stringify({ device: dextr.device, alone, rows, error, cancelled, values: [...values], correlation: await dextr.correlate([1, 2, 3, 4, 5], [1, 3, 2, 5, 4]) }));
    dextr.dispose();
  `);
  assert.equal(found.device.kind, 'cpu');
  assert.equal(found.alone.status, 'ok');
  assert.deepEqual(found.rows.map(({ index, status }) => [index, status]), [[0, 'ok'], [1, 'error'], [2, 'ok']]);
  assert.equal(found.rows[0].score, found.alone.score);
  assert.equal(found.rows[2].arch, found.alone.arch, 'indices are the same cell');
  assert.equal(found.rows[2].score, found.alone.score);
  assert.match(found.rows[1].where, /character \d+/);
  assert.deepEqual([found.error.typed, found.error.code, found.cancelled], [true, 'bad-architecture', 'cancelled']);
  const [{ sigma_max, sigma_min }] = found.alone.layers;
  assert.ok(Math.abs(found.values[0] / sigma_max - 1) < 1e-5 && Math.abs(found.values.at(-1) - sigma_min) <= 1e-5 * sigma_max);
  assert.ok(Math.abs(found.correlation.spearman.value - 0.8) < 1e-12 && Math.abs(found.correlation.kendall.value - 0.6) < 1e-12);
});

test('the types fit a program in strict TypeScript', async () => {
  await writeFile(join(project.folder, 'program.ts'), `
    import { Dextr, DextrError, type Score } from 'dextr';
    import 'dextr/element';
    const dextr = await Dextr.load({ device: 'auto', onProgress: (progress) => { if (progress.stage === 'download') progress.loaded.toFixed(); } });
    const score: Score = await dextr.score({ space: 'nasbench201', arch: '' }, { seed: 1, signal: new AbortController().signal });
    const number: number | null = score.score;
    for await (const row of dextr.scoreAll([{ space: 'nasbench201', arch: '' }], { seeds: 3 })) if (row.status === 'error') row.message.trim(); else row.params.toFixed();
    // @ts-expect-error there is no such device
    await Dextr.load({ device: 'tpu' });
    document.createElement('dextr-score').addEventListener('score', ({ detail }) => detail.k);
    export { DextrError, number };
  `);
  const flags = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2022,dom,dom.iterable', '--types', ''];
  await execute(join(root, 'www/node_modules/.bin/tsc'), [...flags, 'program.ts'], { cwd: project.folder });
});
