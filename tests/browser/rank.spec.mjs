// The exact rank of a NAS-Bench-201 cell among all of them, and where it is not shown.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { BEST, browserTests, pressScore } from './harness.mjs';
import { copiedSite } from './hosts.mjs';
import { root } from './site.mjs';

const tests = browserTests({ webgpu: false });
const FILE = '**/nasbench201.csv.gz';
/** The best cell's code: 3, 3, 3, 1, 3, 3 to base 5. */
const CODE = 11_468;

const text = async () => gunzipSync(await readFile(join(root, 'dist/app/references/nasbench201.csv.gz'))).toString();
const asked = (requests) => requests.filter((url) => url.endsWith('.csv.gz')).length;
/** Waits for the second answer of the page, which has the table from the first. */
async function again(page) {
  await page.evaluate(() => document.querySelector('#answer .standing').remove());
  await pressScore(page);
  await page.getByText(/^Above .* of 1,000 random architectures of nasbench201\./).waitFor();
  await page.getByText(/CIFAR-10: [\d.]+ to [\d.]+, median/).waitFor();
}
const shown = (page) => page.getByText(/^(Rank|No exact rank)/).count();

/** What the page should say of the best cell. */
async function expected() {
  const table = await text();
  const rows = table.split('\n').filter((line) => /^\d/.test(line)).map((line) => line.split(',').map(Number));
  const [dextr, meco, concord] = rows[CODE].map((own, proxy) => {
    const [above, shared] = [rows.filter((row) => row[proxy] > own).length, rows.filter((row) => row[proxy] === own).length];
    return [(1 + above).toLocaleString('en'), shared === 1 ? '' : `, shared by ${shared.toLocaleString('en')}`];
  });
  return `Rank ${dextr[0]} of all 15,625 cells by dextr${dextr[1]}; ${meco.join(' by meco_opt')}; ${concord.join(' by concord')} (table of version ${/^# version: (.*)$/m.exec(table)[1]}, seed 0).`;
}

test('the exact rank, fetched after the first score alone', async (context) => {
  const { page, requests, problems } = await tests.open(context);
  await page.waitForLoadState('networkidle');
  assert.equal(asked(requests), 0);
  await pressScore(page);
  await page.getByText(await expected(), { exact: true }).waitFor();
  // Nothing flows through this one, as through some others.
  await page.getByLabel('Architecture as text').fill(BEST.replaceAll(/\w+~/g, 'none~'));
  await pressScore(page);
  await page.getByText(/^Rank 1\d,\d{3} of all 15,625 cells by dextr, shared by [\d,]+; /).waitFor();
  assert.equal(asked(requests), 1);
  assert.deepEqual(problems, []);
});

test('the same on the second visit, with the server gone', async (context) => {
  const { address, stop } = await copiedSite(context);
  const page = await tests.blank(context, { serviceWorkers: 'allow' });
  await page.goto(`${address}?device=cpu&live=off`);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await stop();
  await page.reload();
  await page.getByRole('status').filter({ hasText: 'Ready.' }).waitFor();
  await pressScore(page);
  await page.getByText(await expected(), { exact: true }).waitFor();
});

test('under other settings there is none', async (context) => {
  const { page, requests } = await tests.open(context, '?device=cpu#set.stem_width=4&set.cells=1&set.size=8&curves=1');
  await pressScore(page);
  await page.getByText(/which these are not\./).waitFor();
  assert.equal(asked(requests), 0);
  assert.equal(await shown(page), 0);
});

test('under another seed there is none, though random architectures stand beside it', async (context) => {
  const { page, requests } = await tests.open(context);
  await pressScore(page);
  await page.getByText(await expected(), { exact: true }).waitFor();
  await page.getByText('Settings', { exact: true }).click();
  await page.getByLabel('Weight seed').fill('1');
  await again(page);
  assert.equal(await shown(page), 0);
  assert.equal(asked(requests), 1);
});

test('a table that cannot be read is left out, and nothing else', async (context) => {
  for (const answer of [{ status: 404 }, { body: Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]) }]) {
    const { page, problems } = await tests.open(context, '?device=cpu', { setUp: (blank) => blank.route(FILE, (route) => route.fulfill(answer)) });
    const answered = page.waitForResponse(FILE);
    await pressScore(page);
    await answered;
    await again(page);
    assert.equal(await shown(page), 0);
    assert.deepEqual(problems.filter((problem) => !problem.includes('404')), []);
  }
});

test('a table of other scores gives no rank; a server may unpack it', async (context) => {
  const lines = (await text()).replace(/^# version: .*$/m, '# version: 0.0.9').split('\n');
  const row = lines.findIndex((line) => /^\d/.test(line)) + CODE;
  lines[row] = lines[row].replace(/^[^,]+/, '2.5');
  const { page } = await tests.open(context, '?device=cpu', { setUp: (blank) => blank.route(FILE, (route) => route.fulfill({ body: lines.join('\n') })) });
  await pressScore(page);
  await page.getByText('No exact rank: the table of all cells is of another version (0.0.9), which scores this one 2.5.', { exact: true }).waitFor();
});
