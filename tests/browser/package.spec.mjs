// The packed package, installed into an empty project and used: in Node, as it
// is on a page below a folder, and bundled by esbuild and by Vite.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { BEST, browserTests, SPACE, within } from './harness.mjs';
import { elements, hosts } from './hosts.mjs';
import { root } from './site.mjs';

const tests = browserTests({ webgpu: false });
const run = promisify(execFile);
const require = createRequire(new URL('../../www/package.json', import.meta.url));

const USE = `import { Dextr } from 'dextr';
const dextr = await Dextr.load({ device: 'cpu' });
const { score } = await dextr.score({ space: '${SPACE}', arch: '${BEST}', options: { stem_width: 4, cells: 1, size: 8 }, curves: 1 });
dextr.dispose();
`;
const TYPED = `import { Dextr, DextrError, type Model } from 'dextr';
import type {} from 'dextr/element';
const dextr: Dextr = await Dextr.load({ device: 'cpu', wasmUrl: '/x.wasm' });
const score: number | null = (await dextr.score({ space: 'nasbench201', arch: '' })).score;
for await (const row of dextr.scoreAll(['a'], { space: 'nasbench201' })) if (row.status === 'error') row.message.length;
const model: Model = await dextr.open(new Blob(), { height: 64, weights: 'file' });
const opset: number = model.info.opset + (await dextr.inspect({ model })).layers[0].inputs.length;
for await (const row of dextr.scoreAll([model, { model, seed: 1 }], { seeds: 3 })) row.index += opset;
// @ts-expect-error A model is opened first.
dextr.score({ model: new Blob() });
// @ts-expect-error There is no such device.
await Dextr.load({ device: 'tpu' });
export { DextrError, score };
`;

let project;
let host;
let expected;
const file = (name, text) => writeFile(join(project, name), text);
const html = (script) => `<!doctype html><meta charset="utf-8"><title>A project</title>${script}
<dextr-score space="${SPACE}" arch="${BEST}"></dextr-score>`;

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'dextr-project-'));
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', project, join(root, 'dist/npm')]);
  await file('package.json', '{ "private": true, "type": "module" }');
  await run('npm', ['install', '--silent', '--offline', '--no-audit', '--no-fund', `./${stdout.trim()}`], { cwd: project });
  await file('use.mjs', `${USE}console.log(score);`);
  await file('main.js', `${USE}document.title = score;\nimport 'dextr/element';`);
  await file('index.html', html('<script type="module" src="./main.js"></script>'));
  await file('plain.html', html(`<script type="importmap">{ "imports": { "dextr": "./node_modules/dextr/index.js", "dextr/element": "./node_modules/dextr/element.js" } }</script>
<script type="module" src="./main.js"></script>`));
  await file('bundle.html', html('<script type="module" src="./esbuild/main.js"></script>'));
  host = await hosts({}, { '/some/folder/': project });
  expected = Number((await run('node', ['use.mjs'], { cwd: project })).stdout);
});
after(async () => {
  await host?.stop();
  await rm(project, { recursive: true, force: true });
});

test('Node', () => assert.ok(expected > 0));

test('TypeScript sees the types', async () => {
  await file('typed.ts', TYPED);
  const flags = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2023,dom', '--types', ''];
  await run(join(root, 'www/node_modules/.bin/tsc'), [...flags, 'typed.ts'], { cwd: project }).catch((error) => assert.fail(error.stdout));
});

/** The project's page: the score of its script, and its element. */
async function assertWorks(context, path) {
  const page = await tests.blank(context);
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(`${host.origin}/some/folder/${path}`);
  const [{ state, text, score }] = await elements(page);
  assert.deepEqual([state, score], ['done', '2.175'], text);
  await within(page.waitForFunction(() => Number(document.title) > 0), 'the script');
  assert.ok(Math.abs(Number(await page.title()) / expected - 1) < 1e-6, 'Node and browser agree');
  assert.deepEqual(problems, []);
}

test('modules as they are, from a folder', (context) => assertWorks(context, 'plain.html'));

test('esbuild', async (context) => {
  const esbuild = require('esbuild');
  await esbuild.build({ absWorkingDir: project, entryPoints: ['main.js'], bundle: true, format: 'esm', outdir: 'esbuild', logLevel: 'error' });
  await copyFile(join(project, 'node_modules/dextr/dextr_bg.wasm'), join(project, 'esbuild/dextr_bg.wasm'));
  await assertWorks(context, 'bundle.html');
});

test('Vite', async (context) => {
  const vite = await import(pathToFileURL(require.resolve('vite')).href);
  await vite.build({ root: project, base: './', logLevel: 'error', build: { target: 'es2022' } });
  await assertWorks(context, 'dist/');
});
