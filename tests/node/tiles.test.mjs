// The module of relaxed SIMD's tiles: what is shipped is what its text says.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(new URL('../../www/package.json', import.meta.url));
const file = (name) => new URL(`../../src/loops/convolution/${name}`, import.meta.url);

test('fused.wasm is made of fused.wat', async () => {
  const wabt = await require('wabt')();
  const text = wabt.parseWat('fused.wat', await readFile(file('fused.wat'), 'utf8'), { simd: true, relaxed_simd: true });
  text.validate();
  const made = Buffer.from(text.toBinary({}).buffer);
  if (process.env.DEXTR_WRITE) await writeFile(file('fused.wasm'), made);
  assert.ok(made.equals(await readFile(file('fused.wasm'))), 'it is of another text: DEXTR_WRITE=1 node --test tests/node/tiles.test.mjs writes it');
});
