// What a row is, is said in Rust; the types and the page are held against it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { COMPARED, RESULT } from '../../www/app/list/row.js';
import { RowSchema } from '../../www/app/list/schema.js';

const www = fileURLToPath(new URL('../../www/', import.meta.url));
const engine = await import('../../target/whole/dextr.js');
await engine.default({ module_or_path: await readFile(new URL('../../target/whole/dextr_bg.wasm', import.meta.url)) });
const columns = engine.columns();
const named = (...roles) => columns.filter(({ role }) => roles.includes(role)).map(({ name }) => name);

/** Checks a file of types beside those of the package; gives what the compiler says. */
async function check(source) {
  const folder = await mkdtemp(join(www, 'types-'));
  try {
    await writeFile(join(folder, 'score.ts'), source);
    execFileSync(process.execPath, [join(www, 'node_modules/typescript/lib/tsc.js'), '--noEmit', '--strict', '--skipLibCheck', '--moduleResolution', 'bundler', '--module', 'esnext', '--target', 'es2022', join(folder, 'score.ts')], { encoding: 'utf8' });
    return '';
  } catch (error) {
    return error.stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A score's columns as Rust has them, and the claim that the package's type says the same. */
function claim(columns) {
  const type = ({ kind, empty }) => (kind === 'text' ? 'string' : `number${empty === 'undefined' ? ' | null' : ''}`);
  return `import type { Score } from '../dextr/dextr.js';
interface Row { ${columns.map((column) => `${column.name}: ${type(column)};`).join(' ')} }
type Columns = Omit<Score, 'layers' | 'phases'>;
// The same names, each of the kind that Rust has (one of some texts for a text), and null where it may be.
const names: [keyof Row, keyof Columns] extends [keyof Columns, keyof Row] ? true : never = true;
const kinds: Columns extends Row ? true : never = true;
const nulls: { [K in keyof Row & keyof Columns]: null extends Row[K] ? (null extends Columns[K] ? true : never) : true } = { ${columns.map(({ name }) => `${name}: true`).join(', ')} };
export { names, kinds, nulls };
`;
}

test('the type of a score has the columns of a row', async () => {
  assert.equal(await check(claim(columns)), '');
  // A check that could not fail would be none.
  const [arch, ...others] = columns;
  const wrong = [others, [...columns, { ...arch, name: 'more' }], [{ ...arch, kind: 'number' }, ...others],
    columns.map((column) => (column.name === 's' ? { ...column, empty: 'never' } : column)),
    columns.map((column) => (column.name === 'params' ? { ...column, empty: 'undefined' } : column))];
  for (const other of wrong) assert.notEqual(await check(claim(other)), '');
});

test('what the page has of columns is in a row', () => {
  assert.deepEqual(COMPARED.map(({ name }) => name), ['score', ...named('part', 'size')]);
  const all = new Set(columns.map(({ name }) => name));
  assert.deepEqual(RESULT.filter((name) => !all.has(name)), []);
});

test('rows that differ in what decides, and in nothing else, are different experiments', () => {
  const schema = new RowSchema(columns);
  const row = { own: schema.own(new Map(columns.map(({ name }) => [name, name === 'proxies' ? 'dextr' : '1']))), others: new Map() };
  for (const { name, role } of columns) {
    const other = { ...row, own: { ...row.own, [name]: '2' } };
    assert.equal(schema.keyOf(other) !== schema.keyOf(row), role === 'identity', name);
  }
  assert.deepEqual(Object.keys(row.own), columns.map(({ name }) => name));
  assert.deepEqual(schema.columnsFor('meco,dextr,s').slice(columns.length), [{ name: 'meco', numeric: true }, { name: 'dextr', numeric: true }]);
  assert.deepEqual(schema.columnsFor('dextr,params').length, columns.length);
});
