// How the page looks at every width, and whether everyone can use it.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import test from 'node:test';
import { browserTests, pressScore, screenshots, within } from './harness.mjs';

const { source } = createRequire(new URL('../../www/package.json', import.meta.url))('axe-core');
const tests = browserTests();
const SMALL = '?device=cpu#set.stem_width=4&set.cells=1&set.size=8&curves=1';

/** The page with everything unfolded that has something to show. */
async function unfolded(context, options, address = SMALL) {
  const { page } = await tests.open(context, address, options);
  await pressScore(page);
  await page.locator('.bar').first().click();
  await page.getByRole('img', { name: /singular values of/ }).waitFor();
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
  return page;
}

for (const width of [320, 360, 768, 1600]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`nothing sticks out at ${width} px, ${colorScheme}`, async (context) => {
      const page = await unfolded(context, { viewport: { width, height: 900 }, colorScheme });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      await mkdir(screenshots, { recursive: true });
      await page.screenshot({ path: join(screenshots, `page-${width}-${colorScheme}.png`), fullPage: true });
      assert.ok(wide <= width, `the page is ${wide} px wide`);
    });
  }
}

test('a word that is wider than the page is broken', async (context) => {
  const word = 'TrainingMode.PRESERVE'.repeat(6);
  const { page } = await tests.open(context, `?device=cpu&live=off#space=${word}`, { viewport: { width: 320, height: 900 } });
  await page.getByText(`There is no search space “${word}”.`).waitFor();
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320);
});

/** Widths between those at which the layout changes too. */
const WIDTHS = [390, 720, 1000, 1024, 1100, 1140, 1280, 1600];

test('at every width the score stands clear of its halves, and rows have names', async (context) => {
  const { page } = await tests.open(context, SMALL);
  await pressScore(page);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    const { score, halves, name } = await page.evaluate(() => {
      const box = (selector) => document.querySelector(selector).getBoundingClientRect().toJSON();
      return { score: box('.score data'), halves: box('.halves'), name: box('.list-table [data-column="arch"]') };
    });
    assert.ok(score.right <= halves.left || score.bottom <= halves.top, `${width} px: the score is printed over its halves`);
    assert.ok(name.width >= 160, `${width} px: ${name.width} px for an architecture`);
  }
});

/** What axe finds that is serious, with the place. */
async function axe(page) {
  // By the debugger: the page's policy forbids scripts from elsewhere.
  await page.evaluate(source);
  const { violations } = await within(page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] })), 'axe');
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`));
}

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing serious, ${colorScheme}`, async (context) => {
    const page = await unfolded(context, { viewport: { width: 1280, height: 900 }, colorScheme });
    assert.deepEqual(await axe(page), []);
    await page.getByRole('button', { name: /^Edge 0 → 3/ }).locator('.edge-label').click();
    assert.deepEqual(await axe(page), [], 'with the menu open');
  });
}

test('axe finds nothing serious on a page with errors', async (context) => {
  const { page } = await tests.open(context, `${SMALL}&sede=1&arch=wrong`);
  await page.getByRole('alert').filter({ hasText: 'damaged' }).waitFor();
  await page.locator('textarea[aria-invalid]').waitFor();
  assert.deepEqual(await axe(page), []);
});

test('the theme can be chosen, and stays', async (context) => {
  const { page } = await tests.open(context, SMALL, { colorScheme: 'light' });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  const button = page.getByRole('button', { name: /^Theme/ });
  await button.click();
  assert.equal(await background(), light);
  await button.click();
  assert.notEqual(await background(), light);
  await page.reload();
  await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
  assert.notEqual(await background(), light);
});

test('every space has an editor in which each control chooses', async (context) => {
  const { page } = await tests.open(context, '?device=cpu', { viewport: { width: 360, height: 800 } });
  const picker = page.getByLabel('Search space');
  // A file of one's own has nothing to choose.
  for (const space of await picker.locator('option:not([value=onnx])').allTextContents()) {
    await picker.selectOption(space);
    const box = page.getByLabel('Architecture as text');
    await page.waitForFunction((space) => location.hash.includes(`space=${space}&`) && document.querySelector('.editor .choice, .editor .graph'), space);
    const before = await box.inputValue();
    // The first control with something to choose.
    const control = page.locator('.editor select:enabled, .editor input[type=range]').first();
    await control.evaluate((control) => {
      if (control.type === 'range') control.valueAsNumber = control.valueAsNumber > 0 ? 0 : Number(control.max);
      else control.selectedIndex = control.selectedIndex > 0 ? 0 : 1;
      control.dispatchEvent(new Event('input', { bubbles: true }));
      control.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await page.waitForFunction((before) => document.querySelector('textarea').value !== before, before);
    assert.equal(await box.getAttribute('aria-invalid'), null, space);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    await mkdir(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, `space-${space}.png`) });
    assert.ok(wide <= 360, `${space}: the page is ${wide} px wide`);
  }
});
