// What a score means: where it stands, whether to trust it, which layer is to
// blame; and what can be taken along.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { browserTests, pressScore, within } from './harness.mjs';
import { root } from './site.mjs';

const tests = browserTests();
const SMALL = '#set.stem_width=4&set.cells=1&set.size=8&curves=1';
const pick = (page, files) => page.getByLabel('Open files, or drop them anywhere').setInputFiles(files);

const download = async (page, name) => {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
  return { name: file.suggestedFilename(), body: await readFile(await within(file.path(), 'the download')) };
};

test('under default settings: the place among random architectures, what such scores reached, whether to trust it', async (context) => {
  const { page, problems } = await tests.open(context);
  await pressScore(page);
  const standing = page.getByRole('region', { name: 'Among random architectures' });
  // The best cell of CIFAR-10.
  await standing.getByText(/^Above (all|more than 99 %|9\d %) of 1,000 random architectures of nasbench201\./).waitFor();
  await standing.getByText(/CIFAR-10: [\d.]+ to [\d.]+, median 9[34]/).waitFor();
  await page.getByText(/Trust it here: rank correlation with trained accuracy \.92 on CIFAR-10/).waitFor();
  await page.getByRole('img', { name: /^Above .* this one 2\.1749\.$/ }).waitFor();
  assert.deepEqual(problems, []);

  await page.getByLabel('Search space').selectOption('pit');
  await page.getByLabel('Search space').selectOption('nasbench201');
  assert.equal(await page.locator('#answer .trust').count(), 1);
});

test('under other settings the reference does not apply, and random ones are drawn', async (context) => {
  const { page, problems } = await tests.open(context, `?device=cpu${SMALL}`);
  await pressScore(page);
  const standing = page.getByRole('region', { name: 'Among random architectures' });
  await standing.getByText('The reference of this space was made under default settings, which these are not.').waitFor();
  const button = standing.getByRole('button', { name: 'Score 100 random ones now' });
  await button.click();
  await standing.getByRole('button', { name: 'Cancel' }).click();
  await standing.getByText('Cancelled.').waitFor();
  await button.click();
  await standing.getByText(/^(Above|Below) .* of 100 random ones, under these settings\.$/).waitFor();
  await standing.locator('.distribution').waitFor();
  // They are no rows of the list.
  assert.match(await page.locator('#list .counted').textContent(), /^1 row/);
  assert.deepEqual(problems, []);
});

test('the layer that loses rank is named, with what to look at', async (context) => {
  const { page, problems } = await tests.open(context);
  await pressScore(page);
  await page.getByText('Which layer? Rank and ratio of every layer').click();
  // The reduction's residual: 16 channels by one tap cannot fill 32.
  await page.getByText(/^Rank is first lost at red0\.res\.conv/).waitFor();
  const worst = page.getByRole('region', { name: 'Worst layers' });
  await worst.getByText(/made of 16 before it .* cannot fill 32/).waitFor();
  assert.equal(await worst.getByRole('row').count(), 6);
  await page.getByText(/^All \d+ layers, in order/).click();
  const all = page.getByRole('region', { name: 'All layers' });
  assert.ok(await all.getByRole('row').count() > 200);
  assert.deepEqual(problems, []);
});

test('a model file stands beside well-known networks, and folded norms are put back by one click', async (context) => {
  const { page, problems } = await tests.open(context);
  await pick(page, join(root, 'tests/onnx/residual.onnx'));
  await page.locator('.model .size').filter({ hasText: 'parameters' }).waitFor();
  await pressScore(page);
  await page.getByText(/How well the score ranks files like this one was not measured/).waitFor();
  await page.getByText('Beside well-known networks').click();
  const known = page.getByRole('region', { name: 'Well-known networks' });
  await known.getByRole('row', { name: /^resnet18 / }).waitFor();
  await known.getByText('residual.onnx (this file)').waitFor();
  assert.deepEqual(problems, []);
});

test('while another is scored, and after it failed, the answer says whose it is', async (context) => {
  const { page } = await tests.open(context);
  await pressScore(page);
  await pick(page, join(root, 'tests/onnx/residual.onnx'));
  const size = (text) => page.locator('.model .size').filter({ hasText: text }).waitFor();
  await size('3×32×32');
  // Large enough to be seen.
  for (const side of ['height', 'width']) {
    await page.getByLabel(side, { exact: true }).fill('1024');
    await page.getByLabel(side, { exact: true }).press('Tab');
  }
  await size('3×1024×1024');
  await page.getByRole('button', { name: 'Score', exact: true }).click();
  await page.getByText(/^residual\.onnx is being scored\. What stands below is the earlier answer/).waitFor();
  await page.getByRole('button', { name: 'Cancel', exact: true }).first().click();
  await page.getByText(/^Not scored: residual\.onnx\. What stands below is the earlier answer/).waitFor();
  // The next one is its own.
  for (const side of ['height', 'width']) {
    await page.getByLabel(side, { exact: true }).fill('auto');
    await page.getByLabel(side, { exact: true }).press('Tab');
  }
  await size('3×32×32');
  await pressScore(page);
  assert.equal(await page.locator('#answer-stale').textContent(), '');
});

test('plots as SVG and PNG, the answer as a line of LaTeX, the paper’s citation', async (context) => {
  const { page, problems } = await tests.open(context, `?device=cpu${SMALL}`);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await pressScore(page);
  const svg = await download(page, 'Save dextr-ratios as SVG');
  assert.equal(svg.name, 'dextr-ratios.svg');
  const text = svg.body.toString();
  assert.match(text, /^<svg [^>]*viewBox="0 0 /);
  assert.match(text, /fill="rgb\(/);
  const png = await download(page, 'Save dextr-ratios as PNG');
  assert.deepEqual([...png.body.subarray(1, 4)], [...Buffer.from('PNG')]);
  // A picture, not an empty ground.
  assert.ok(png.body.length > 3000, `${png.body.length} bytes`);
  await page.getByText('Save, link, embed').click();
  await page.getByRole('button', { name: 'Copy a LaTeX row' }).click();
  await page.getByText('Copied.').waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^% space & .*\nnasbench201 & \\texttt\{\\textbar\{\}nor\\_conv/);
  await page.getByText('Cite it').click();
  await page.getByText('@article{asthana2025dextr').waitFor();
  assert.deepEqual(problems, []);
});

test('a setting that nobody knows is refused with the nearest', async (context) => {
  const { page } = await tests.open(context);
  const said = await page.evaluate(async () => {
    const { Dextr } = await import(new URL('dextr/index.js', location.href).href);
    const dextr = await Dextr.load({ device: 'cpu' });
    const asked = { space: 'nasbench201', arch: '431204' };
    const fault = (request, options) => dextr.score(request, options).then(() => null, ({ code, message, hint }) => `${code}: ${message} ${hint}`);
    const said = [await fault({ ...asked, image_seed: 1 }), await fault(asked, { sead: 3 })];
    dextr.dispose();
    return said;
  });
  assert.match(said[0], /unknown-name: .*image_seed.*imageSeed/);
  assert.match(said[1], /unknown-name: .*sead.*seed/);
});
