// Other proxies beside the score: chosen, shown, columns of the list, ranked
// against the size of the networks; and lists on all cores.
import assert from 'node:assert/strict';
import test from 'node:test';
import { PROXY_PARTS } from '../../www/app/list/row.js';
import { BEST, browserTests, faults, pressScore } from './harness.mjs';

const tests = browserTests({ webgpu: false });
const SMALL = '?device=cpu#space=nasbench201&set.cells=1&set.stem_width=4&set.size=16';

test('proxies are chosen beside the score, and a link and a row carry them', async (context) => {
  const { page, problems } = await tests.open(context, SMALL, { viewport: { width: 1024, height: 900 } });
  await page.getByLabel('Architecture as text').fill(BEST);
  await page.getByText('Settings', { exact: true }).click();
  const group = page.getByRole('group', { name: 'Proxies beside the score' });
  // Each says what it measures and costs; the score and its halves are not offered.
  assert.match(await group.innerText(), /meco_opt[\s\S]*least correlated[\s\S]*one pass/);
  assert.equal(await group.getByRole('checkbox', { name: 'dextr', exact: true }).count(), 0);
  await group.getByRole('checkbox', { name: 'meco_opt', exact: true }).check();
  await group.getByRole('checkbox', { name: 'grad_norm', exact: true }).check();
  await pressScore(page);
  const table = page.getByRole('region', { name: 'Other proxies' });
  const values = await table.getByRole('row').allTextContents();
  assert.ok(values.some((row) => /^meco_opt\d/.test(row)) && values.some((row) => /^grad_norm\d/.test(row)), values.join('\n'));
  assert.match(page.url(), /proxies=dextr%2C.*meco_opt/);
  for (const width of [390, 768, 1024, 1600]) {
    await page.setViewportSize({ width, height: 900 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width, `${width}`);
    assert.deepEqual(await faults(page), []);
  }
  // The same numbers from the row, and from the link.
  for (const width of [390, 1024]) {
    await page.setViewportSize({ width, height: 900 });
    const arch = await page.getByRole('columnheader', { name: 'Architecture' }).boundingBox();
    assert.ok(arch.width >= 150, `${width}: the names have ${arch.width} px`);
  }
  const shown = await page.getByRole('columnheader', { name: 'meco_opt' }).count();
  assert.equal(shown, 1);
  const again = await tests.open(context, page.url().replace(tests.site, ''), { viewport: { width: 1024, height: 900 } });
  await pressScore(again.page);
  assert.deepEqual(await again.page.getByRole('region', { name: 'Other proxies' }).getByRole('row').allTextContents(), values);
  assert.deepEqual([...problems, ...again.problems], []);
});

test('a link names proxies in any order, and is told of a name that is none', async (context) => {
  const { page, problems } = await tests.open(context, `${SMALL}&proxies=synflow,%20k,meco_opt,dextr`, { viewport: { width: 1024, height: 900 } });
  const group = page.getByRole('group', { name: 'Proxies beside the score', includeHidden: true });
  const chosen = () => group.locator('input:checked').evaluateAll((boxes) => boxes.map(({ name }) => name).sort());
  assert.deepEqual([await chosen(), await page.locator('#link-problem').textContent()], [['meco_opt', 'synflow'], '']);
  await page.goto(`${tests.site}${SMALL}&proxies=dextr,meco_optt`);
  await page.getByText('The link is damaged.').waitFor();
  assert.match(await page.locator('#link-problem').textContent(), /proxies cannot be “dextr,meco_optt”/);
  assert.deepEqual([await chosen(), problems], [[], []]);
});

test('every proxy of a list is ranked, against the size too, and can be plotted', async (context) => {
  const { page, problems } = await tests.open(context, `${SMALL}&proxies=dextr%2Cmeco_opt%2Csynflow`, { viewport: { width: 1400, height: 900 } });
  const cells = await page.evaluate(async () => {
    const { Dextr } = await import(new URL('dextr/index.js', document.baseURI).href);
    const dextr = await Dextr.load({ device: 'cpu', workers: 1 });
    const cells = await Promise.all(Array.from({ length: 24 }, (_, seed) => dextr.sample('nasbench201', seed)));
    dextr.dispose();
    return cells;
  });
  const text = `arch,acc\n${cells.map((cell, index) => `${cell},${60 + (cell.match(/conv/g) ?? []).length * 5 + index / 100}`).join('\n')}\n`;
  await page.getByLabel('Many architectures').fill(text);
  await page.getByRole('button', { name: 'Score the list', exact: true }).click();
  await page.getByText(/^24 rows/).first().waitFor();
  const correlations = page.getByRole('region', { name: 'Correlations' });
  // They follow the rows, and come to rest with the last of them.
  await correlations.locator('tr[data-part="all rows"][data-column="score"]').filter({ hasText: /24/ }).waitFor();
  for (const column of ['score', 's', 'k', 'params', 'macs', 'meco_opt', 'synflow']) assert.equal(await correlations.locator(`tr[data-part="all rows"][data-column="${column}"]`).count(), 1, column);
  // What the engine says of the same numbers.
  const row = correlations.locator('tr[data-part="all rows"][data-column="meco_opt"]');
  assert.match(await row.innerText(), /[+−]0\.\d{3} [+−]\d\.\d{3} … [+−]\d\.\d{3}/);
  assert.match(await correlations.locator('tr[data-part="all rows"][data-column="params"]').innerText(), /–/);
  assert.ok(await correlations.locator('.best').count() <= 3);
  await page.getByLabel('Plotted').selectOption('meco_opt');
  await page.getByRole('img', { name: /points: meco_opt against/ }).waitFor();
  // Sorting by a proxy's column.
  await page.getByRole('columnheader', { name: 'synflow' }).getByRole('button').click();
  assert.equal(await page.getByRole('columnheader', { name: 'synflow' }).getAttribute('aria-sort'), 'descending');
  assert.deepEqual(await faults(page), []);
  assert.deepEqual(problems, []);
});

test('AZ-NAS has its parts as columns, and its value among the rows of the list', async (context) => {
  const { page, problems } = await tests.open(context, `${SMALL}&proxies=dextr%2Caz_nas`, { viewport: { width: 1400, height: 900 } });
  const { cells, parts } = await page.evaluate(async () => {
    const { Dextr } = await import(new URL('dextr/index.js', document.baseURI).href);
    const dextr = await Dextr.load({ device: 'cpu', workers: 1 });
    const cells = await Promise.all(Array.from({ length: 8 }, (_, seed) => dextr.sample('nasbench201', seed)));
    const parts = dextr.proxies.map(({ name, parts: own }) => [name, own]);
    dextr.dispose();
    return { cells, parts };
  });
  // What the page knows of it is what the engine says.
  for (const [name, own] of parts) assert.deepEqual(PROXY_PARTS[name] ?? [], own, name);
  await page.getByLabel('Many architectures').fill(`arch,acc\n${cells.map((cell, index) => `${cell},${60 + index}`).join('\n')}\n`);
  await page.getByRole('button', { name: 'Score the list', exact: true }).click();
  const correlations = page.getByRole('region', { name: 'Correlations' });
  const row = (column) => correlations.locator(`tr[data-part="all rows"][data-column="${column}"]`);
  await row('score').filter({ hasText: /Dextr8/ }).waitFor();
  const counts = await Promise.all(['az_complexity', 'az_nas'].map(async (column) => Number((await row(column).innerText()).match(/\s(\d)\s+[+−-]?[01]\.\d{3}/)?.[1])));
  const [connected, pooled] = counts;
  assert.equal(pooled, connected);
  assert.ok(connected >= 5, `${connected}`);
  assert.equal(await page.getByRole('columnheader', { name: 'az_expressivity' }).count(), 1);
  assert.deepEqual(problems, []);
});

test('a list is scored on all cores, with the rows of one, in their order', async (context) => {
  const { page } = await tests.open(context, SMALL);
  const [one, several, used] = await page.evaluate(async () => {
    const { Dextr } = await import(new URL('dextr/index.js', document.baseURI).href);
    const list = await (async () => {
      const dextr = await Dextr.load({ device: 'cpu', workers: 1 });
      const cells = await Promise.all(Array.from({ length: 12 }, (_, seed) => dextr.sample('nasbench201', seed)));
      dextr.dispose();
      return [...cells, 'wrong', cells[0]];
    })();
    const rows = async (workers) => {
      const dextr = await Dextr.load({ device: 'cpu', workers });
      const rows = [];
      for await (const { arch, score, status } of dextr.scoreAll(list, { space: 'nasbench201', options: { cells: 1, stem_width: 4, size: 16 } })) rows.push([arch, score, status]);
      const used = dextr.parallel;
      dextr.dispose();
      return [rows, used];
    };
    const [one] = await rows(1);
    const [several, used] = await rows(3);
    return [one, several, used];
  });
  assert.equal(used, 3);
  assert.equal(one.length, 14);
  assert.deepEqual(several, one);
});
