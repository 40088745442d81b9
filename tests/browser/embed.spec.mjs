// `<dextr-score>` wherever an author may put it, from the element's files and
// from the one-file build.
import assert from 'node:assert/strict';
import { readFile, writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'node:test';
import { BEST, browserTests, COMPUTATION, SPACE } from './harness.mjs';
import { root } from './site.mjs';

const tests = browserTests({ webgpu: false });
const OTHER = '|skip_connect~0|+|none~0|nor_conv_1x1~1|+|none~0|none~1|nor_conv_1x1~2|';
const INLINE = join(root, 'dist/dextr/dextr-inline.js');

const element = (attributes = '', arch = BEST) => `<dextr-score space="${SPACE}" arch="${arch}" ${attributes}></dextr-score>`;
const document = (body, head = '') => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Host</title>${head}</head><body>${body}</body></html>`;

/** Answers addresses below `test/` with the given documents. */
async function documents(page, all) {
  await page.route('**/test/*', (route) => route.fulfill({ body: all[route.request().url().split('/').pop()], contentType: 'text/html' }));
}

/** The number that an element shows, when it has one. */
async function shown(frame, nth = 0) {
  const value = frame.locator('dextr-score').nth(nth).locator('.score data');
  await value.waitFor({ timeout: COMPUTATION });
  return Number(await value.getAttribute('value'));
}

/** What the element's own site says that the cell scores. */
let expected;
async function expectedScore(context) {
  if (expected) return expected;
  const page = await tests.blank(context);
  await documents(page, { host: document(element('device="cpu"'), '<script type="module" src="../dextr/element.js"></script>') });
  await page.goto(`${tests.site}test/host`);
  expected = await shown(page);
  return expected;
}

test('two elements on one page: both score, events tell, attributes are followed', async (context) => {
  const page = await tests.blank(context);
  await documents(page, { host: document(element() + element('seed="1" theme="dark"', OTHER)) });
  await page.goto(`${tests.site}test/host`);
  await page.evaluate(async () => {
    globalThis.heard = [];
    for (const [index, element] of [...document.querySelectorAll('dextr-score')].entries()) {
      for (const type of ['progress', 'score', 'error']) element.addEventListener(type, ({ detail }) => globalThis.heard.push([index, type, detail.score ?? detail.code ?? null]));
    }
    await import(new URL('../dextr/element.js', location.href).href);
  });
  const scores = [await shown(page, 0), await shown(page, 1)];
  const heard = await page.evaluate(() => globalThis.heard);
  for (const index of [0, 1]) {
    assert.deepEqual(heard.filter(([who, type]) => who === index && type === 'score').map(([, , score]) => score), [scores[index]]);
    assert.ok(heard.some(([who, type]) => who === index && type === 'progress'), 'progress was told');
  }
  assert.notEqual(scores[0], scores[1]);
  await page.evaluate((arch) => document.querySelectorAll('dextr-score')[0].setAttribute('arch', arch), '|broken~0|');
  const alert = page.locator('dextr-score').first().getByRole('alert');
  await alert.waitFor();
  assert.match(await alert.textContent(), /character \d/i);
  assert.deepEqual((await page.evaluate(() => globalThis.heard)).at(-1), [0, 'error', 'bad-architecture']);
  assert.equal(await shown(page, 1), scores[1], 'the other one stays');
});

test('an element that nobody sees costs nothing until it comes into view', async (context) => {
  const page = await tests.blank(context);
  const fetched = [];
  page.on('request', (request) => fetched.push(request.url()));
  await documents(page, { host: document(`<p id="far">Far below</p>${element()}`, '<link rel="stylesheet" href="style"><script type="module" src="../dextr/element.js"></script>'), style: '' });
  await page.route('**/test/style', (route) => route.fulfill({ body: '#far { height: 9000px }', contentType: 'text/css' }));
  await page.goto(`${tests.site}test/host`, { waitUntil: 'networkidle' });
  assert.ok(fetched.every((url) => !url.endsWith('.wasm')), 'nothing was fetched');
  await page.locator('dextr-score').scrollIntoViewIfNeeded();
  assert.equal(await shown(page), await expectedScore(context));
});

test('the sample project page: both scores, one from a file', async (context) => {
  const page = await tests.blank(context);
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(`${tests.site}examples/index.html`);
  assert.equal(await shown(page, 0), await expectedScore(context));
  await page.locator('dextr-score').nth(1).scrollIntoViewIfNeeded();
  assert.ok(await shown(page, 1) > 0);
  assert.deepEqual(problems, [], 'nothing breaks the page’s policy');
});

test('a file that is not there is an error with its name', async (context) => {
  const page = await tests.blank(context);
  await documents(page, { host: document(`<dextr-score src="missing.txt"></dextr-score>`, '<script type="module" src="../dextr/element.js"></script>') });
  await page.route('**/missing.txt', (route) => route.fulfill({ status: 404 }));
  await page.goto(`${tests.site}test/host`);
  const alert = page.locator('dextr-score').getByRole('alert');
  await alert.waitFor();
  assert.match(await alert.textContent(), /404.*missing\.txt/);
});

test('in a frame of another site, where storage is forbidden', async (context) => {
  const page = await tests.blank(context);
  const frame = tests.site.replace('127.0.0.1', 'localhost');
  await documents(page, {
    host: document(`<iframe src="${frame}test/frame" width="600" height="600" title="A score"></iframe>`),
    frame: document(element(), `<script>for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError'); } });</script><script type="module" src="../dextr/element.js"></script>`),
  });
  await page.goto(`${tests.site}test/host`);
  assert.equal(await shown(page.frameLocator('iframe')), await expectedScore(context));
});

test('the script from another site, as an author would link it', async (context) => {
  const page = await tests.blank(context);
  const other = tests.site.replace('127.0.0.1', 'localhost');
  // Static hosts allow other sites to import from them.
  await page.route(`${other}dextr/**`, async (route) => route.fulfill({ response: await route.fetch(), headers: { ...(await route.fetch()).headers(), 'access-control-allow-origin': '*' } }));
  await documents(page, { host: document(element(), `<script type="module" src="${other}dextr/element.js"></script>`) });
  await page.goto(`${tests.site}test/host`);
  assert.equal(await shown(page), await expectedScore(context));
});

for (const sandbox of ['allow-scripts', 'allow-scripts allow-same-origin']) {
  test(`the one-file build in a frame with sandbox="${sandbox}"`, async (context) => {
    const page = await tests.blank(context);
    await documents(page, {
      host: document(`<iframe sandbox="${sandbox}" src="frame" width="600" height="600" title="A score"></iframe>`),
      frame: document(element(), '<script src="../dextr/dextr-inline.js"></script>'),
    });
    await page.goto(`${tests.site}test/host`);
    assert.equal(await shown(page.frameLocator('iframe')), await expectedScore(context));
  });
}

for (const workers of [true, false]) {
  test(`the one-file build from file://, ${workers ? 'in a worker' : 'without workers'}`, async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'dextr-file-'));
    context.after(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'dextr-inline.js'), await readFile(INLINE));
    const without = workers ? '' : '<script>delete window.Worker;</script>';
    await writeFile(join(folder, 'page.html'), document(element(), `${without}<script src="dextr-inline.js"></script>`));
    const page = await tests.blank(context);
    await page.goto(pathToFileURL(join(folder, 'page.html')).href);
    assert.equal(await shown(page), await expectedScore(context));
  });
}

test('a host page with a strict policy', async (context) => {
  const page = await tests.blank(context);
  const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; require-trusted-types-for 'script'";
  const violations = [];
  page.on('console', (message) => /Content Security Policy|TrustedScript/.test(message.text()) && violations.push(message.text()));
  await page.route('**/test/host', (route) => route.fulfill({
    body: document(element(), '<script type="module" src="../dextr/element.js"></script>'), contentType: 'text/html', headers: { 'content-security-policy': policy },
  }));
  await page.goto(`${tests.site}test/host`);
  assert.equal(await shown(page), await expectedScore(context));
  // What trusted types forbid, a worker's address, the page's own thread makes good.
  assert.ok(violations.every((text) => /TrustedScriptURL|Trusted/.test(text)), violations.join('\n'));
});

test('markup in an attribute is text', async (context) => {
  const page = await tests.blank(context);
  const arch = '<img src=x onerror="window.hit = true">';
  await documents(page, { host: document('', '<script type="module" src="../dextr/element.js"></script>') });
  await page.goto(`${tests.site}test/host`);
  await page.evaluate((arch) => {
    const element = document.createElement('dextr-score');
    element.setAttribute('arch', arch);
    document.body.append(element);
  }, arch);
  await page.locator('dextr-score').getByRole('alert').waitFor();
  assert.deepEqual(await page.evaluate(() => [window.hit, document.querySelector('dextr-score').shadowRoot.querySelectorAll('img').length]), [undefined, 0]);
});
