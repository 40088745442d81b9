// The table in which the page finds an architecture's exact rank: all cells of
// NAS-Bench-201, scored by the command below. `./build.sh bench table` runs it in
// target/table, where it goes on where it stopped, and packs what it wrote into
// www/app/references/nasbench201.csv.gz.

import { execFileSync } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { cellOf, CELLS, SPACE } from '../www/app/answer/table.js';

const { parse } = createRequire(new URL('../www/package.json', import.meta.url))('papaparse');

const COMMAND = `dextr score --space ${SPACE} --device cpu --proxy dextr,meco_opt,concord --input cells.txt --out all.csv`;
/** Each proxy and its column. */
const COLUMNS = { dextr: 'score', meco_opt: 'meco_opt', concord: 'concord' };
/** What a row says of its settings; all must say the same. */
const SETTINGS = ['version', 'seed', 'seeds', 'image_seed', 'curve_seed', 'curves', 'image', 'protocol', 'observe', 'device', 'options'];
/** In six some 500 cells of different scores would tie; in ten none do but those that compute the same. */
const DIGITS = 10;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'target/table');
const scored = join(folder, 'all.csv');
const to = join(root, `www/app/references/${SPACE}.csv.gz`);

/** A number in few digits; an error where there is none. */
function short(text, where) {
  if (text === '' || !Number.isFinite(Number(text))) throw new Error(`${where}: '${text}' is no score`);
  return Number(Number(text).toPrecision(DIGITS));
}

/** What stands before the rows. */
function facts(rows, date) {
  const settings = SETTINGS.map((name) => [name, rows[0][name]]);
  for (const row of rows) {
    for (const [name, value] of settings) if (row[name] !== value) throw new Error(`${row.arch}: ${name} is ${row[name]}, not ${value}`);
  }
  // The median: a row's time is longer where the machine did something else.
  const seconds = rows.map((row) => Number(row.seconds)).sort((a, b) => a - b)[Math.floor(rows.length / 2)];
  return [
    ['rows', `the cells by their code, the sum of operation times 5^edge; edges 0-1, 0-2, 1-2, 0-3, 1-3, 2-3; operations 0 none, 1 skip_connect, 2 nor_conv_1x1, 3 nor_conv_3x3, 4 avg_pool_3x3; ${DIGITS} significant digits`],
    ['command', COMMAND],
    ['made', `${date.toISOString().slice(0, 10)}, ${Math.round(1e3 * seconds)} ms a cell (median)`],
    ...settings,
  ];
}

const [program, ...args] = COMMAND.split(' ');
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'cells.txt'), Array.from({ length: CELLS }, (_, code) => `${cellOf(code)}\n`).join(''));
execFileSync(join(root, 'target/release', program), args, { cwd: folder, stdio: 'inherit' });

const { data: rows } = parse(await readFile(scored, 'utf8'), { header: true, skipEmptyLines: true });
if (rows.length !== CELLS) throw new Error(`${scored} has ${rows.length} rows, not ${CELLS}`);
rows.forEach(({ arch, space }, code) => {
  if (space !== SPACE || arch !== cellOf(code)) throw new Error(`row ${code} is ${arch} of ${space}, not ${cellOf(code)}`);
});
const head = facts(rows, (await stat(scored)).mtime).map(([name, value]) => `# ${name}: ${value}`);
const lines = rows.map((row) => Object.values(COLUMNS).map((column) => short(row[column], `${row.arch}, ${column}`)).join(','));
const packed = gzipSync([...head, Object.keys(COLUMNS).join(','), ...lines, ''].join('\n'), { level: 9 });
await writeFile(to, packed);
console.log(`${to}: ${CELLS} cells, ${packed.length} bytes`);
