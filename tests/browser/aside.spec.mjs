// What stands beside the answer: what happens out of sight, a second answer to
// compare with, the network's graph with its blocks folded, a plot of sizes.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { BEST, browserTests, faults, pressScore, screenshots } from './harness.mjs';
import { root } from './site.mjs';

const tests = browserTests({ webgpu: false });
const SMALL = '?device=cpu#space=nasbench201&set.cells=1&set.stem_width=4&set.size=16';
const SKIPS = '|skip_connect~0|+|skip_connect~0|skip_connect~1|+|skip_connect~0|skip_connect~1|skip_connect~2|';
const WIDTHS = [390, 768, 1024, 1600];

function list(page, text) {
  return page.evaluate((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], 'cells.csv', { type: 'text/csv' }));
    dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, text);
}

test('what becomes of a file that is dropped is said where the user looks, with a way there', async (context) => {
  for (const width of WIDTHS) {
    const { page, problems } = await tests.open(context, SMALL, { viewport: { width, height: 700 } });
    const bar = page.getByRole('complementary', { name: 'Out of sight' });
    assert.equal(await bar.isVisible(), false);
    await list(page, `arch,acc\n${BEST},94.3\n${SKIPS},60\n`);
    await bar.getByText(/cells\.csv/).waitFor();
    const box = await bar.boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= width && box.y + box.height <= 700, `${width}: ${JSON.stringify(box)}`);
    assert.deepEqual(await faults(page), []);
    await bar.getByRole('button', { name: 'Show' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(/^2 rows/).first().waitFor();
    assert.equal(await bar.isVisible(), false);
    assert.equal(await page.evaluate(() => document.activeElement.closest('#list') !== null), true, 'the keyboard went along');
    // In sight nothing is said twice.
    await page.setViewportSize({ width, height: 4000 });
    await list(page, 'nothing of this,1\nkind is,2\n');
    await page.getByRole('log').getByText('nothing of this').or(page.getByText(/^4 rows/)).first().waitFor();
    await page.waitForTimeout(300);
    assert.equal(await bar.isVisible(), false);
    assert.deepEqual(problems, []);
  }
});

test('a broken file that is dropped below is said to be broken there', async (context) => {
  const { page } = await tests.open(context, SMALL, { viewport: { width: 390, height: 700 } });
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array([8, 7, 255, 255])], 'broken.onnx'));
    dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await page.getByRole('complementary', { name: 'Out of sight' }).getByText(/broken\.onnx.*cannot be read/i).waitFor();
});

test('two answers stand side by side, with the difference of their networks', async (context) => {
  const { page, problems } = await tests.open(context, SMALL, { viewport: { width: 1024, height: 900 } });
  await page.getByLabel('Architecture as text').fill(BEST);
  await pressScore(page);
  await page.getByRole('button', { name: 'Compare with the next' }).click();
  await page.getByText('is kept: what you score next stands beside it').waitFor();
  await page.getByLabel('Architecture as text').fill(BEST.replace('nor_conv_3x3~2', 'avg_pool_3x3~2'));
  await pressScore(page);
  const panel = page.getByRole('region', { name: 'Comparison', exact: true });
  const score = await panel.getByRole('row', { name: /^Score/ }).getByRole('cell').allTextContents();
  const [kept, now] = score.slice(0, 2).map(Number);
  assert.ok(kept > 0 && now > 0 && kept !== now, String(score));
  assert.equal(Number(score[2].replace('−', '-')).toFixed(3), (now - kept).toFixed(3));
  assert.equal(await panel.getByRole('slider').count(), 2);
  await panel.getByText('What differs in their networks').click();
  const rows = panel.getByRole('region', { name: 'Differences of the networks' }).getByRole('row');
  await rows.nth(1).waitFor();
  // The edge's operation alone, in all three stages at once.
  const said = (await rows.allTextContents()).slice(1);
  assert.ok(said.length > 0 && said.every((row) => row.startsWith('stage*.cell*.edge5')), said.join('\n'));
  assert.ok(said.some((row) => /edge5\.conv3conv.*–/.test(row)), said.join('\n'));
  await panel.getByText('The network as a graph').click();
  await panel.locator('.layer.changed').first().waitFor();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width, `${width}`);
    assert.deepEqual(await faults(page), []);
  }
  await page.screenshot({ path: join(screenshots, 'comparison.png'), fullPage: true });
  // Other settings move scores too, and that is said.
  await page.getByText('Settings', { exact: true }).click();
  await page.getByLabel('Weight seed').fill('1');
  await pressScore(page);
  await panel.getByText('scored under different settings').waitFor();
  await panel.getByRole('button', { name: 'Drop it' }).click();
  assert.equal(await panel.count(), 0);
  assert.deepEqual(problems, []);
});

test('a long network is drawn in blocks that unfold, and a layer is found in it', async (context) => {
  const { page, problems } = await tests.open(context, '?device=cpu#space=nasbench201&set.cells=5&set.stem_width=4&set.size=16', { viewport: { width: 1024, height: 900 } });
  await page.getByLabel('Architecture as text').fill(BEST);
  await pressScore(page);
  await page.getByText('The network as a graph').click();
  const drawing = page.getByRole('group', { name: /layers from the input/ });
  const block = drawing.getByRole('button', { name: /^stage1\.cell2 \(\d+ layers, 8×8×8, [\d,]+ parameters, .* multiply-accumulates\): lowest at stage1\.cell2/ });
  await block.waitFor();
  const folded = await drawing.getByRole('button').count();
  assert.ok(folded <= 60, `${folded} boxes`);
  await block.focus();
  await page.keyboard.press('Enter');
  const conv = drawing.getByRole('button', { name: /^stage1\.cell2\.edge0\.conv \(conv, 8×8×8, 584 parameters, 36\.9 k multiply-accumulates\)/ });
  await conv.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label').startsWith('stage1.cell2.')), true, 'the keyboard stays in the block');
  const find = page.getByRole('searchbox', { name: 'Find a layer' });
  await find.fill('edge5.conv');
  await page.getByText('1 found').waitFor();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.getAttribute('aria-label')?.startsWith('stage1.cell2.edge5.conv'));
  assert.equal(await drawing.locator('.found').count(), 1);
  await find.fill('no such layer');
  await page.getByText('not here').waitFor();
  await find.fill('');
  await conv.focus();
  await page.keyboard.press('Backspace');
  await block.waitFor();
  assert.equal(await drawing.getByRole('button').count(), folded);
  await page.getByRole('button', { name: /^Unfold all/ }).click();
  await page.getByRole('button', { name: 'Fold into blocks' }).waitFor();
  assert.ok(await drawing.getByRole('button').count() > 150);
  assert.deepEqual(await faults(page), []);
  assert.deepEqual(problems, []);
});

test('a list without accuracies is plotted against the size of its networks', async (context) => {
  const { page, problems } = await tests.open(context, SMALL, { viewport: { width: 1024, height: 900 } });
  const archs = [BEST, SKIPS, BEST.replace('nor_conv_3x3~2', 'none~2'), BEST.replace('nor_conv_3x3~0', 'nor_conv_1x1~0')];
  await page.getByLabel('Many architectures').fill(archs.slice(0, 2).join('\n'));
  await page.getByRole('button', { name: 'Score the list', exact: true }).click();
  await page.getByText(/^2 rows/).first().waitFor();
  const plot = page.getByRole('img', { name: /points: / });
  assert.equal(await plot.isVisible(), false, 'two points are no plot');
  await page.getByLabel('Many architectures').fill(archs.slice(2).join('\n'));
  await page.getByRole('button', { name: 'Score the list', exact: true }).click();
  await page.getByRole('img', { name: '4 points: #params against Dextr. The table below has the numbers.' }).waitFor();
  await page.getByLabel('Plotted').selectOption('params');
  await page.getByRole('img', { name: /^4 points: MACs against #params/ }).waitFor();
  assert.deepEqual(problems, []);
});

test('a score over some seconds waits to be asked for, and one that is asked for is given up for a newer file', async (context) => {
  const { page, problems } = await tests.open(context, '?device=cpu', { live: true });
  await page.getByLabel('Search space').selectOption('autoformer-base');
  await page.getByText(/^Not scored yet: it may take about .* Press Score to begin\.$/).waitFor();
  assert.equal(await page.locator('#answer .arch').filter({ hasText: 'autoformer' }).count(), 0);
  await page.getByRole('button', { name: 'Score', exact: true }).click();
  // One layer may take long: it is said for how long it has.
  await page.locator('#run .step').filter({ hasText: /Step \d+ of \d+/ }).waitFor();
  await page.getByLabel('Open files, or drop them anywhere').setInputFiles(join(root, 'tests/onnx/residual.onnx'));
  await page.locator('.model h3').filter({ hasText: 'residual.onnx' }).waitFor();
  await page.getByText(/^Done: score/).waitFor();
  await page.locator('#answer .arch').filter({ hasText: 'residual.onnx' }).waitFor();
  assert.deepEqual(problems, []);
});

test('the page that is opened as a file says what to do', async (context) => {
  const page = await tests.blank(context);
  await page.goto(pathToFileURL(join(root, 'dist/index.html')).href);
  await page.getByRole('alert').getByText('Serve the folder instead').waitFor();
});
