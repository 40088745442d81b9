// What every browser test shares: the built site, and Chromium with a time
// limit on every call.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { launch } from './browsers.mjs';
import { COMPUTATION, root, startServer, WAIT, within } from './site.mjs';

export { COMPUTATION, within };

const { source: axe } = createRequire(new URL('../../www/package.json', import.meta.url))('axe-core');

export const golden = join(root, 'tests/golden');
export const screenshots = join(root, 'target/screenshots');

export const SPACE = 'nasbench201';
export const BEST = '|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|';

/**
 * Sets up server and browser for the tests of one file. The object is filled
 * before the first test. `host` is another name for this machine: a page from
 * there is not in a secure context.
 */
export function browserTests({ webgpu = true, host } = {}) {
  let server;
  let browser;
  before(async () => {
    server = await startServer();
    if (host) server.site = server.site.replace('127.0.0.1', host);
    browser = await launch({ webgpu, host });
  });
  after(async () => {
    if (browser) await within(browser.close(), 'closing Chromium', WAIT);
    await server?.stop();
  });

  /** An empty page of the site's origin, closed when the test ends. */
  async function blank(context, options = {}) {
    // A service worker would answer before `page.route`: only its own tests have it.
    const page = await within(browser.newPage({ serviceWorkers: 'block', ...options }), 'opening a page', WAIT);
    context.after(() => within(page.close(), 'closing a page', WAIT));
    page.setDefaultTimeout(WAIT);
    return page;
  }

  return {
    get site() {
      return server.site;
    },
    blank,

    /**
     * The page with the engine ready, and everything it asked the network for or
     * complained of. `prepare` runs in it before its own scripts; `setUp` is
     * called with it before it goes anywhere. Only a page that is `live` scores
     * by itself.
     */
    async open(context, address = '?device=cpu', { prepare = () => {}, setUp = () => {}, live = false, ...options } = {}) {
      const page = await blank(context, options);
      await page.addInitScript(prepare);
      await setUp(page);
      const seen = { requests: [], problems: [] };
      page.on('request', (request) => seen.requests.push(request.url()));
      page.on('pageerror', (error) => seen.problems.push(error.message));
      page.on('console', (message) => message.type() === 'error' && seen.problems.push(message.text()));
      const url = new URL(address, server.site);
      if (!live) url.searchParams.set('live', 'off');
      await page.goto(url.href);
      await page.getByRole('status').filter({ hasText: 'Ready.' }).waitFor();
      return { page, ...seen };
    },

    /**
     * A page with nothing but the engine's module, as `engine` in its global
     * scope; `probe`: the one that has what `src/web/probe.rs` exports.
     */
    async engine(context, { files = {}, probe = false } = {}) {
      const page = await blank(context);
      await page.route('**/site/test/*', (route) => {
        const body = files[route.request().url().split('/').pop()] ?? '<!doctype html>';
        return route.fulfill({ body, contentType: typeof body === 'string' ? 'text/html' : 'application/octet-stream' });
      });
      await page.goto(`${server.site}test/engine`);
      await within(page.evaluate(async (folder) => {
        globalThis.engine = await import(new URL(`${folder}/dextr.js`, location.href).href);
        await globalThis.engine.default({ module_or_path: new URL(`${folder}/dextr_bg.wasm`, location.href) });
      }, probe ? '/probe' : '/whole'), 'starting the engine');
      return {
        /** `code` evaluated in the page; its errors come out with their message. */
        run: (code, argument) => within(page.evaluate(async ([source, argument]) => {
          try {
            // The test page has no content policy.
            return await (0, eval)(`(${source})`)(argument);
          } catch (error) {
            throw error instanceof Error ? error : new Error(`${error.code}: ${error.message} (${error.where ?? ''}) ${error.hint ?? ''}`);
          }
        }, [String(code), argument]), 'computing in the page'),
      };
    },
  };
}

/** What axe finds wrong on a page. */
export async function faults(page) {
  await page.evaluate(axe);
  const { violations } = await within(page.evaluate(() => globalThis.axe.run()), 'axe');
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** The answer's number, as it was computed. */
export async function shownScore(page) {
  const value = page.locator('#answer .score data');
  await value.waitFor();
  return { text: await value.textContent(), value: Number(await value.getAttribute('value')) };
}

/** Presses Score and waits until the run has ended. */
export async function pressScore(page) {
  const button = page.getByRole('button', { name: 'Score', exact: true });
  await button.click();
  await page.getByRole('status').filter({ hasText: /^(Done|Not scored|Cancelled)/ }).waitFor({ timeout: COMPUTATION });
  assert.equal(await button.isEnabled(), true, 'Score can be pressed again');
}

/** Asserts that two lists of numbers agree within a part of the largest entry. */
export function assertClose(actual, expected, part, what) {
  assert.equal(actual.length, expected.length, `${what}: length`);
  const largest = Math.max(...expected.map(Math.abs));
  expected.forEach((value, index) => {
    const error = Math.abs(actual[index] - value);
    assert.ok(error <= part * largest, `${what}[${index}]: ${actual[index]} instead of ${value}`);
  });
}
