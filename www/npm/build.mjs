// Puts together what is made from the built files in `dist/dextr`: the element,
// the one-file build, the npm package in `dist/npm`, and the service worker.
// Called by build.sh; needs esbuild and TypeScript from www/node_modules.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const www = join(root, 'www');
const dist = join(root, 'dist');
const [, version = ''] = /^version = "(.*)"$/m.exec(await readFile(join(root, 'Cargo.toml'), 'utf8')) ?? [];
const banner = { js: `/* Dextr ${version}, MIT OR Apache-2.0 */` };

async function element() {
  await build({
    entryPoints: [join(www, 'element/module.js')], outfile: join(dist, 'dextr/element.js'),
    bundle: true, minify: true, format: 'esm', target: 'es2022', external: ['../dextr/index.js'], banner,
  });
}

/** The text of the parts that the one-file build carries. */
async function parts() {
  const worker = await build({ entryPoints: [join(www, 'dextr/worker.js')], write: false, bundle: true, minify: true, format: 'iife', target: 'es2022' });
  const glue = await transform(await readFile(join(dist, 'dextr/dextr.js'), 'utf8'), { minify: true, format: 'esm', target: 'es2022' });
  const wasm = gzipSync(await readFile(join(dist, 'dextr/dextr_bg.wasm')), { level: 9 });
  return { worker: worker.outputFiles[0]?.text ?? '', glue: glue.code, wasm: wasm.toString('base64') };
}

async function inline() {
  /** @type {Record<string, string>} */
  const texts = await parts();
  await build({
    entryPoints: [join(www, 'element/inline.js')], outfile: join(dist, 'dextr/dextr-inline.js'),
    bundle: true, minify: true, format: 'iife', target: 'es2022', banner,
    // The files beside this script are not used.
    define: { 'import.meta.url': 'document.baseURI' },
    plugins: [{
      name: 'parts',
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /^part:/ }, ({ path }) => ({ path: path.slice('part:'.length), namespace: 'part' }));
        onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => ({ contents: texts[path], loader: 'text' }));
      },
    }],
  });
}

async function npmPackage() {
  const out = join(dist, 'npm');
  await mkdir(out, { recursive: true });
  await cp(join(dist, 'dextr'), join(out, 'dextr'), { recursive: true });
  await promisify(execFile)(join(www, 'node_modules/.bin/tsc'), ['--project', join(www, 'npm/tsconfig.json')]);
  await cp(join(www, 'dextr/dextr.d.ts'), join(out, 'dextr/dextr.d.ts'));
  for (const name of ['README.md', 'element.d.ts']) await cp(join(www, 'npm', name), join(out, name === 'README.md' ? name : `dextr/${name}`));
  await cp(join(root, 'LICENSE'), join(out, 'LICENSE'));
  const described = JSON.parse(await readFile(join(www, 'npm/package.json'), 'utf8'));
  await writeFile(join(out, 'package.json'), `${JSON.stringify({ ...described, version }, null, 2)}\n`);
}

/** All files of the page, as addresses relative to it. @param {string} folder @returns {Promise<string[]>} */
async function filesOf(folder) {
  const entries = await readdir(join(dist, folder), { withFileTypes: true, recursive: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(dist.length + 1));
  // The package and the one-file build are for other sites.
  return names.filter((name) => !name.startsWith('npm/') && !name.endsWith('dextr-inline.js') && name !== 'sw.js').sort();
}

async function serviceWorker() {
  const names = await filesOf('');
  const hash = createHash('sha256');
  for (const name of names) hash.update(name).update(await readFile(join(dist, name)));
  const source = await readFile(join(www, 'sw.js'), 'utf8');
  const filled = source.replace("'VERSION'", JSON.stringify(hash.digest('hex').slice(0, 16))).replace("['FILES']", JSON.stringify(names));
  await writeFile(join(dist, 'sw.js'), filled);
}

await element();
await inline();
await npmPackage();
await serviceWorker();
