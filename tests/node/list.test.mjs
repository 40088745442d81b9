// The page's list runs in JavaScript, since what it runs on is replaced there; the
// same lists are given to the runner of the command line (`src/run/runner.rs`).
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { scoreAll } from '../../www/dextr/all.js';

const lists = JSON.parse(await readFile(new URL('../lists.json', import.meta.url)));

for (const { what, candidates, computed, rows } of lists) {
  for (const [kind, parallel, most] of [['cpu', 1, 1], ['cpu', 3, 6], ['webgpu', 2, 2]]) {
    test(`${what} (${kind}, ${parallel} at a time)`, async () => {
      const asked = [];
      let underWay = 0;
      const dextr = {
        device: { kind },
        parallel,
        async parse(_, arch) {
          if (arch.startsWith('?')) throw Object.assign(new Error(arch), { code: 'bad-architecture' });
          return { arch: arch.toLowerCase(), readings: [], note: null };
        },
        unscored: async ({ arch }) => ({ arch, seed: 0, status: '', message: '' }),
        async score({ arch }) {
          asked.push(arch);
          assert.ok(++underWay <= most);
          // The first ones take longest.
          await new Promise((resolve) => setTimeout(resolve, 12 - 3 * asked.length));
          underWay--;
          return { arch, status: 'ok', layers: [1], message: '' };
        },
      };
      const given = [];
      for await (const row of scoreAll(dextr, candidates, { space: 'x' })) given.push(row);
      assert.deepEqual(given.map(({ status, arch }) => (status === 'ok' ? arch : status)), rows);
      assert.deepEqual(given.map(({ index }) => index), rows.map((_, index) => index));
      assert.deepEqual(asked, computed);
      assert.ok(given.every((row) => row.status === 'ok' || (row.seed === 0 && row.message.startsWith('?'))));
    });
  }
}
