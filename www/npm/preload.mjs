// Names in the built page all that it needs for a first score, so that it is
// fetched at once: a browser finds a module's imports only when it has read it, and
// the wasm only when all have run. Run by build.sh.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const ENTRY = 'app/main.js';
const WASM = 'dextr/dextr_bg.wasm';

const { metafile: { inputs } } = await build({
  entryPoints: [join(dist, ENTRY)], absWorkingDir: dist, bundle: true, write: false, metafile: true, format: 'esm', logLevel: 'error',
});
// Widest first: what is imported by what has been found, but not what is imported later.
const found = new Set([ENTRY]);
for (const path of found) {
  for (const { path: imported, kind } of inputs[path].imports) if (kind === 'import-statement') found.add(imported);
}
const page = join(dist, 'index.html');
const html = await readFile(page, 'utf8');
const place = `<script type="module" src="${ENTRY}"></script>\n`;
if (!html.includes(place)) throw new Error(`www/index.html has no ${place}`);
const links = [`<link rel="preload" href="${WASM}" as="fetch" crossorigin>`, ...[...found].map((path) => `<link rel="modulepreload" href="${path}">`)];
await writeFile(page, html.replace(place, `${links.join('\n')}\n${place}`));
