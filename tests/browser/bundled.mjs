// Parts of the page for a page of their own, bundled as the page is.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './site.mjs';

const { build } = createRequire(new URL('../../www/package.json', import.meta.url))('esbuild');

/** The client stays a file by itself: its errors are told by their class. */
const client = {
  name: 'client',
  setup({ onResolve }) {
    onResolve({ filter: /\/dextr\/index\.js$/ }, () => ({ path: '../dextr/index.js', external: true }));
  },
};

/** The module of a text that may import what is in `www/app`; its address is to be in a folder beside `dextr`. */
export async function bundled(contents) {
  const { outputFiles: [{ text }] } = await build({
    stdin: { contents, resolveDir: join(root, 'www/app') }, bundle: true, write: false, format: 'esm', target: 'es2022',
    external: ['./arrange.js'], plugins: [client], logLevel: 'error',
  });
  return text;
}
