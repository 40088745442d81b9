// ONNX files on the page: dropped, picked, fetched, several at once, and broken
// ones. The scores are the native command line's.
import assert from 'node:assert/strict';
import { mkdtemp, open as openFile, readFile, rm, truncate } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { browserTests, COMPUTATION, pressScore, screenshots, shownScore, within } from './harness.mjs';
import { hosts } from './hosts.mjs';
import { root } from './site.mjs';

const { source } = createRequire(new URL('../../www/package.json', import.meta.url))('axe-core');
const tests = browserTests();
const fixture = (name) => join(root, 'tests/onnx', `${name}.onnx`);
const residual = fixture('residual');
/** What `dextr score residual.onnx --device cpu` gives, and with `--set height=48` or `weights=file`. */
const NATIVE = { plain: 0.6827591602108201, tall: 0.6995286195854907, file: 0.6723974942955584, vit: 0.10829251735959608 };

const size = (page, pattern) => page.locator('.model .size').filter({ hasText: pattern }).waitFor();
const alert = (page, pattern) => page.getByRole('alert').filter({ hasText: pattern }).waitFor();
const pick = (page, files) => page.getByLabel('Open files, or drop them anywhere').setInputFiles(files);

/** Drops files on the page. */
const drop = (page, files) => page.evaluate((files) => {
  const transfer = new DataTransfer();
  for (const [name, type, body] of files) transfer.items.add(new File([new Uint8Array(body)], name, { type }));
  dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
}, files.map(([name, body, type = '']) => [name, type, [...Buffer.from(body)]]));

/** Asserts that a score is the native one but for rounding. */
const assertNative = (value, expected, part = 1e-4) => assert.ok(Math.abs(value / expected - 1) < part, `${value} instead of ${expected}`);

test('a dropped file: what it is, its score with the evidence, its graph', async (context) => {
  const { page, requests, problems } = await tests.open(context);
  await drop(page, [['residual.onnx', await readFile(residual)]]);
  await size(page, '2,930 parameters, 598 k multiply-accumulates, with an image of 3×32×32');
  const about = await page.locator('.model').textContent();
  for (const part of ['residual.onnx', '16.1 kB', 'main_graph', 'pytorch 2.15.0', 'image [1, 3, 32, 32]', 'logits [1, 10]', 'Conv 5']) assert.ok(about.includes(part), `${part} in ${about}`);
  await pressScore(page);
  assertNative((await shownScore(page)).value, NATIVE.plain);
  assert.equal(await page.locator('.strip .bar').count(), 8);

  // The graph: every layer, the observed ones coloured, arranged in a worker.
  const graph = page.getByRole('group', { name: /layers from the input/ });
  await graph.waitFor();
  assert.equal(await graph.getByRole('button').count(), 21);
  assert.equal(await graph.locator('.layer:not(.unobserved)').count(), 8);
  const boxes = await graph.locator('.layer').evaluateAll((all) => all.map((box) => box.getAttribute('transform')));
  assert.equal(new Set(boxes).size, 21, 'no two boxes in one place');
  // By keyboard: from the input to the fourth layer, which is observed.
  await graph.getByRole('button').first().focus();
  for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowDown');
  assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /Relu \(relu, 8×32×32\): ratio 0\.1954/);
  await page.keyboard.press('Enter');
  await page.getByRole('img', { name: /8 singular values of \/stem\/stem\.2\/Relu/ }).waitFor();
  const width = () => graph.evaluate((drawing) => drawing.getBoundingClientRect().width);
  const before = await width();
  await page.getByRole('button', { name: 'Zoom in' }).click();
  assert.ok(await width() > before);
  await page.getByRole('button', { name: 'Show the whole graph' }).click();
  assert.ok(await graph.evaluate((drawing) => drawing.getBoundingClientRect().height <= drawing.parentElement.clientHeight));
  assert.match(await page.locator('#answer .copy').nth(1).textContent(), /<dextr-score src="residual\.onnx">/);

  assert.deepEqual(requests.filter((url) => !url.startsWith(tests.site)), [], 'nothing is asked for elsewhere');
  assert.deepEqual(problems, []);
});

test('height and weights can be changed', async (context) => {
  const { page } = await tests.open(context);
  await pick(page, residual);
  await size(page, '3×32×32');
  await page.getByLabel('height').fill('48');
  await page.getByLabel('height').press('Tab');
  await size(page, '3×48×32');
  await pressScore(page);
  assertNative((await shownScore(page)).value, NATIVE.tall);
  assert.match(await page.locator('.strip').textContent(), /8×48×32/);
  assert.match(page.url(), /#space=onnx&arch=residual\.onnx&set\.height=48/);

  await page.getByLabel('height').fill('none');
  await page.getByLabel('height').press('Tab');
  await alert(page, /option height: 'none' does not fit/i);
  await page.getByLabel('height').fill('auto');
  await page.getByLabel('weights').selectOption('file');
  await size(page, '3×32×32');
  await pressScore(page);
  assertNative((await shownScore(page)).value, NATIVE.file);
  await page.getByText('Settings', { exact: true }).click();
  await page.getByLabel('Number of seeds').fill('2');
  await pressScore(page);
  await alert(page, /all weights of residual\.onnx are given: seeds change nothing/i);
  assertNative((await shownScore(page)).value, NATIVE.file);
});

test('a live page scores a file at once, and says what was noted', async (context) => {
  const { page } = await tests.open(context, '?device=cpu', { live: true });
  await pick(page, fixture('vit'));
  await page.locator('#answer .arch').filter({ hasText: 'vit.onnx' }).waitFor({ timeout: COMPUTATION });
  assertNative((await shownScore(page)).value, NATIVE.vit);
  await page.locator('#answer .notice').filter({ hasText: '1 learned constants' }).waitFor();
  await page.locator('.model .notice').filter({ hasText: '1 learned constants' }).waitFor();
});

test('weights in a file of their own', async (context) => {
  const { page } = await tests.open(context);
  const [model, data] = await Promise.all(['external.onnx', 'external.weights'].map((name) => readFile(new URL(name, import.meta.url))));
  await drop(page, [['external.onnx', model]]);
  await page.locator('.model .notice').filter({ hasText: 'Weights lie in “external.weights”' }).waitFor();
  await size(page, '2,930 parameters');
  await page.getByLabel('weights').selectOption('file');
  await alert(page, /lies in the file 'external\.weights', which was not given/);
  await drop(page, [['external.weights', data]]);
  await size(page, '2,930 parameters');
  await pressScore(page);
  assertNative((await shownScore(page)).value, NATIVE.file);
});

test('what is no ONNX file is named with the cure, and what was there stays', async (context) => {
  const { page, problems } = await tests.open(context);
  await pick(page, residual);
  await size(page, '3×32×32');
  await pressScore(page);
  const before = await shownScore(page);
  const bytes = await readFile(residual);
  for (const [name, body, pattern] of [
    ['logo.onnx', '\x89PNG\r\n\x1a\n', /“logo\.onnx” is a picture, not an ONNX model\. Give it as the input image/],
    ['net.onnx', '\x1f\x8b\x08', /“net\.onnx” is a gzip archive.*gunzip/],
    ['net.pt', 'PK\x03\x04......archive/data.pkl', /“net\.pt” is a PyTorch checkpoint.*torch\.onnx\.export/],
    ['net.h5', '\x89HDF\r\n\x1a\n', /“net\.h5” is an HDF5 file.*tf2onnx/],
    ['net.tflite', '\x1c\0\0\0TFL3', /“net\.tflite” is a TensorFlow Lite model.*tf2onnx/],
    ['net.safetensors', '\x08\0\0\0\0\0\0\0{}      ', /“net\.safetensors” is a safetensors file/],
    ['empty.onnx', '', /“empty\.onnx” is an empty file/],
    ['noise.onnx', 'hello, world', /“noise\.onnx” cannot be read as an ONNX model.*whole and uncompressed/],
    ['cut.onnx', bytes.subarray(0, 9000), /“cut\.onnx” cannot be read as an ONNX model/],
  ]) {
    await drop(page, [[name, typeof body === 'string' ? Buffer.from(body, 'latin1') : body]]);
    await alert(page, pattern);
    assert.deepEqual(await shownScore(page), before, name);
    assert.equal(await page.locator('.model h3').textContent(), 'residual.onnx', name);
  }
  // An operator that is not known is named with its place.
  const unknown = Buffer.from(bytes.toString('latin1').replaceAll('"\x07MaxPool', '"\x07MaxBull'), 'latin1');
  await drop(page, [['bull.onnx', unknown]]);
  await alert(page, /operators that are not supported: MaxBull/);
  await pressScore(page);
  assert.deepEqual(await shownScore(page), before);
  assert.deepEqual(problems, []);
});

test('a file that no memory can hold is refused before it is read', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'dextr-large-'));
  context.after(() => rm(folder, { recursive: true }));
  const large = join(folder, 'large.onnx');
  await (await openFile(large, 'w')).close();
  // A file with nothing in it, which takes no room on the disk.
  await truncate(large, 3e9);
  const { page } = await tests.open(context);
  const start = performance.now();
  await pick(page, large);
  await alert(page, /“large\.onnx” has 3000 MB, more than there is room for/);
  assert.ok(performance.now() - start < 5000, 'at once');
  // What is wrong with another kind of file is not its size.
  const other = await openFile(join(folder, 'large.safetensors'), 'w');
  await other.write(Buffer.from('\x08\0\0\0\0\0\0\0{}      ', 'latin1'));
  await other.truncate(3e9);
  await other.close();
  await pick(page, join(folder, 'large.safetensors'));
  await alert(page, /“large\.safetensors” is a safetensors file/);
  await pick(page, residual);
  await size(page, '3×32×32');
});

test('several files are rows of the list, and open again from there', async (context) => {
  const { page } = await tests.open(context);
  await drop(page, [
    ['residual.onnx', await readFile(residual)], ['vit.onnx', await readFile(fixture('vit'))], ['logo.onnx', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')],
  ]);
  const row = (text) => page.locator('#list tbody tr').filter({ hasText: text });
  await row('logo.onnx').filter({ hasText: 'error' }).waitFor({ timeout: COMPUTATION });
  assert.match(await row('residual.onnx').textContent(), /0\.6828/);
  assert.match(await row('vit.onnx').textContent(), /0\.1083/);
  await row('vit.onnx').getByRole('button', { name: 'vit.onnx', exact: true }).click();
  await page.locator('#answer .arch').filter({ hasText: 'vit.onnx' }).waitFor({ timeout: COMPUTATION });
  assert.equal(await page.locator('.model h3').textContent(), 'vit.onnx');

  // What a link or a kept row cannot carry is asked for.
  await page.reload();
  await page.locator('.model .notice').filter({ hasText: 'The file “vit.onnx” is not open on this page' }).waitFor();
  await page.getByRole('button', { name: 'Score', exact: true }).click();
  await alert(page, /No ONNX file is open/);
});

test('?url= fetches a file, from elsewhere too, and says why it cannot', async (context) => {
  const host = await hosts({}, { '/models/': join(root, 'tests/onnx') });
  const others = createServer((request, response) => {
    if (request.url.startsWith('/large')) response.writeHead(200, { 'content-length': 3e9, 'access-control-allow-origin': '*' });
    response.write('x');
  });
  await new Promise((ready) => others.listen(0, '127.0.0.1', ready));
  const other = `http://127.0.0.1:${others.address().port}`;
  context.after(() => Promise.all([host.stop(), new Promise((stopped) => {
    others.close(stopped);
    others.closeAllConnections();
  })]));
  const at = (address, hash = '') => tests.open(context, `?device=cpu&url=${encodeURIComponent(address)}${hash}`);

  const { page, problems } = await at(`${host.origin}/models/residual.onnx`, '#space=onnx&arch=residual.onnx&set.height=48');
  await size(page, '3×48×32');
  await pressScore(page);
  assertNative((await shownScore(page)).value, NATIVE.tall);
  assert.ok((await page.locator('.keep a').getAttribute('href')).startsWith(`?url=${encodeURIComponent(host.origin)}`));
  assert.deepEqual(problems, []);
  for (const [address, pattern] of [
    [`${other}/net.onnx`, /“net\.onnx” cannot be fetched from 127\.0\.0\.1:\d+: it cannot be reached, or does not let other sites read it \(CORS\)\. Download the file/],
    [`${other}/large.onnx`, /“large\.onnx” has 3000 MB, and at most 2147 MB are read/],
    ['nothing.onnx', /“nothing\.onnx” cannot be fetched: .* answered 404/],
    ['ftp://example.org/net.onnx', /cannot be fetched\. Give an address that starts with https/],
    ['http://', /is no address/],
  ]) {
    const { page } = await at(address);
    await alert(page, pattern);
  }
  // The address goes when another file is opened.
  await page.goto(`${tests.site}?device=cpu&live=off&url=${encodeURIComponent(`${host.origin}/models/residual.onnx`)}`);
  await size(page, '3×32×32');
  await pick(page, fixture('vit'));
  await page.waitForFunction(() => location.hash.includes('vit.onnx') && !location.search.includes('url='));
});

for (const width of [320, 360, 1600]) {
  test(`everyone can use it at ${width} px`, async (context) => {
    const { page } = await tests.open(context, '?device=cpu', { viewport: { width, height: 900 }, colorScheme: width === 360 ? 'dark' : 'light' });
    await pick(page, fixture('cell_a'));
    await size(page, 'parameters');
    await pressScore(page);
    await page.locator('.network .layer').first().waitFor();
    await page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width, 'nothing sticks out');
    await page.screenshot({ path: join(screenshots, `onnx-${width}.png`), fullPage: true });
    await page.evaluate(source);
    const { violations } = await within(page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] })), 'axe');
    assert.deepEqual(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} ${target}`)), []);
  });
}

test('the element scores a file by its address, on WebGPU as on the CPU', async (context) => {
  const page = (device, more) => `<!doctype html><title>x</title><script type="module" src="/dist/dextr/element.js"></script>
<dextr-score src="/models/residual.onnx" device="${device}" ${more}></dextr-score>`;
  const host = await hosts({ '/cpu': page('cpu', 'height="48"'), '/gpu': page('webgpu', ''), '/none': page('cpu', '').replace('residual', 'none') }, { '/models/': join(root, 'tests/onnx') });
  context.after(host.stop);
  const scored = async (path) => {
    const page = await tests.blank(context);
    await page.goto(`${host.origin}${path}`);
    return within(page.evaluate(() => new Promise((resolve) => {
      const element = document.querySelector('dextr-score');
      element.addEventListener('score', ({ detail }) => resolve(detail));
      element.addEventListener('error', ({ detail }) => resolve({ message: detail.message }));
    })), path);
  };
  assertNative((await scored('/cpu')).score, NATIVE.tall);
  const { score, device } = await scored('/gpu');
  assert.equal(device, 'webgpu');
  assertNative(score, NATIVE.plain, 0.005);
  assert.match((await scored('/none')).message, /“none\.onnx” cannot be fetched: 127\.0\.0\.1:\d+ answered 404/);
});
