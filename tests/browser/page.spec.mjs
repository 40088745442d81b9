// The page as a visitor uses it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { BEST, browserTests, COMPUTATION, pressScore, shownScore, SPACE, within } from './harness.mjs';

const tests = browserTests();
const OTHER = '|nor_conv_1x1~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_3x3~2|';

/** A small network, where the number itself does not matter. */
const SMALL = '?device=cpu#set.stem_width=4&set.cells=1&set.size=8&curves=1';

const text = (page) => page.getByLabel('Architecture as text');
const status = (page, pattern) => page.getByRole('status').filter({ hasText: pattern });
const edge = (page, name) => page.getByRole('button', { name: `Edge ${name}:` });

/** Waits until scores have followed the edits, and gives the shown one, that differs from `before`. */
async function followed(page, before) {
  await page.waitForFunction((old) => {
    const shown = document.querySelector('#answer .score data');
    return shown && shown.getAttribute('value') !== old && document.querySelector('#answer').getAttribute('aria-busy') === 'false';
  }, before === undefined ? null : String(before.value), { timeout: COMPUTATION });
  return shownScore(page);
}

/** The score as the engine alone gives it. */
const engineScore = (page, request) => within(page.evaluate(async (request) => {
  const engine = await import(new URL('/whole/dextr.js', document.baseURI).href);
  await engine.default({ module_or_path: new URL('/whole/dextr_bg.wasm', document.baseURI) });
  const session = await engine.Session.open('cpu');
  return (await session.score(request, () => true)).score;
}, request), 'scoring beside the page');

test('a newcomer sees the score of an example without a click, then of another', async (context) => {
  const { page, requests, problems } = await tests.open(context, '?device=cpu', { live: true });
  const first = await followed(page);
  assert.equal(first.value, await engineScore(page, { space: SPACE, arch: BEST }));
  assert.equal(first.text, first.value.toFixed(4));
  assert.equal(await text(page).inputValue(), BEST);
  assert.ok(!requests.some((url) => url.endsWith('dextr_rest.wasm')), 'a first visit does without the second part');
  const scored = requests.length;
  await page.getByRole('button', { name: 'skips only' }).click();
  await followed(page, first);
  await page.locator('.bar').first().click();
  await page.getByRole('img', { name: /singular values of/ }).waitFor();
  assert.deepEqual(requests.slice(scored), [], 'no request after the page has loaded');
  assert.match(await page.locator('#answer').textContent(), /on the CPU.*Device: CPU \(WebAssembly\), because you asked for it/);
  assert.ok(await page.locator('#answer .bar').count() > 0, 'the strip of ratios');
  assert.deepEqual(requests.filter((url) => new URL(url).origin !== new URL(tests.site).origin && !/^(data|blob):/.test(url)), [], 'nothing leaves the origin');
  assert.deepEqual(problems, []);
});

test('an edge changed in the drawing gives a new score, and drawing, list and text agree', async (context) => {
  const { page } = await tests.open(context, SMALL, { live: true });
  const first = await followed(page);
  await edge(page, '0 → 3').locator('.edge-label').click();
  await page.getByRole('menuitemradio', { name: /^avg_pool_3x3/ }).click();
  const expected = BEST.replace('skip_connect~0', 'avg_pool_3x3~0');
  const second = await followed(page, first);
  const by = second.value - first.value;
  assert.ok((await page.locator('#answer').textContent()).includes(`${by < 0 ? '−' : '+'}${Math.abs(by).toFixed(4)} against ${first.text} before the edit`));
  assert.equal(await text(page).inputValue(), expected);
  assert.equal(await page.getByLabel('0 → 3', { exact: true }).inputValue(), 'avg_pool_3x3');
  assert.match(await page.locator('#answer .arch').textContent(), /avg_pool_3x3~0/);

  await page.getByLabel('0 → 3', { exact: true }).selectOption('none');
  await edge(page, '0 → 3').filter({ has: page.locator('.absent') }).waitFor();
  await text(page).fill(OTHER);
  await page.getByRole('button', { name: 'Edge 2 → 3: nor_conv_3x3' }).waitFor();
  await page.getByRole('button', { name: 'Edge 1 → 3: none' }).waitFor();
});

test('quick edits: the last one counts, and what was under way is cancelled', async (context) => {
  const { page } = await tests.open(context, '?device=cpu', { live: true });
  await status(page, 'Scoring').waitFor();
  await edge(page, '0 → 1').focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowUp');
  await edge(page, '1 → 2').focus();
  await page.keyboard.press('ArrowUp');
  const expected = BEST.replace('|nor_conv_3x3~0|+', '|avg_pool_3x3~0|+').replace('nor_conv_3x3~1|+', 'nor_conv_1x1~1|+');
  await page.locator('#answer .arch', { hasText: expected }).waitFor({ timeout: COMPUTATION });
  await status(page, /^Done/).waitFor();
  assert.equal(await text(page).inputValue(), expected);
  assert.equal((await shownScore(page)).value, await engineScore(page, { space: SPACE, arch: expected }));
});

test('an answer that comes late does not take back what was chosen since', async (context) => {
  const prepare = () => {
    const slow = { choose: 600, choices: 300 };
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (message, ...rest) {
      setTimeout(() => postMessage.call(this, message, ...rest), slow[message?.method] ?? 0);
    };
  };
  const { page } = await tests.open(context, SMALL, { prepare });
  await edge(page, '0 → 1').focus();
  const before = await text(page).inputValue();
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowUp', { delay: 700 });
  const expected = before.replace('|nor_conv_3x3~0|+', '|avg_pool_3x3~0|+');
  await page.waitForFunction(([box, expected]) => box.value === expected, [await text(page).elementHandle(), expected]);
});

test('by keyboard alone: space, edge, score, strip, singular values, settings', async (context) => {
  const { page } = await tests.open(context, SMALL);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim());
  /** Presses Tab until the focus is on something whose name matches. */
  async function tabTo(pattern) {
    for (let presses = 0; presses < 80; presses++) {
      await page.keyboard.press('Tab');
      if (pattern.test(await focused() ?? '')) return;
    }
    assert.fail(`Tab never reached ${pattern}`);
  }
  await tabTo(/^Skip to the answer/);
  await tabTo(/^Edge 0 → 2/);
  await page.keyboard.press('Enter');
  assert.match(await focused(), /^nor_conv_3x3/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.match(await focused(), /^Edge 0 → 2: avg_pool_3x3/);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  assert.match(await focused(), /^Edge 0 → 2: avg_pool_3x3/, 'Escape goes back to the edge');
  await page.keyboard.press('ArrowDown');
  assert.match(await focused(), /^Edge 0 → 2: none/);

  await tabTo(/^Score$/);
  await page.keyboard.press('Enter');
  await status(page, /^Done/).waitFor({ timeout: COMPUTATION });
  await tabTo(/^Settings$/);
  await page.keyboard.press('Enter');
  await page.getByLabel('Weight seed').waitFor();
  await tabTo(/^Observed maps by depth/);
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  const slider = page.getByRole('slider', { name: 'Observed maps by depth' });
  assert.equal(await slider.getAttribute('aria-valuenow'), '2');
  assert.match(await slider.getAttribute('aria-valuetext'), /: ratio .* = .* \/ /);
  await page.keyboard.press('Enter');
  await page.getByRole('img', { name: /singular values of/ }).waitFor();
});

test('the singular values of a chosen map end at its ratio', async (context) => {
  const { page } = await tests.open(context, SMALL);
  await pressScore(page);
  await page.locator('.bar').first().click();
  const plot = page.getByRole('img', { name: /singular values of/ });
  await plot.waitFor();
  const [map] = await page.locator('.readout').allTextContents();
  const ratio = Number(/ratio ([\d.e-]+)/.exec(map)[1]);
  const titles = await plot.locator('title').allTextContents();
  const values = titles.map((title) => Number(/: ([\d.e-]+)$/.exec(title)[1]));
  assert.ok(values.length > 1);
  assert.ok(Math.abs(values.at(-1) / values[0] - ratio) < 1e-3 * ratio + 1e-6, `${values.at(-1)} / ${values[0]} is not ${ratio}`);
});

test('a random architecture is another each time', async (context) => {
  const { page } = await tests.open(context, SMALL);
  const seen = new Set([await text(page).inputValue()]);
  for (let i = 0; i < 3; i++) {
    const [before] = [...seen].slice(-1);
    await page.getByRole('button', { name: 'random', exact: true }).click();
    await page.waitForFunction((old) => document.querySelector('textarea').value !== old, before);
    seen.add(await text(page).inputValue());
  }
  assert.equal(seen.size, 4);
});

test('a cancelled run says so, and the next one works', async (context) => {
  const { page } = await tests.open(context, '?device=cpu#seeds=100');
  await page.getByRole('button', { name: 'Score', exact: true }).click();
  await page.getByText(/Step \d+ of \d+/).waitFor();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await status(page, 'Cancelled').waitFor();
  assert.equal(await page.locator('#answer .score').count(), 0);

  await page.getByText('Settings', { exact: true }).click();
  await page.getByLabel('Number of seeds').fill('1');
  await pressScore(page);
  await shownScore(page);
});

test('a link reopens architecture and settings; the answer is saved with all it takes to repeat it', async (context) => {
  const { page } = await tests.open(context, `${SMALL}&seed=7&observe=layers&arch=${encodeURIComponent(OTHER)}`);
  await pressScore(page);
  const { value } = await shownScore(page);
  await page.getByText('Save, link, embed').click();

  const saved = async (name) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
    return readFile(await within(download.path(), 'the download'), 'utf8');
  };
  const [head, row] = (await saved('Save answer as CSV')).trimEnd().split('\n');
  assert.match(head, /^arch,space,status,score,score_std,s,k,curvature,ratio_sum,params,macs,seed,seeds,protocol,observe,device,version,shard,seconds,message,image_seed,curve_seed,curves,image,options,swap_size,proxies$/);
  assert.ok(row.startsWith(`${OTHER},${SPACE},ok,${value},`), row);
  const json = JSON.parse(await saved('Save answer as JSON'));
  assert.deepEqual([json.arch, json.score, json.seed, json.observe, json.curves], [OTHER, value, 7, 'layers', 1]);
  assert.match(json.options, /stem_width=4\b/);
  assert.match(await page.locator('#answer .copy').last().textContent(), /<dextr-score space="nasbench201" arch="\|nor_conv_1x1~0\|.*" seed="7"><\/dextr-score>/);

  const link = await page.getByRole('link', { name: 'link to this setup' }).evaluate((link) => link.href);
  await page.goto('about:blank');
  await page.goto(link);
  await status(page, 'Ready.').waitFor();
  await pressScore(page);
  assert.equal((await shownScore(page)).value, value);
});

test('several seeds give a mean and a deviation', async (context) => {
  const { page } = await tests.open(context, `${SMALL}&seeds=3`);
  await pressScore(page);
  assert.match(await page.locator('#answer').textContent(), /± \d\.\d{4} over 3 seeds.*0 … 2/);
});

test('statuses are explained in plain words', async (context) => {
  const none = BEST.replaceAll(/(nor_conv_3x3|skip_connect)~/g, 'none~');
  const { page } = await tests.open(context, `${SMALL}&arch=${encodeURIComponent(none)}`);
  await pressScore(page);
  assert.equal((await shownScore(page)).value, 0);
  await page.getByText(/Disconnected\. No path leads from the input to the output/).waitFor();
});

test('on a GPU the first score says that programs are compiled, the next does not', async (context) => {
  const { page } = await tests.open(context, SMALL.replace('cpu', 'webgpu'));
  const compiling = page.getByText(/First score on this GPU: its programs are being compiled/);
  await page.getByRole('button', { name: 'Score', exact: true }).click();
  await compiling.waitFor();
  await status(page, /^Done/).waitFor({ timeout: COMPUTATION });
  assert.match(await page.locator('#answer').textContent(), /on the GPU.*Device: GPU through WebGPU/);
  await page.evaluate(() => {
    globalThis.seen = '';
    new MutationObserver(() => { globalThis.seen += document.querySelector('#run').textContent; }).observe(document.querySelector('#run'), { childList: true, subtree: true });
  });
  await pressScore(page);
  assert.doesNotMatch(await page.evaluate(() => globalThis.seen), /compiled/);
});
