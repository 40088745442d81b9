// A page with nothing but the lists, under the content policy of the real one.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundled } from './bundled.mjs';
import { root, within } from './site.mjs';

/** Small networks, where the numbers themselves do not matter. */
export const SMALL = { space: 'nasbench201', options: { stem_width: 4, cells: 1, size: 8 }, observe: 'flow', curves: 1 };

const MODULE = `
import { Dextr } from '../dextr/index.js';
import { ListPanel } from './list/index.js';
import { readList } from './list/read.js';
import { RowSchema } from './list/schema.js';
const dextr = await Dextr.load({ device: 'cpu' });
Object.assign(globalThis, { dextr, readList, RowSchema, said: [], opened: [], settings: SETTINGS });
const list = new ListPanel({
  dextr, getSettings: () => globalThis.settings,
  openRow: (row) => globalThis.opened.push(row), announce: (text) => globalThis.said.push(text),
});
document.getElementById('list').replaceChildren(list.element);
globalThis.mounted = list;
`;

/**
 * Opens it, with what the page asked the network for and complained of.
 * @param tests What `browserTests` gave.
 */
export async function openList(tests, context, { settings = SMALL, prepare = () => {}, ...options } = {}) {
  const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(await readFile(join(root, 'www/index.html'), 'utf8'));
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width"><title>Lists</title><link rel="icon" href="data:,"><link rel="stylesheet" href="../style.css"><link rel="stylesheet" href="../app/list/list.css">
<script type="module" src="list.js"></script></head><body><main><section class="panel wide" aria-labelledby="heading"><h1 id="heading">Lists</h1><div id="list"></div></section></main></body></html>`;
  const page = await tests.blank(context, options);
  await page.addInitScript(prepare);
  const seen = { requests: [], problems: [] };
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('pageerror', (error) => seen.problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && seen.problems.push(message.text()));
  await page.route('**/site/test/list', (route) => route.fulfill({ body: html, contentType: 'text/html' }));
  const module = await bundled(MODULE.replace('SETTINGS', JSON.stringify(settings)));
  await page.route('**/site/test/list.js', (route) => route.fulfill({ body: module, contentType: 'text/javascript' }));
  const visit = async () => {
    await page.goto(`${tests.site}test/list`);
    await page.waitForFunction(() => globalThis.mounted);
  };
  await visit();
  return { page, visit, ...seen };
}

/** Pastes a list and presses the button. */
export async function paste(page, text) {
  await page.getByLabel('Many architectures').fill(text);
  await page.getByRole('button', { name: 'Score the list', exact: true }).click();
}

/** Gives a list without the box, as the page does with what is dropped on it; ends with it. */
export function give(page, text, name) {
  return within(page.evaluate(([text, name]) => globalThis.mounted.scoreText(text, name), [text, name]), 'the list');
}

/** The rows as they are saved, read by JSON. */
export async function saved(page, button = 'Save as JSON lines') {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button, exact: true }).click()]);
  const text = await readFile(await within(download.path(), 'the download'), 'utf8');
  return button === 'Save as CSV' ? text : text.trimEnd().split('\n').map((line) => JSON.parse(line));
}

export const counted = (page) => page.locator('#list .counted');
export const rows = (page) => page.locator('#list .list-table tbody tr[aria-rowindex]');
export const messages = (page) => page.getByRole('log', { name: 'Messages about lists' });

/** Random cells in the short form, as different as they can be. */
export function cells(count) {
  return Array.from({ length: count }, (_, index) => ((index * 7919) % 15625).toString(5).padStart(6, '0'));
}

/** The text of saved results that were never scored. */
export function results(count) {
  const lines = cells(count).map((arch, index) => {
    const score = ((index * 7919) % 10007) / 1000;
    return JSON.stringify({ arch, space: 'nasbench201', status: 'ok', score, s: score, k: 1, params: 1000 + index, macs: index, seed: 0, seeds: 1, protocol: 'refined', observe: 'flow', device: 'cpu', version: '0.1.0', accuracy: 50 + ((index * 31) % 400) / 10 });
  });
  return `${lines.join('\n')}\n`;
}
