// Builds what others put on their pages, from dist/dextr: the package in
// dist/npm and the element that the site serves. Run by build.sh.
import { execFileSync } from 'node:child_process';
import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const www = fileURLToPath(new URL('..', import.meta.url));
const root = join(www, '..');
const engine = join(root, 'dist/dextr');
const out = join(root, 'dist/npm');
const here = (name) => join(www, 'npm', name);

const common = { bundle: true, write: false, minify: true, target: 'es2022', legalComments: 'none', logLevel: 'warning' };

/** esbuild's plugin that answers `bundled:NAME` with texts, or with files of this folder. */
function bundled(texts, files = {}) {
  return {
    name: 'bundled',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^bundled:/ }, ({ path }) => {
        const name = path.slice('bundled:'.length);
        return files[name] ? { path: here(files[name]) } : { path: name, namespace: 'bundled' };
      });
      onLoad({ filter: /.*/, namespace: 'bundled' }, ({ path }) => texts[path]);
      // The parts are inside, not beside.
      onResolve({ filter: /\/assets\.js$/ }, () => ({ path: here('assets.js') }));
    },
  };
}

async function bundle(entry, options) {
  const { outputFiles: [file] } = await build({ ...common, entryPoints: [entry], ...options });
  return file.text;
}

// The wasm's JavaScript as a function, which can be called for every instance.
const once = await bundle(join(engine, 'dextr.js'), { format: 'iife', globalName: 'glue', define: { 'import.meta.url': 'undefined' } });
const glue = { contents: `export default () => { ${once} return glue; }`, loader: 'js' };
const worker = await bundle(here('worker.js'), { format: 'iife', plugins: [bundled({ glue })] });
const wasm = await readFile(join(root, 'target/whole/dextr_bg.wasm'));
const base64 = gzipSync(wasm, { level: 9 }).toString('base64');
const texts = { glue, worker: { contents: worker, loader: 'text' }, base64: { contents: base64, loader: 'text' } };
const beside = { format: 'esm', plugins: [bundled(texts, { wasm: 'wasm-beside.js' })] };
const inside = { plugins: [bundled(texts, { wasm: 'wasm-inside.js' })] };

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const index = await bundle(join(www, 'dextr/index.js'), beside);
await writeFile(join(out, 'index.js'), index);
await writeFile(join(out, 'element.js'), await bundle(join(www, 'element/dextr-score.js'), { ...beside, external: ['../dextr/index.js'] })
  .then((text) => text.replaceAll('../dextr/index.js', './index.js')));
await writeFile(join(out, 'dextr-inline.js'), await bundle(here('inline.js'), { format: 'iife', ...inside }));
await writeFile(join(out, 'notebook.js'), await bundle(here('notebook.js'), { format: 'esm', ...inside }));
for (const part of ['dextr_bg.wasm', 'dextr_rest.wasm']) await copyFile(join(engine, part), join(out, part));
await copyFile(join(root, 'LICENSE'), join(out, 'LICENSE'));
await copyFile(here('README.md'), join(out, 'README.md'));

// Types: what the client's comments say, and the engine's own.
execFileSync(join(www, 'node_modules/.bin/tsc'), ['--project', here('tsconfig.json'), '--outDir', join(out, 'types')], { stdio: 'inherit' });
await cp(join(www, 'dextr/dextr.d.ts'), join(out, 'types/dextr/dextr.d.ts'));
await cp(here('element.d.ts'), join(out, 'types/element/element.d.ts'));

const template = JSON.parse(await readFile(here('package.json'), 'utf8'));
const version = /^version = "(.+)"/m.exec(await readFile(join(root, 'Cargo.toml'), 'utf8'))[1];
await writeFile(join(out, 'package.json'), `${JSON.stringify({ ...template, version }, null, 2)}\n`);

// The element that the site serves to other pages, beside its wasm.
await writeFile(join(engine, 'element.js'), await bundle(join(www, 'element/dextr-score.js'), beside));
await copyFile(join(out, 'dextr-inline.js'), join(engine, 'dextr-inline.js'));
