// The wasm's size, raw, gzip and brotli: what a first visit fetches, the rest, and
// both in one piece; fails above the limit of the first.

import { readFile } from 'node:fs/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const LIMIT_GZIP = 1_400_000;

const kinds = {
  raw: (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes, { level: 9 }),
  brotli: (bytes) => brotliCompressSync(bytes),
};
const parts = { 'first visit': 'dist/dextr/dextr_bg.wasm', 'the rest': 'dist/dextr/dextr_rest.wasm', 'one piece': 'target/whole/dextr_bg.wasm' };
let first = Infinity;
for (const [part, path] of Object.entries(parts)) {
  const wasm = await readFile(new URL(`../${path}`, import.meta.url));
  const sizes = Object.entries(kinds).map(([kind, pack]) => ({ kind, bytes: pack(wasm).length }));
  if (part === 'first visit') first = sizes.find(({ kind }) => kind === 'gzip')?.bytes ?? Infinity;
  console.log(`wasm, ${part.padEnd(11)} ${sizes.map(({ kind, bytes }) => `${kind} ${(bytes / 1e6).toFixed(2)} MB`).join(', ')}`);
}
if (first > LIMIT_GZIP) {
  console.error(`a first visit's wasm is larger than its limit of ${LIMIT_GZIP / 1e6} MB gzip`);
  process.exit(1);
}
