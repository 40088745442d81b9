// The page without a network: the second visit, a new version, and what is sent.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { browserTests, pressScore, shownScore } from './harness.mjs';
import { root, startServer } from './site.mjs';

const tests = browserTests({ webgpu: false });

/** Waits until the page's files are kept and its worker answers for them. */
const kept = (page) => page.evaluate(async () => {
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
});

test('the second visit works with the network off', async (context) => {
  const { page } = await tests.open(context);
  await pressScore(page);
  const { value } = await shownScore(page);
  await kept(page);
  await page.context().setOffline(true);
  context.after(() => page.context().setOffline(false));
  await page.reload();
  await page.getByRole('status').filter({ hasText: 'Ready.' }).waitFor();
  await pressScore(page);
  assert.equal((await shownScore(page)).value, value);
});

test('a new version is offered, and taken when the user says so', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'dextr-version-'));
  await cp(join(root, 'dist'), folder, { recursive: true, filter: (path) => !path.includes('/npm') });
  const server = await startServer(folder);
  context.after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });
  const page = await tests.blank(context);
  await page.goto(`${server.site}?device=cpu&live=off`);
  await kept(page);
  const sheet = join(folder, 'style.css');
  await writeFile(sheet, `${await readFile(sheet, 'utf8')}\n:root { --version: 2; }\n`);
  const worker = join(folder, 'sw.js');
  await writeFile(worker, (await readFile(worker, 'utf8')).replace(/dextr-\$\{"[0-9a-f]+"\}/, 'dextr-second'));
  await page.reload();
  const update = page.getByRole('button', { name: /update|new version|reload/i });
  await update.waitFor();
  const version = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--version').trim());
  assert.equal(await version(), '', 'the old one until then');
  await Promise.all([page.waitForEvent('load'), update.click()]);
  assert.equal(await version(), '2');
});

test('after the load nothing is sent anywhere, whatever is scored', async (context) => {
  const { page } = await tests.open(context);
  await kept(page);
  const requests = [];
  page.context().on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
  await pressScore(page);
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
  assert.deepEqual(requests.filter((request) => !/ (blob|data):/.test(request)), []);
});
