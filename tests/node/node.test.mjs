// The built package in plain Node, on the CPU.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { Dextr, DextrError } from '../../dist/npm/index.js';

const read = (path) => readFile(new URL(path, import.meta.url));
const { cases } = JSON.parse(await read('../golden/manifest.json'));
const best = cases.find(({ name }) => name === 'best');

test('a golden case', async () => {
  const engine = await import('../../target/probe/dextr.js');
  await engine.default({ module_or_path: await read('../../target/probe/dextr_bg.wasm') });
  const session = await engine.Session.open('cpu');
  const options = { stem_width: best.C, cells: best.N, classes: best.classes, size: 32, affine: String(best.affine_bn) };
  const score = await session.score_with({ space: 'nasbench201', arch: best.arch, options, observe: 'flow' }, await read(`../golden/${best.file}`));
  assert.ok(Math.abs(score.score / best.refined.score - 1) <= 0.005, `${score.score} instead of ${best.refined.score}`);
  assert.deepEqual(score.layers.map(({ name }) => name), best.refined.observed.map(({ name }) => name));

  // The package is the same engine: the same bits for the same seed.
  const dextr = await Dextr.load();
  try {
    assert.deepEqual([dextr.device.kind, dextr.device.reason], ['cpu', 'no-webgpu']);
    const request = { space: 'nasbench201', arch: best.arch, seed: 3 };
    const expected = await session.score(request, () => true);
    assert.equal((await dextr.score(request)).score, expected.score);
  } finally {
    dextr.dispose();
    session.free();
  }
});

test('a list: in order, equal ones once, a bad one is its row', async (context) => {
  const dextr = await Dextr.load({ wasmUrl: new URL('../../dist/dextr/dextr_bg.wasm', import.meta.url) });
  context.after(() => dextr.dispose());
  const settings = { space: 'nasbench201', options: { stem_width: 4, cells: 1, size: 8 }, curves: 1 };
  const steps = [];
  const rows = [];
  const list = [best.arch, 'no cell', { arch: best.arch, seed: 1 }, best.arch];
  for await (const row of dextr.scoreAll(list, { ...settings, onProgress: (step) => steps.push(step) })) rows.push(row);
  assert.deepEqual(rows.map(({ index, status }) => [index, status]), [[0, 'ok'], [1, 'error'], [2, 'ok'], [3, 'ok']]);
  assert.deepEqual([rows[1].code, rows[1].where], ['bad-architecture', 'character 1']);
  assert.ok(rows[1].hint);
  assert.notEqual(rows[2].score, rows[0].score);
  assert.deepEqual([rows[3].score, rows[3].seconds], [rows[0].score, rows[0].seconds], 'computed once');

  const abort = new AbortController();
  const done = [];
  await assert.rejects(async () => {
    for await (const row of dextr.scoreAll([best.arch, best.arch], { ...settings, seed: 5, signal: abort.signal })) {
      done.push(row);
      abort.abort();
    }
  }, (error) => error instanceof DextrError && error.code === 'cancelled');
  assert.equal(done.length, 1, 'what is done is kept');
});

test('texts that may mean several cells, and lists, are read as the command line reads them', async (context) => {
  const dextr = await Dextr.load();
  context.after(() => dextr.dispose());
  const [tuple, settings] = ['(4, 0, 3, 1, 4, 3)', { space: 'nasbench201', options: { stem_width: 4, cells: 1, size: 8 }, curves: 1 }];
  const { arch, readings, note } = await dextr.parse('nasbench201', tuple);
  assert.deepEqual(readings.map(({ name }) => name), ['nats', 'naslib']);
  assert.equal(arch, readings[0].arch);
  const theirs = await dextr.score({ ...settings, arch: tuple, reading: 'naslib' });
  assert.deepEqual([theirs.arch, theirs.message], [readings[1].arch, '']);
  const rows = [];
  for await (const row of dextr.scoreAll([tuple, `naslib:${tuple}`], settings)) rows.push(row);
  assert.deepEqual(rows.map(({ arch, message }) => [arch, message]), [[arch, note], [theirs.arch, '']]);
  assert.match((await dextr.score({ ...settings, arch: tuple })).message, /naslib:/);
  for await (const row of dextr.scoreAll([tuple], { ...settings, reading: 'naslib' })) assert.equal(row.arch, theirs.arch);
  await assert.rejects(dextr.parse('nasbench201', tuple, { reading: 'mine' }), ({ code, hint }) => code === 'unknown-name' && hint.includes('naslib'));

  const list = await dextr.readList(`nr;cell;test_acc\n1;${arch};93,1\n2;DARTS_V2;73,7\n`, 'nasbench201');
  assert.deepEqual(list.items.map(({ place, space, cells }) => [place, space, cells[2]]), [['row 1', 'nasbench201', '93.1'], ['row 2', 'darts', '73.7']]);
  assert.deepEqual([list.layout.delimiter, list.layout.header, list.layout.arch, list.layout.truth, list.layout.index], [';', true, [1], 2, [0]]);
  assert.deepEqual((await dextr.readList('a,b\n1,2', 'nasbench201').catch(({ code, message }) => [code, message.includes('a, b')])), ['no-arch-column', true]);
  await assert.rejects(dextr.readList('x', 'nasbench201', { delimeter: ';' }), ({ code, hint }) => code === 'unknown-name' && hint.includes('delimiter'));
});

test('what is wrong with the engine’s file is told apart', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'dextr-'));
  context.after(() => rm(folder, { recursive: true }));
  const load = async (name, bytes) => {
    await writeFile(join(folder, name), bytes);
    return Dextr.load({ wasmUrl: pathToFileURL(join(folder, name)) }).then(() => assert.fail(), ({ code, message, hint }) => ({ code, message, hint }));
  };
  const page = await load('page.wasm', '<!doctype html><title>Not found</title>');
  assert.equal(page.code, 'load-failed');
  assert.match(page.message, /a web page in its place/);
  const wasm = await read('../../dist/dextr/dextr_bg.wasm');
  const cut = await load('cut.wasm', wasm.subarray(0, 100_000));
  assert.equal(cut.code, 'load-failed');
  assert.match(cut.message, /damaged/);
  assert.ok(![page, cut].some(({ message, hint }) => /SIMD/.test(message + hint)));
});

test('an ONNX file: its facts, and the network of the cell that it was exported from', async (context) => {
  const dextr = await Dextr.load();
  context.after(() => dextr.dispose());
  const path = new URL('../onnx/cell_a.onnx', import.meta.url);
  const { arch } = JSON.parse(await read('../onnx/cell_a.json'));
  const model = await dextr.open(path);
  assert.deepEqual([model.name, model.info.parameters], ['cell_a.onnx', 32402]);
  assert.deepEqual([model.info.opset, model.info.producer, model.info.inputs], [17, 'pytorch 2.15.0', [{ name: 'image', shape: [1, 3, 32, 32] }]]);

  const { params, macs, layers } = await dextr.inspect({ model });
  const cell = { space: 'nasbench201', arch, options: { stem_width: 8, cells: 1, classes: 10, affine: true, bias: false } };
  const same = await dextr.inspect(cell);
  assert.deepEqual([params, macs], [same.params, same.macs]);
  assert.ok(layers.every(({ inputs }, index) => inputs.every((from) => from < index)), 'layers come after their operands');

  // Bytes, a path and a file of another name are the same network, and models stand beside cells.
  const bytes = await dextr.open(await read('../onnx/cell_a.onnx'), { name: 'bytes', height: 16, width: 16 });
  const list = [model, { model, seed: 1 }, bytes, { ...cell, seed: 1 }, { model: bytes, options: { weights: 'some' } }, model];
  const rows = [];
  for await (const row of dextr.scoreAll(list, { observe: 'flow' })) rows.push(row);
  assert.deepEqual(rows.map(({ arch }) => arch), ['cell_a.onnx', 'cell_a.onnx', 'bytes', arch, 'bytes', 'cell_a.onnx']);
  assert.deepEqual(rows.map(({ status }) => status), ['ok', 'ok', 'ok', 'ok', 'error', 'ok']);
  assert.notEqual(rows[1].score, rows[0].score);
  assert.deepEqual(rows[5].seconds, rows[0].seconds, 'computed once');
  assert.equal(rows[2].layers[0].shape[1], 16);
  const values = await dextr.singularValues({ model, observe: 'flow' }, rows[0].layers[0].name);
  assert.ok(Math.abs(values.at(-1) / values[0] - rows[0].layers[0].ratio) < 1e-6);
});

test('weights in a file of their own', async (context) => {
  const dextr = await Dextr.load();
  context.after(() => dextr.dispose());
  const path = new URL('../browser/external.onnx', import.meta.url);
  const alone = await dextr.open(path, { weights: 'file' });
  assert.deepEqual(alone.info.data_files, ['external.weights']);
  await assert.rejects(dextr.score({ model: alone }), (error) => error.code === 'bad-weights' && /external\.weights/.test(error.message));
  const data = { 'external.weights': new URL('../browser/external.weights', import.meta.url), 'of another model': await read('node.test.mjs') };
  const both = await dextr.open(path, { weights: 'file', data });
  const inside = await dextr.open(new URL('../onnx/residual.onnx', import.meta.url), { weights: 'file' });
  assert.equal((await dextr.score({ model: both })).score, (await dextr.score({ model: inside })).score);
});

test('what is no ONNX file is a typed error that names it', async (context) => {
  const dextr = await Dextr.load();
  context.after(() => dextr.dispose());
  const fails = (source, code, pattern, options) => assert.rejects(dextr.open(source, options), (error) => {
    assert.ok(error instanceof DextrError);
    assert.equal(error.code, code);
    assert.match(`${error.message} ${error.hint}`, pattern);
    return true;
  });
  await fails(Buffer.from('\x89PNG\r\n', 'latin1'), 'not-onnx', /“logo\.onnx” is a picture/, { name: 'logo.onnx' });
  await fails(new URL('node.test.mjs', import.meta.url), 'not-onnx', /“node\.test\.mjs” cannot be read as an ONNX model/);
  await fails('/none/net.onnx', 'load-failed', /“net\.onnx” cannot be read\. Check the path/);
  // A stray % is part of the name.
  await fails('http://127.0.0.1:1/100%.onnx', 'load-failed', /“100%\.onnx” cannot be fetched from 127\.0\.0\.1:1/);
  await fails('http://127.0.0.1:1/net.onnx', 'load-failed', /“net\.onnx” cannot be fetched from 127\.0\.0\.1:1/);
  await assert.rejects(dextr.score({ model: 'net.onnx' }), (error) => error.code === 'usage' && /open/.test(error.hint));
  await assert.rejects(dextr.score({ space: 'onnx', arch: 'net.onnx' }), (error) => error.code === 'usage');
  // The instance is as good as new.
  assert.equal((await dextr.score({ model: await dextr.open(new URL('../onnx/residual.onnx', import.meta.url)) })).status, 'ok');
});

test('a wasm that is not there is a typed error', async () => {
  await assert.rejects(Dextr.load({ wasmUrl: 'file:///none.wasm' }), (error) => error.code === 'load-failed' && error.where === '/none.wasm');
});
