// The same cells as `cell.rs` in headless Chromium's wasm, on the CPU: median
// of 50 after a warm-up, split by phase. `./build.sh bench browser [cells]`.

import { launch } from '../tests/browser/browsers.mjs';
import { startServer } from '../tests/browser/site.mjs';

const count = Number(process.argv[2] ?? 50);
const OPERATIONS = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3'];

/** The cell with this number, as `Cell::from_index` has it, in the six-index form. */
function digits(index) {
  const cell = [];
  for (let edge = 0; edge < 6; edge += 1) {
    cell.push(index % OPERATIONS.length);
    index = Math.floor(index / OPERATIONS.length);
  }
  return cell.join(',');
}

const cells = Array.from({ length: count }, (_, i) => digits((i * 7919 + 4321) % 15625));

const server = await startServer();
const browser = await launch({ webgpu: false });
try {
  const page = await browser.newPage();
  await page.goto(`${server.site}?device=cpu`);
  const rows = await page.evaluate(async (cells) => {
    const engine = await import(new URL('/whole/dextr.js', location.href).href);
    await engine.default({ module_or_path: new URL('/whole/dextr_bg.wasm', location.href) });
    const session = await engine.Session.open('cpu');
    const score = (arch) => session.score({ space: 'nasbench201', arch }, () => undefined);
    for (const arch of cells.slice(0, 5)) await score(arch);
    const rows = [];
    for (const arch of cells) rows.push(await score(arch));
    return rows.map(({ seconds, phases }) => ({ seconds, phases }));
  }, cells);
  const sorted = rows.map((row) => row.seconds).sort((a, b) => a - b);
  const mean = (/** @type {(row: typeof rows[0]) => number} */ of) => (1e3 * rows.reduce((sum, row) => sum + of(row), 0)) / rows.length;
  const total = mean((row) => row.seconds);
  const parts = ['convolution', 'pointwise', 'singular_values'].map((name) => [name, mean((row) => row.phases[name])]);
  console.log(`${count} cells in Chromium ${browser.version()}, wasm on the CPU, one thread`);
  console.log(`  median ${(1e3 * sorted[Math.floor(sorted.length / 2)]).toFixed(1)} ms a cell, mean ${total.toFixed(1)} ms`);
  const rest = total - parts.reduce((sum, [, ms]) => sum + ms, 0);
  console.log(`  mean by phase (ms): ${[...parts, ['rest', rest]].map(([name, ms]) => `${name} ${ms.toFixed(1)}`).join(', ')}`);
} finally {
  await browser.close();
  await server.stop();
}
