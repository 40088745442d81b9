// The wasm's size, raw, gzip and brotli; fails above the limit.

import { readFile } from 'node:fs/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const LIMIT_GZIP = 2_600_000;

const wasm = await readFile(new URL('../dist/dextr/dextr_bg.wasm', import.meta.url));
const sizes = {
  raw: wasm.length,
  gzip: gzipSync(wasm, { level: 9 }).length,
  brotli: brotliCompressSync(wasm).length,
};
for (const [name, bytes] of Object.entries(sizes)) {
  console.log(`wasm ${name.padEnd(6)} ${(bytes / 1e6).toFixed(2)} MB`);
}
if (sizes.gzip > LIMIT_GZIP) {
  console.error(`the wasm is larger than its limit of ${LIMIT_GZIP / 1e6} MB gzip`);
  process.exit(1);
}
