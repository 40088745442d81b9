// The page's search: under limits, to the end, held up, cut off by a reload and
// gone on with, and what it says of wishes that cannot be.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { browserTests, faults, screenshots } from './harness.mjs';

const tests = browserTests({ webgpu: false });
const SMALL = '?device=cpu#space=nasbench201&set.cells=1&set.stem_width=4&set.size=16';
const WIDTHS = [390, 768, 1024, 1600];

/** Opens the panel and fills its form. */
async function wish(page, wishes) {
  await page.locator('#search > summary').click();
  for (const [label, value] of Object.entries(wishes)) {
    const field = page.locator('#search').getByLabel(label, { exact: true });
    if (['Strategy', 'Small besides', 'Surrogate'].includes(label)) await field.selectOption(value);
    else await field.fill(value);
  }
}

const press = (page, name) => page.locator('#search').getByRole('button', { name, exact: true }).click();
const best = (page) => page.getByRole('region', { name: 'The best candidates' }).getByRole('row');

test('a search under a limit: its best, the front, a candidate opened, rows saved, a link', async (context) => {
  const { page, problems } = await tests.open(context, SMALL, { viewport: { width: 1024, height: 900 } });
  await wish(page, { Candidates: '24', 'Parameters at most': '16k', 'Small besides': 'params' });
  await press(page, 'Search');
  await page.getByText('Done: 24 candidates.').waitFor();
  const rows = await best(page).allTextContents();
  assert.ok(rows.length > 5, rows.join('\n'));
  const sizes = await page.evaluate(() => [...document.querySelectorAll('#search .search-found tbody td:nth-child(3)')].map(({ textContent }) => Number(textContent.replaceAll(',', ''))));
  assert.ok(sizes.length > 0 && sizes.every((size) => size > 0 && size <= 16_000), sizes.join());
  assert.ok(rows.some((row) => row.endsWith('yes')), 'some are on the front');
  await page.getByRole('img', { name: /^The best dextr over 24 candidates/ }).waitFor();
  assert.equal(await page.locator('#search .front').count(), 1);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width, `${width}`);
    assert.deepEqual(await faults(page), []);
  }
  await page.locator('#search').screenshot({ path: join(screenshots, 'search.png') });
  const download = page.waitForEvent('download');
  await press(page, 'Save all rows as CSV');
  const text = await readFile(await (await download).path(), 'utf8');
  assert.equal(text.trim().split('\n').length, 25);
  assert.match(text, /^arch,space,status,score/);
  // The best is scored as the search scored it.
  const [name, aim] = await best(page).nth(1).evaluate((row) => [row.cells[0].textContent, row.cells[1].textContent]);
  await best(page).nth(1).getByRole('button').click();
  await page.locator('#answer .arch code').filter({ hasText: name }).waitFor();
  assert.equal(Number(await page.locator('#answer .score data').getAttribute('value')).toPrecision(4), Number(aim).toPrecision(4));
  assert.deepEqual(problems, []);
});

test('a link has the form of a search', async (context) => {
  const search = encodeURIComponent(JSON.stringify({ strategy: 'evolution', candidates: '7', maxParams: '20k', seed: '3' }));
  const { page, problems } = await tests.open(context, `${SMALL}&search=${search}`);
  assert.equal(await page.locator('#search').getByLabel('Strategy', { exact: true }).inputValue(), 'evolution');
  assert.equal(await page.locator('#search').getByLabel('Search seed', { exact: true }).inputValue(), '3');
  await press(page, 'Search');
  await page.getByText('Done: 7 candidates.').waitFor();
  assert.deepEqual(problems, []);
});

test('held up, cut off by a reload and gone on with, it finds what it finds in one go', async (context) => {
  const wishes = { Strategy: 'local', Candidates: '150', 'Search seed': '5' };
  const straight = await tests.open(context, SMALL, { viewport: { width: 1024, height: 900 } });
  await wish(straight.page, wishes);
  await press(straight.page, 'Search');
  await straight.page.getByText('Done: 150 candidates.').waitFor();
  const expected = await best(straight.page).allTextContents();
  await straight.page.close();

  const { page } = await tests.open(context, SMALL, { viewport: { width: 1024, height: 900 } });
  await wish(page, wishes);
  await press(page, 'Search');
  await page.locator('#search .status').filter({ hasText: /^\d+ of 150/ }).waitFor();
  await press(page, 'Pause');
  await page.getByText(/^Paused at \d+ of 150\.$/).waitFor();
  const kept = () => page.evaluate(() => new Promise((resolve) => {
    const open = indexedDB.open('dextr-search');
    open.onsuccess = () => {
      const get = open.result.transaction('search').objectStore('search').get('now');
      get.onsuccess = () => resolve(get.result?.done ?? 0);
    };
  }));
  // What is held up is kept, with the rows that were under way.
  for (let tries = 0; tries < 200 && await kept() === 0; tries++) await page.waitForTimeout(50);
  assert.ok(await kept() > 0);
  await page.reload();
  await page.getByRole('status').filter({ hasText: 'Ready.' }).waitFor();
  await page.locator('#search > summary').click();
  await page.getByText(/A search of nasbench201 was cut off when the page went: \d+ of 150 candidates/).waitFor();
  await press(page, 'Go on');
  await page.getByText('Done: 150 candidates.').waitFor();
  assert.deepEqual(await best(page).allTextContents(), expected);
  // What has ended is not offered again.
  await page.reload();
  await page.getByRole('status').filter({ hasText: 'Ready.' }).waitFor();
  assert.equal(await page.getByText(/was cut off/).count(), 0);
});

/** Runs in the page: presses Pause as soon as an edge without an operation is shown. */
function pauseAtEdge() {
  const search = document.getElementById('search');
  new MutationObserver((_, observer) => {
    const caption = search.querySelector('.projection-trial caption')?.textContent ?? '';
    const pause = [...search.querySelectorAll('button')].find(({ textContent }) => textContent === 'Pause');
    if (!/^cell \d→\d: without$/.test(caption) || !pause) return;
    observer.disconnect();
    pause.click();
  }).observe(search, { childList: true, subtree: true, characterData: true });
}

test('a projection shows its edges, and an instance that dies mid-search changes neither rows nor winner', async (context) => {
  const decided = (page) => page.locator('#search .projection-cell li').allTextContents();
  const run = async (kill) => {
    const { page, problems } = await tests.open(context, SMALL, { viewport: { width: 390, height: 800 } });
    await wish(page, { Strategy: 'projection', 'Sets of circles': '2' });
    assert.equal(await page.locator('#search').getByLabel('Candidates', { exact: true }).isVisible(), false);
    // An edge is tried for less time than a locator waits before it looks again.
    if (kill) await page.evaluate(pauseAtEdge);
    await press(page, 'Search');
    if (kill) {
      await page.locator('#search').getByRole('button', { name: 'Go on', exact: true }).waitFor();
      assert.equal(await page.locator('#search .projection-trial tbody tr').count(), 5);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 390);
      assert.deepEqual(await faults(page), []);
      await page.reload();
      await page.getByRole('status').filter({ hasText: 'Ready.' }).waitFor();
      await page.locator('#search > summary').click();
      await press(page, 'Go on');
    }
    await page.getByText('Done: 61 candidates.').waitFor();
    const download = page.waitForEvent('download');
    await press(page, 'Save all rows as CSV');
    const text = await readFile(await (await download).path(), 'utf8');
    const [header, ...rows] = text.trim().split('\n');
    const wanted = header.split(',').findIndex((name) => name === 'seconds');
    const found = { rows: rows.map((row) => row.split(',').filter((_, index) => index !== wanted).join()), best: await best(page).allTextContents(), edges: await decided(page) };
    await page.close();
    return { found, problems };
  };
  const whole = await run(false);
  assert.deepEqual(whole.problems, []);
  assert.equal(whole.found.rows.length, 61);
  assert.equal(whole.found.edges.length, 6);
  assert.deepEqual((await run(true)).found, whole.found);
});

test('what it asks to be trained is told, some now and some after a reload, and wrong accuracies are named', async (context) => {
  const { page, problems } = await tests.open(context, SMALL, { viewport: { width: 390, height: 800 } });
  await wish(page, { Strategy: 'optiproxy', Surrogate: 'light', Candidates: '15' });
  assert.equal(await page.locator('#search').getByLabel('Aim', { exact: true }).isVisible(), false);
  await press(page, 'Search');
  const train = page.getByRole('region', { name: 'What is to be trained' });
  await train.getByRole('heading', { name: 'Train these 10 architectures' }).waitFor();
  assert.deepEqual(await faults(page), []);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 390);
  await page.locator('#search').screenshot({ path: join(screenshots, 'search-train.png') });
  const fields = train.getByLabel(/^Accuracy of \|/);
  const said = train.getByRole('alert');
  const tell = () => train.getByRole('button', { name: 'Tell' }).click();
  await tell();
  await said.filter({ hasText: 'There is no accuracy to tell' }).waitFor();
  // One that is none, one too large; the others are taken.
  await fields.nth(0).fill('good');
  await tell();
  await said.filter({ hasText: '‘good’ is no number' }).waitFor();
  await fields.nth(0).fill('940');
  await fields.nth(1).fill('71,5');
  await fields.nth(2).fill('70');
  await tell();
  await said.filter({ hasText: 'is told as 940' }).waitFor();
  await train.getByRole('heading', { name: 'Train these 8 architectures' }).waitFor();
  assert.equal(await fields.nth(0).inputValue(), '940');
  // One that was not asked for, in another notation; then once more with another value.
  await train.getByLabel('Another architecture').fill('333333');
  await train.getByLabel('Accuracy of the other architecture').fill('80');
  await fields.nth(0).fill('69');
  await tell();
  await said.filter({ hasText: '333333 was not asked for' }).waitFor();
  await train.getByLabel('Another architecture').fill('333333');
  await train.getByLabel('Accuracy of the other architecture').fill('81');
  await tell();
  await said.filter({ hasText: 'was told as 80, and now as 81' }).waitFor();
  await train.getByLabel('Another architecture').fill('');
  await train.getByLabel('Accuracy of the other architecture').fill('');
  // What was told is kept.
  await page.reload();
  await page.getByRole('status').filter({ hasText: 'Ready.' }).waitFor();
  await page.locator('#search > summary').click();
  await page.getByText('3 of 15 candidates are done and kept').waitFor();
  await press(page, 'Go on');
  await train.getByRole('heading', { name: 'Train these 7 architectures' }).waitFor();
  for (let i = 0; i < 7; i++) await fields.nth(i).fill(String(60 + i));
  await fields.nth(6).press('Enter');
  await train.getByRole('heading', { name: 'Train these 5 architectures' }).waitFor();
  for (let i = 0; i < 5; i++) await fields.nth(i).fill(String(72 + i));
  await tell();
  await page.getByText('Done: 15 candidates.').waitFor();
  assert.equal(await train.isVisible(), false);
  assert.equal(await best(page).nth(1).evaluate((row) => row.cells[1].textContent), '76');
  await page.getByRole('img', { name: /^The best accuracy over 15 candidates/ }).waitFor();
  assert.deepEqual(problems, []);
});

test('wishes that cannot be are named, and what was found stays', async (context) => {
  const { page, problems } = await tests.open(context, SMALL);
  await wish(page, { Candidates: '5' });
  await press(page, 'Search');
  await page.getByText('Done: 5 candidates.').waitFor();
  const before = await best(page).count();
  const alert = page.locator('#search').getByRole('alert');
  for (const [label, value, said] of [
    ['Parameters at most', '10', /smallest|nearest/i], ['Candidates', '0', /candidates/], ['Aim', 'dexter', /dextr/], ['Parameters at most', '6 apples', /6 apples/],
  ]) {
    const field = page.locator('#search').getByLabel(label, { exact: true });
    const old = await field.inputValue();
    await field.fill(value);
    await press(page, 'Search');
    await alert.filter({ hasText: said }).waitFor();
    await field.fill(old);
  }
  assert.equal(await best(page).count(), before);
  assert.deepEqual(problems, []);
});

test('an architecture is saved as a model file, which scores what its text scores', async (context) => {
  const { page, problems } = await tests.open(context, `${SMALL}&observe=flow`);
  await page.getByRole('button', { name: 'Score', exact: true }).click();
  const shown = async () => Number(await page.locator('#answer .score data').getAttribute('value'));
  await page.locator('#answer .score data').waitFor();
  const expected = await shown();
  await page.getByText('Save, link, embed').click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as ONNX' }).click();
  const file = await (await download).path();
  await page.getByLabel('Open files, or drop them anywhere').setInputFiles({ name: 'saved.onnx', mimeType: 'application/octet-stream', buffer: await readFile(file) });
  await page.locator('.model h3').filter({ hasText: 'saved.onnx' }).waitFor();
  await page.locator('.model-settings').getByLabel('weights').selectOption('file');
  await page.getByRole('button', { name: 'Score', exact: true }).click();
  await page.locator('#answer .arch').filter({ hasText: 'saved.onnx' }).waitFor();
  assert.ok(Math.abs(await shown() - expected) < 1e-4 * expected, `${await shown()} for ${expected}`);
  assert.deepEqual(problems, []);
});
