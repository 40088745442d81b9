// The paper's searches in a tab: headless Chromium on the CPU, by the page's own
// panel, with all cores. Seconds, and tasks over 50 ms on the page's thread, which
// a person would feel. `./build.sh bench tab [candidates] [edges]`: candidates of
// AutoFormer-Tiny (the paper's search has 400), edges of the DARTS projection (28
// in all); 0 leaves one out.

import { launch } from '../tests/browser/browsers.mjs';
import { startServer } from '../tests/browser/site.mjs';

const [candidates = 400, edges = 28] = process.argv.slice(2).map(Number);
const LONGEST = 3_600_000;

const server = await startServer();
const browser = await launch({ webgpu: false });

/** Runs a search to its end, or to a number of its candidates. */
async function run(name, hash, wishes, enough) {
  const page = await browser.newPage();
  await page.addInitScript(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
  });
  await page.goto(`${server.site}?device=cpu&live=off#${hash}&search=${encodeURIComponent(JSON.stringify(wishes))}`);
  await page.getByRole('status').filter({ hasText: 'Ready.' }).waitFor();
  await page.waitForTimeout(2000);
  await page.evaluate(() => { globalThis.longTasks.length = 0; });
  const start = performance.now();
  await page.locator('#search').getByRole('button', { name: 'Search', exact: true }).click();
  const reached = await page.waitForFunction((enough) => {
    const text = document.querySelector('#search .status')?.textContent ?? '';
    const done = /^Done: ([\d,]+)/.exec(text) ?? /^([\d,]+) of/.exec(text);
    const count = Number(done?.[1].replaceAll(',', '') ?? 0);
    return (count >= enough || text.startsWith('Done')) && { count, text };
  }, enough, { timeout: LONGEST, polling: 500 });
  const { count, text } = await reached.jsonValue();
  const seconds = (performance.now() - start) / 1e3;
  const tasks = await page.evaluate(() => globalThis.longTasks);
  const most = Math.max(0, ...tasks);
  console.log(`${name}: ${count} candidates in ${seconds.toFixed(0)} s; ${tasks.length} tasks over 50 ms, the longest ${most.toFixed(0)} ms ("${text}")`);
  await page.close();
}

try {
  if (candidates > 0) {
    await run('AutoFormer-Tiny', 'space=autoformer-tiny', { strategy: 'random', candidates: String(candidates), maxParams: '6M', seed: '0' }, candidates);
  }
  if (edges > 0) {
    await run('DARTS supernet, projection', 'space=darts&set.channels=16', { strategy: 'projection', seed: '0' }, edges === 28 ? Infinity : 7 * edges);
  }
} finally {
  await browser.close();
  await server.stop();
}
