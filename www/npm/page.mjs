// Writes the page's modules into dist, bundled, and names in the page all that it
// needs for a first score, so that it is fetched at once: a browser finds a module's
// imports only when it has read it, and the wasm only when all have run. Run by
// build.sh.
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const www = fileURLToPath(new URL('..', import.meta.url));
const dist = join(www, '../dist');
/** The page, and the client with the address that other pages import. */
const MODULES = ['app/main.js', 'dextr/index.js'];
/** What other threads run, each with all that it needs; and what the page shares with one of them. */
const APART = ['dextr/worker.js', 'app/network/arrange.worker.js', 'app/network/arrange.js', 'app/onnx/download.worker.js'];
/** Files that stay by themselves; the wasm's JavaScript is evaluated anew for every instance. */
const external = ['./dextr.js', './arrange.js', '../offline.js'];
const WASM = 'dextr/dextr_bg.wasm';

/** Puts the licence of a package before what is bundled of it. */
const licences = {
  name: 'licences',
  setup({ onLoad }) {
    onLoad({ filter: /\/node_modules\/.*\.js$/ }, async ({ path }) => {
      const [folder] = /^.*\/node_modules\/(@[^/]+\/)?[^/]+/.exec(path);
      const licence = await readFile(join(folder, 'LICENSE'), 'utf8');
      return { contents: `/*!\n${licence.trim()}\n*/\n${await readFile(path, 'utf8')}`, loader: 'js' };
    });
  },
};

const bundle = (entryPoints, options) => build({
  entryPoints, external, bundle: true, minify: true, format: 'esm', target: 'es2022', legalComments: 'eof',
  absWorkingDir: www, outdir: dist, plugins: [licences], logLevel: 'warning', ...options,
});

// What the two share lies in dextr/, beside the wasm: the client asks for that, and
// for its worker, beside itself.
const { metafile: { outputs } } = await bundle(MODULES.map((path) => ({ in: path, out: path.slice(0, -'.js'.length) })), { splitting: true, chunkNames: 'dextr/[name]-[hash]', metafile: true });
// Likewise what the page asks for is beside its bundle.
await bundle(APART.map((path) => ({ in: path, out: `${path.split('/')[0]}/${basename(path, '.js')}` })));

// What is imported by what has been found, but not what is imported later.
const name = (path) => path.slice('../dist/'.length);
const found = new Set([MODULES[0]]);
for (const path of found) {
  const { imports = [] } = outputs[`../dist/${path}`] ?? {};
  for (const { path: imported, kind, external: apart } of imports) {
    if (kind === 'import-statement') found.add(apart ? join(path, '..', imported) : name(imported));
  }
}
const page = join(dist, 'index.html');
const html = await readFile(page, 'utf8');
const place = `<script type="module" src="${MODULES[0]}"></script>\n`;
if (!html.includes(place)) throw new Error(`www/index.html has no ${place}`);
const links = [`<link rel="preload" href="${WASM}" as="fetch" crossorigin>`, ...[...found].map((path) => `<link rel="modulepreload" href="${path}">`)];
await writeFile(page, html.replace(place, `${links.join('\n')}\n${place}`));
