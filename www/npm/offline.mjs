// Writes the files of the built site, and their hash, into its service worker.
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
/** What the page itself does not use. */
const OTHERS = /^(npm|examples)\/|^sw\.js$|^dextr\/(element|dextr-inline)\.js$/;

const entries = await readdir(dist, { recursive: true, withFileTypes: true });
const files = entries.filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => relative(dist, join(parentPath, name)).split(sep).join('/'))
  .filter((path) => !OTHERS.test(path)).sort();
const hash = createHash('sha256');
for (const file of files) hash.update(`${file}\0`).update(await readFile(join(dist, file)));

const worker = await readFile(new URL('../sw.js', import.meta.url), 'utf8');
const filled = worker
  .replace("const VERSION = '';", `const VERSION = '${hash.digest('hex').slice(0, 16)}';`)
  // The folder itself is the page.
  .replace('const FILES = [];', `const FILES = ${JSON.stringify(['./', ...files])};`);
if (!filled.includes("'./'") && !filled.includes('"./"')) throw new Error('www/sw.js has no place for the list of files');
await writeFile(join(dist, 'sw.js'), filled);
