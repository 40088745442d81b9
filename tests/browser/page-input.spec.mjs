// What the page does with what is wrong.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { BEST, browserTests, pressScore, shownScore, within } from './harness.mjs';

const tests = browserTests();
const SMALL = '?device=cpu#set.stem_width=4&set.cells=1&set.size=8&curves=1';

const text = (page) => page.getByLabel('Architecture as text');
const alert = (page, pattern) => page.getByRole('alert').filter({ hasText: pattern }).waitFor();

/** Drops a file on the page. */
const drop = (page, name, type, body) => page.evaluate(([name, type, body]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(body)], name, { type }));
  dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
}, [name, type, [...Buffer.from(body)]]);

test('a wrong string names its character, and the earlier answer stays', async (context) => {
  const { page } = await tests.open(context, SMALL);
  await pressScore(page);
  const before = await shownScore(page);

  await text(page).fill(BEST.replace('nor_conv_3x3~1', 'nor_conv_9x9~1'));
  await pressScore(page);
  const box = text(page);
  assert.equal(await box.getAttribute('aria-invalid'), 'true');
  const described = await box.evaluate((box) => box.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id).textContent).join(' '));
  assert.match(described, /character 34\b/i);
  assert.match(described, /nor_conv_9x9/);
  assert.equal(await box.evaluate((box) => document.activeElement === box), true, 'the box has the focus');
  assert.deepEqual(await shownScore(page), before);

  await box.fill(BEST);
  await pressScore(page);
  assert.equal(await box.getAttribute('aria-invalid'), null);
});

test('what comes in by link, paste or file is text, never markup', async (context) => {
  const hostile = '<img src=x onerror=alert(1)>';
  const { page, requests, problems } = await tests.open(context, `${SMALL}&arch=${encodeURIComponent(hostile)}&${encodeURIComponent(hostile)}=1`);
  assert.equal(await text(page).inputValue(), hostile);
  await alert(page, `There is no setting “${hostile}”`);
  await pressScore(page);
  assert.equal(await text(page).getAttribute('aria-invalid'), 'true');
  await drop(page, `${hostile}.onnx`, '', 'x');
  await alert(page, `“${hostile}.onnx”`);
  await drop(page, `${hostile}.png`, 'image/png', 'x');
  await page.getByText(`“${hostile}.png” is not a picture`).waitFor();
  assert.equal(await page.locator('img').count(), 0);
  assert.deepEqual(requests.filter((url) => url.endsWith('/x')), []);
  assert.deepEqual(problems, []);
});

test('numbers that mean two cells are asked about before anything is scored, and the answer holds for a list', async (context) => {
  const { page, problems } = await tests.open(context, SMALL);
  const theirs = '|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|';
  await text(page).fill('(4, 0, 3, 1, 4, 3)');
  const question = page.getByRole('group', { name: /^These numbers mean two cells/ });
  const choice = (name) => question.getByRole('button', { name });
  await choice(/As in NAS-Bench-201 and NATS-Bench.*nor_conv_3x3.* parameters/).waitFor();
  await choice(/As in NASLib.*nor_conv_1x1.* parameters/).waitFor();
  const described = await choice(/NASLib/).textContent();
  assert.ok(described.includes(theirs), described);
  await pressScore(page);
  await page.getByRole('status').filter({ hasText: 'Not scored: choose which cell the numbers mean.' }).waitFor();
  assert.equal(await question.evaluate((question) => question.contains(document.activeElement)), true, 'the question has the focus');
  assert.equal(await page.locator('#answer .score').count(), 0);

  await choice(/NASLib/).click();
  await page.waitForFunction((theirs) => document.querySelector('textarea').value === theirs, theirs);
  assert.equal(await question.count(), 0);
  await pressScore(page);
  await shownScore(page);
  assert.ok((await page.locator('#list').textContent()).includes(theirs));

  await page.getByLabel('Many architectures').fill('(0, 0, 3, 1, 4, 3)\n(4, 0, 3, 1, 4, 3)\n');
  await page.getByRole('button', { name: 'Score the list', exact: true }).click();
  await page.locator('.layout').getByText('numbers in the order of NASLib (2 rows)').waitFor();
  await page.reload();
  await text(page).fill('(4, 0, 3, 1, 4, 3)');
  await choice(/As in NASLib.*\(chosen last\)/).waitFor();
  // A prefix says it at once.
  await text(page).fill('naslib:(4, 0, 3, 1, 4, 3)');
  await page.getByText(/^[\d,]+ parameters, /).waitFor();
  assert.equal(await question.count(), 0);
  assert.deepEqual(problems, []);
});

test('an index, a name and several lines are read, and the page says as what', async (context) => {
  const { page } = await tests.open(context, SMALL);
  await text(page).fill('6111');
  await page.getByText('6111 is read as the index of a cell in NAS-Bench-201 and NATS-Bench.').waitFor();
  await text(page).fill('DARTS_V2');
  await page.getByRole('button', { name: 'open it in darts' }).click();
  await page.getByText('DARTS_V2 is read as the published genotype DARTS_V2.').waitFor();
  await text(page).fill('00005c142e6f48ac74fdcf73e3439874');
  await page.getByText(/a hash, which cannot be read back/).waitFor();
});

test('a model without its ending, or with another, is a model', async (context) => {
  const { page } = await tests.open(context, '?device=cpu');
  const bytes = await readFile(new URL('../onnx/residual.onnx', import.meta.url));
  for (const name of ['net', 'net.onnx.bin', 'net.txt']) {
    await drop(page, name, '', bytes);
    await page.getByRole('heading', { name, exact: true }).waitFor();
  }
});

for (const [name, hash, pattern] of [
  ['an unknown space', 'space=nosuchbench', /no search space “nosuchbench”/],
  ['an unknown setting', 'sede=3', /no setting “sede”/],
  ['a seed that is no number', 'seed=3x', /seed cannot be “3x”: it is 0 now/],
  ['an unknown protocol', 'protocol=mine', /protocol cannot be “mine”/],
  ['a broken escape', 'seed=3&arch=%7Cnor_conv_3x3%7', /Character \d+ after the #/],
  ['no pairs at all', 'garbage', /not of the form name=value/],
]) {
  test(`a link with ${name} says so, and the page works`, async (context) => {
    const { page, problems } = await tests.open(context, `?device=cpu#${hash}`);
    await alert(page, /^The link is damaged/);
    await alert(page, pattern);
    assert.deepEqual(problems, []);
    await page.getByRole('button', { name: 'the best cell on CIFAR-10' }).click();
    assert.equal(await text(page).inputValue(), BEST);
  });
}

test('a link to a good setup is not called damaged', async (context) => {
  const { page } = await tests.open(context, `${SMALL}&arch=${encodeURIComponent(BEST)}`);
  assert.equal(await page.locator('#link-problem').textContent(), '');
  await page.evaluate(() => { location.hash = '#list-heading'; });
  assert.equal(await text(page).inputValue(), BEST);
});

test('token ids are scored in the place of drawn ones, and what is none is named', async (context) => {
  const { page, problems } = await tests.open(context, '?device=cpu#space=flexibert&set.length=8');
  await pressScore(page);
  const drawn = await shownScore(page);
  await page.locator('#answer').getByText('token ids 0, curves 0').waitFor();
  await page.getByText('Settings', { exact: true }).first().click();
  const ids = page.getByLabel('Your own token ids');
  await ids.fill('101 2023 nine 102');
  await pressScore(page);
  await alert(page, /'nine' is no token id \(place 2\)/);
  await page.getByLabel('length').fill('4');
  await ids.fill('101, 2023, 2003, 102');
  await pressScore(page);
  await page.locator('#answer').getByText('your own token ids, curves 0').waitFor();
  assert.notDeepEqual(await shownScore(page), drawn);
  assert.deepEqual(problems, []);
});

test('a file that is no picture is refused, and a picture is used', async (context) => {
  const { page } = await tests.open(context, SMALL);
  await page.getByText('Settings', { exact: true }).click();
  const input = page.getByLabel('Your own picture');
  await input.setInputFiles({ name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await page.getByText('“notes.png” is not a picture that this browser can read.').waitFor();
  await pressScore(page);
  const { value } = await shownScore(page);

  const png = await page.screenshot({ clip: { x: 0, y: 0, width: 64, height: 48 } });
  await drop(page, 'mine.png', 'image/png', png);
  await page.getByText('In use: mine.png').waitFor();
  await pressScore(page);
  assert.notEqual((await shownScore(page)).value, value);
  assert.match(await page.locator('#answer').textContent(), /mine\.png/);
  await page.getByRole('button', { name: 'Use the default picture' }).click();
  await pressScore(page);
  assert.equal((await shownScore(page)).value, value);
});

test('?url= reads a list, and says what is wrong with an address', async (context) => {
  const { page } = await tests.open(context, `?device=cpu&live=off&url=examples/cell.txt${SMALL.slice(SMALL.indexOf('#'))}`);
  await page.locator('#list tbody tr').filter({ hasText: 'nor_conv' }).first().waitFor();
  const second = await tests.open(context, '?device=cpu&url=nothing.csv');
  await alert(second.page, /“nothing\.csv” cannot be fetched: .* answered 404/);
  // Other sites are for a thread that has nothing but the address: the page itself may not speak to them.
  assert.equal(await second.page.evaluate(() => fetch('https://example.org/').then(() => 'fetched', () => 'refused')), 'refused');
});

test('a pasted list goes to the table', async (context) => {
  const { page } = await tests.open(context, SMALL);
  const other = BEST.replace('skip_connect', 'none');
  await text(page).evaluate((box, list) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text', list);
    box.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, `${other}\n${BEST}\n`);
  await page.locator('#list').getByText(other).first().waitFor();
  assert.equal(await text(page).inputValue(), BEST);
});

test('settings out of their range stop a score and are shown', async (context) => {
  const { page } = await tests.open(context, SMALL);
  await page.getByText('Settings', { exact: true }).click();
  await page.getByLabel('Weight seed').fill('-1');
  await page.getByRole('button', { name: 'Score', exact: true }).click();
  assert.equal(await page.getByLabel('Weight seed').evaluate((input) => input.matches(':invalid') && document.activeElement === input), true);
  assert.equal(await page.locator('#answer .score').count(), 0);
  await page.getByLabel('Weight seed').fill('1');
  await page.getByLabel('Protocol').selectOption('published');
  await pressScore(page);
  assert.match(await page.locator('#answer').textContent(), /published/);
  await page.getByRole('button', { name: 'Back to the initial settings' }).click();
  assert.deepEqual(await Promise.all(['Weight seed', 'Protocol', 'stem_width'].map((name) => page.getByLabel(name).inputValue())), ['0', 'refined', '16']);
});

test('without storage the page works the same', async (context) => {
  const prepare = () => {
    for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) {
      Object.defineProperty(globalThis, name, { get() { throw new DOMException('forbidden', 'SecurityError'); } });
    }
  };
  const { page, problems } = await tests.open(context, SMALL, { prepare });
  await page.getByRole('button', { name: /^Theme/ }).click();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light');
  await pressScore(page);
  await shownScore(page);
  assert.deepEqual(problems, []);
});

test('without workers it runs on the page, and scores follow edits all the same', async (context) => {
  const prepare = () => {
    globalThis.Worker = class {
      constructor() {
        throw new DOMException('no workers here', 'SecurityError');
      }
    };
  };
  const { page } = await tests.open(context, SMALL, { prepare, live: true });
  const { value } = await shownScore(page);
  await page.getByLabel('0 → 3', { exact: true }).selectOption('none');
  await page.waitForFunction((old) => document.querySelector('#answer data').getAttribute('value') !== old, String(value));
});

test('where the engine cannot be fetched, the page says so and still explains itself', async (context) => {
  const page = await tests.blank(context);
  await page.route('**/*.wasm', (route) => route.fulfill({ status: 503, body: '' }));
  await page.goto(`${tests.site}?device=cpu`);
  await alert(page, /could not be fetched.*503/);
  assert.equal(await page.getByRole('button', { name: 'Score', exact: true }).isDisabled(), true);
  await page.getByText('What the score says').waitFor();
});

for (const [what, answer, pattern] of [
  ['a web page in its place', { status: 200, contentType: 'text/html', body: '<!doctype html><title>Not found</title>' }, /the server sent a web page in its place \(\S*dextr_bg\.wasm\)\. Put dextr_bg\.wasm at that address/],
  ['a file that is cut off', { status: 200, contentType: 'application/wasm', body: Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 200]) }, /file is damaged/],
]) {
  test(`where the engine is ${what}, the page says that, and nothing of SIMD`, async (context) => {
    const page = await tests.blank(context);
    await page.route('**/*.wasm', (route) => route.fulfill(answer));
    await page.goto(`${tests.site}?device=cpu`);
    await alert(page, pattern);
    assert.equal(await page.getByRole('alert').filter({ hasText: 'SIMD' }).count(), 0);
  });
}

for (const [what, policy, pattern] of [
  ['may compile nothing', "script-src 'self'; connect-src 'self'", /unsupported.*content policy does not let it compile WebAssembly.*'wasm-unsafe-eval' in script-src/],
  ['may fetch nothing', "script-src 'self' 'wasm-unsafe-eval'; connect-src 'none'", /forbidden.*content policy \(connect-src\) does not allow it.*Allow 'self' in connect-src/],
]) {
  test(`a page whose policy ${what} hears which permission is missing`, async (context) => {
    const page = await tests.blank(context);
    await page.route('**/site/test/*', (route) => (route.request().url().endsWith('.js')
      ? route.fulfill({ contentType: 'text/javascript', body: "import { Dextr } from '../dextr/index.js';\ndocument.title = await Dextr.load({ device: 'cpu' }).then(() => 'loaded', ({ code, message, hint }) => `${code}: ${message} ${hint}`);" })
      : route.fulfill({ contentType: 'text/html', headers: { 'content-security-policy': policy }, body: '<!doctype html><script type="module" src="main.js"></script>' })));
    await page.goto(`${tests.site}test/policy`);
    await page.waitForFunction(() => document.title);
    assert.match(await page.title(), pattern);
  });
}

test('something useful is there before the engine, and its download is shown', async (context) => {
  const page = await tests.blank(context);
  const wasm = await readFile(new URL('../../dist/dextr/dextr_bg.wasm', import.meta.url));
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.fulfill({ body: wasm, contentType: 'application/wasm', headers: { 'content-length': String(wasm.length) } });
  });
  await page.goto(`${tests.site}?device=cpu&live=off`, { waitUntil: 'commit' });
  await page.getByText('What the score says').waitFor();
  await page.getByRole('img', { name: /A cell of four nodes/ }).waitFor();
  await page.getByRole('progressbar').first().waitFor();
  release();
  await within(page.getByRole('status').filter({ hasText: 'Ready.' }).waitFor(), 'the engine');
});
