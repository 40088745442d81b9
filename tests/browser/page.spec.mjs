// The page as a visitor uses it.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { BEST, browserTests, pressScore, screenshots, shownScore, SPACE, within } from './harness.mjs';

const tests = browserTests();
const OTHER = '|nor_conv_1x1~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_3x3~2|';

/** A small network, where the number itself does not matter. */
const SMALL = '?device=cpu#set.stem_width=4&set.cells=1&set.size=8&curves=1';

const cellString = (page) => page.getByLabel('Cell string');
const earlier = (page) => page.locator('#results tbody tr');

test('paste a string, score it, read the number', async (context) => {
  const { page, requests, problems } = await tests.open(context);
  await cellString(page).fill(OTHER);
  await pressScore(page);
  const shown = await shownScore(page);

  const expected = await within(page.evaluate(async (request) => {
    const engine = await import(new URL('dextr/dextr.js', document.baseURI).href);
    await engine.default({ module_or_path: new URL('dextr/dextr_bg.wasm', document.baseURI) });
    const session = await engine.Session.open('cpu');
    return (await session.score(request, () => true)).score;
  }, { space: SPACE, arch: OTHER, seed: 0 }), 'scoring beside the page');
  assert.equal(shown.value, expected);
  assert.equal(shown.text, expected.toFixed(4));

  assert.deepEqual(await page.locator('.edge-choice select').evaluateAll((selects) => selects.map((select) => select.value)),
    ['nor_conv_1x1', 'none', 'skip_connect', 'avg_pool_3x3', 'none', 'nor_conv_3x3']);
  assert.match(await page.locator('#answer').textContent(), /Device.*CPU \(WebAssembly\), because you asked for it/);
  assert.ok(await page.locator('#answer .bar').count() > 0, 'the strip of ratios');
  assert.equal(await earlier(page).count(), 1);
  assert.deepEqual(requests.filter((url) => !url.startsWith(tests.site) && !/^(data|blob):/.test(url)), [], 'nothing leaves the origin');
  assert.deepEqual(problems, []);
});

test('the edges and the text are kept in step', async (context) => {
  const { page } = await tests.open(context, SMALL);
  await cellString(page).fill(BEST);
  await page.getByLabel('0 → 3').selectOption('none');
  assert.equal(await cellString(page).inputValue(), BEST.replace('skip_connect~0', 'none~0'));
});

test('a wrong string names its character, and earlier results stay', async (context) => {
  const { page } = await tests.open(context, SMALL);
  await pressScore(page);
  const before = await shownScore(page);

  await cellString(page).fill(BEST.replace('nor_conv_3x3~1', 'nor_conv_9x9~1'));
  await pressScore(page);
  const box = cellString(page);
  assert.equal(await box.getAttribute('aria-invalid'), 'true');
  const described = await box.evaluate((box) => box.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id).textContent).join(' '));
  assert.match(described, /character 34\b/i);
  assert.match(described, /nor_conv_9x9/);
  assert.equal(await box.evaluate((box) => document.activeElement === box), true, 'the box has the focus');
  assert.deepEqual(await shownScore(page), before);
  assert.equal(await earlier(page).count(), 1);

  await box.fill(OTHER);
  await pressScore(page);
  assert.equal(await box.getAttribute('aria-invalid'), null);
  assert.equal(await earlier(page).count(), 2);
});

test('what is pasted is text, never markup', async (context) => {
  const hostile = '<img src=x onerror=alert(1)>';
  const { page, requests, problems } = await tests.open(context, `${SMALL}&arch=${encodeURIComponent(hostile)}`);
  assert.equal(await cellString(page).inputValue(), hostile);
  await pressScore(page);
  assert.equal(await cellString(page).getAttribute('aria-invalid'), 'true');
  assert.equal(await page.locator('img').count(), 0);
  assert.deepEqual(requests.filter((url) => url.endsWith('/x')), []);
  assert.deepEqual(problems, []);
});

test('a cancelled run says so, and the next one works', async (context) => {
  const { page } = await tests.open(context, '?device=cpu#seeds=100');
  await page.getByRole('button', { name: 'Score' }).click();
  await page.getByText(/^Step \d+ of \d+/).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('status').filter({ hasText: 'Cancelled' }).waitFor();
  assert.equal(await earlier(page).count(), 0);

  await page.getByText('Settings', { exact: true }).click();
  await page.getByLabel('Number of seeds').fill('1');
  await pressScore(page);
  await shownScore(page);
});

test('a link reopens architecture and settings; results are saved with all it takes to repeat them', async (context) => {
  const { page } = await tests.open(context, `${SMALL}&seed=7&observe=layers&arch=${encodeURIComponent(OTHER)}`);
  await pressScore(page);
  const { value } = await shownScore(page);

  const saved = async (name) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
    return readFile(await within(download.path(), 'the download'), 'utf8');
  };
  const [head, row] = (await saved('Save as CSV')).trimEnd().split('\n');
  assert.match(head, /^arch,space,status,score,score_std,s,k,curvature,ratio_sum,params,macs,seed,seeds,protocol,observe,device,version,seconds,message,image_seed,curve_seed,curves,image,options$/);
  assert.ok(row.startsWith(`${OTHER},${SPACE},ok,${value},`), row);
  const json = JSON.parse(await saved('Save as JSON'));
  assert.deepEqual([json.arch, json.score, json.seed, json.observe, json.curves], [OTHER, value, 7, 'layers', 1]);
  assert.match(json.options, /stem_width=4\b/);

  await page.getByRole('link', { name: 'link to this setup' }).click();
  await page.reload();
  await page.getByRole('status').filter({ hasText: 'Ready.' }).waitFor();
  await pressScore(page);
  assert.equal((await shownScore(page)).value, value);
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
  await input.setInputFiles({ name: 'mine.png', mimeType: 'image/png', buffer: png });
  await page.getByRole('button', { name: 'Use the default picture' }).waitFor();
  await pressScore(page);
  assert.notEqual((await shownScore(page)).value, value);
  assert.match(await page.locator('#answer').textContent(), /mine\.png/);
});

for (const [width, colorScheme] of [[360, 'light'], [360, 'dark'], [1600, 'light'], [1600, 'dark']]) {
  test(`nothing sticks out at ${width} px, ${colorScheme}`, async (context) => {
    const { page } = await tests.open(context, SMALL, { viewport: { width, height: 900 }, colorScheme });
    await pressScore(page);
    await page.getByText('Settings', { exact: true }).click();
    await page.getByText(/^All \d+ observed maps$/).click();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    await mkdir(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, `page-${width}-${colorScheme}.png`), fullPage: true });
    assert.ok(wide <= width, `the page is ${wide} px wide`);
  });
}
