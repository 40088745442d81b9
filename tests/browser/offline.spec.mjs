// The second visit without the network, the update notice, and a page that is
// silent once it has loaded.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { browserTests, pressScore, shownScore, within } from './harness.mjs';
import { copiedSite } from './hosts.mjs';

const tests = browserTests({ webgpu: false });
const SMALL = '?device=cpu&live=off#set.stem_width=4&set.cells=1&set.size=8&curves=1';

/** Registers as the page does, and waits until the worker has the files. */
const register = (page) => within(page.evaluate(async () => {
  const { registerOffline } = await import(new URL('offline.js', document.baseURI).href);
  globalThis.updates = [];
  const works = await registerOffline({ onUpdate: (apply) => globalThis.updates.push(apply) });
  await navigator.serviceWorker.ready;
  return works;
}), 'the service worker');

test('the second visit works with the server gone', async (context) => {
  const { address, stop } = await copiedSite(context);
  const page = await tests.blank(context, { serviceWorkers: 'allow' });
  await page.goto(address + SMALL);
  assert.equal(await register(page), true);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await page.getByRole('status').filter({ hasText: 'Ready.' }).waitFor();
  await pressScore(page);
  const { value } = await shownScore(page);

  await stop();
  await page.reload();
  await page.getByRole('status').filter({ hasText: 'Ready.' }).waitFor();
  await pressScore(page);
  assert.equal((await shownScore(page)).value, value);
});

test('a new version is offered, and taken when asked for', async (context) => {
  const { address, folder } = await copiedSite(context);
  const page = await tests.blank(context, { serviceWorkers: 'allow' });
  await page.goto(address + SMALL);
  await register(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  assert.equal(await page.evaluate(() => globalThis.updates.length), 0, 'the first visit is no update');

  const worker = await readFile(join(folder, 'sw.js'), 'utf8');
  await writeFile(join(folder, 'sw.js'), worker.replace(/VERSION = '\w+'/, "VERSION = 'newer'"));
  await writeFile(join(folder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await page.reload();
  await register(page);
  await page.waitForFunction(() => globalThis.updates.length > 0);
  const icon = () => page.evaluate(async () => (await fetch(new URL('icon.svg', document.baseURI))).text());
  assert.match(await icon(), /rect/, 'the old version stays whole');
  await Promise.all([page.waitForEvent('load'), page.evaluate(() => globalThis.updates[0]())]);
  assert.doesNotMatch(await icon(), /rect/);
  const caches = await page.evaluate(() => globalThis.caches.keys());
  assert.deepEqual(caches.map((name) => name.replace(/.*-/, '')), ['newer'], 'the old cache is gone');
});

test('where service workers are forbidden nothing happens', async (context) => {
  const { address } = await copiedSite(context);
  const page = await tests.blank(context, { serviceWorkers: 'allow' });
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => { throw new DOMException('No.', 'SecurityError'); } }));
  await page.goto(address + SMALL);
  const works = await page.evaluate(async () => (await import(new URL('offline.js', document.baseURI).href)).registerOffline());
  assert.equal(works, false);
});

test('once loaded, the page asks the network for nothing', async (context) => {
  const { page, requests } = await tests.open(context, SMALL);
  // The picture of the installed page, and what service workers fetch, may still be on their way.
  await page.waitForLoadState('networkidle');
  const before = requests.length;
  await pressScore(page);
  await page.getByText('Settings', { exact: true }).click();
  await page.getByRole('button', { name: 'skips only' }).click();
  await pressScore(page);
  const after = requests.slice(before).filter((url) => !/^(data|blob):/.test(url));
  assert.deepEqual(after, []);
});
