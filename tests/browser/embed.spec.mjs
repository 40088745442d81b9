// `<dextr-score>` on other people's pages: every kind of frame and policy.
import assert from 'node:assert/strict';
import { mkdir, rm, mkdtemp, copyFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { BEST, browserTests, screenshots } from './harness.mjs';
import { elements, hosts } from './hosts.mjs';
import { root } from './site.mjs';

/** The score of the best cell with seed 0, as an element shows it. */
const SCORE = '2.175';
const ELEMENT = `<dextr-score space="nasbench201" arch="${BEST}"></dextr-score>`;
const MODULE = '<script type="module" src="/dist/dextr/element.js"></script>';
const INLINE = '<script src="/dist/dextr/dextr-inline.js"></script>';
const page = (...body) => `<!doctype html><meta charset="utf-8"><title>A page</title>${body.join('\n')}`;
const frame = (attributes) => page(`<iframe width="600" height="400" ${attributes}></iframe>`);

/** All that a page would have to allow for the element, and what it can do without. */
const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
/** For the file with the wasm inside, not even a connection. */
const STRICT_INLINE = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:";

/** As in a frame whose reader blocks the data of other sites. */
function noStorage() {
  for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) {
    Object.defineProperty(globalThis, name, { get: () => { throw new DOMException('The operation is insecure.', 'SecurityError'); } });
  }
}

for (const webgpu of [false, true]) {
  describe(webgpu ? 'with a software adapter' : 'without WebGPU', () => {
    const tests = browserTests({ webgpu });
    let host;
    before(async () => {
      host = await hosts({
        '/plain': page(MODULE, ELEMENT),
        '/plain-inline': page(INLINE, ELEMENT),
        '/two': page(MODULE, ELEMENT, `<dextr-score space="nasbench201" arch="${BEST}" seed="1" theme="dark"></dextr-score>`),
        '/settings': page(MODULE, `<dextr-score space="nasbench201" arch="${BEST}" set="stem_width=4 cells=1 size=8" curves="1" seeds="2" observe="flow" page="/dist/index.html"></dextr-score>`,
          '<dextr-score space="nasbench201" arch="431204" protocl="published"></dextr-score>', '<dextr-score space="nasbench201" arch="431204" seed="x"></dextr-score>'),
        '/wrong': page(MODULE, '<dextr-score space="nasbench201" arch="&lt;img src=x onerror=alert(1)&gt;"></dextr-score>'),
        '/file': page(MODULE, '<dextr-score space="nasbench201" src="/dist/examples/cell.txt"></dextr-score><dextr-score space="nasbench201" src="/nothing.txt"></dextr-score>'),
        '/strict-worker': { body: page(MODULE, ELEMENT), policy: `${STRICT}; worker-src blob:` },
        '/strict': { body: page(MODULE, ELEMENT), policy: STRICT },
        '/strict-inline': { body: page(INLINE, ELEMENT), policy: STRICT_INLINE },
      });
    });
    after(() => host?.stop());

    /** The elements on a page, or in the frame on it, and how many workers there are. */
    async function visit(context, address, { inFrame = false, prepare = () => {} } = {}) {
      const page = await tests.blank(context);
      const problems = [];
      page.on('pageerror', (error) => problems.push(error.message));
      await page.addInitScript(prepare);
      await page.goto(address);
      const shown = await elements(inFrame ? page.frames()[1] : page);
      return { page, problems, shown, workers: page.workers().length };
    }

    function assertScored({ shown: [{ state, text, score, bars }], problems }) {
      assert.deepEqual([state, score], ['done', SCORE], text);
      assert.ok(bars > 50, `${bars} bars`);
      assert.match(text, /CPU, because/);
      assert.deepEqual(problems, []);
    }

    test('at top level, in a worker', async (context) => {
      const seen = await visit(context, `${host.origin}/plain`);
      assertScored(seen);
      assert.equal(seen.workers, 1);
    });

    for (const [what, path] of [['the module', '/plain'], ['the one-file build', '/plain-inline']]) {
      test(`${what} in a frame of another site where storage throws`, async (context) => {
        const outside = await hosts({ '/': frame(`src="${host.other}${path}"`) });
        context.after(outside.stop);
        assertScored(await visit(context, `${outside.origin}/`, { inFrame: true, prepare: noStorage }));
      });

      test(`${what} in a sandboxed frame`, async (context) => {
        const outside = await hosts({ '/': frame(`sandbox="allow-scripts" src="${host.origin}${path}"`) });
        context.after(outside.stop);
        assertScored(await visit(context, `${outside.origin}/`, { inFrame: true }));
      });
    }

    test('the one-file build from file://', async (context) => {
      const folder = await mkdtemp(join(tmpdir(), 'dextr-file-'));
      context.after(() => rm(folder, { recursive: true }));
      await copyFile(join(root, 'dist/npm/dextr-inline.js'), join(folder, 'dextr-inline.js'));
      await writeFile(join(folder, 'index.html'), page('<script src="dextr-inline.js"></script>', ELEMENT));
      assertScored(await visit(context, pathToFileURL(join(folder, 'index.html')).href));
    });

    for (const [path, workers] of [['/strict-worker', 1], ['/strict', 0], ['/strict-inline', 1]]) {
      test(`under a strict policy: ${path}`, async (context) => {
        const seen = await visit(context, `${host.origin}${path}`);
        assertScored(seen);
        assert.equal(seen.workers, workers);
      });
    }

    test('without workers', async (context) => {
      const seen = await visit(context, `${host.origin}/plain`, { prepare: () => delete globalThis.Worker });
      assertScored(seen);
      assert.equal(seen.workers, 0);
    });

    test('the script of another site', async (context) => {
      const outside = await hosts({ '/': page(MODULE.replace('/dist', `${host.other}/dist`), ELEMENT) });
      context.after(outside.stop);
      const seen = await visit(context, `${outside.origin}/`);
      assertScored(seen);
      assert.equal(seen.workers, 1);
    });

    if (webgpu) return;

    test('two on one page share an engine', async (context) => {
      const { page, shown, workers } = await visit(context, `${host.origin}/two`);
      assert.deepEqual(shown.map(({ state }) => state), ['done', 'done']);
      assert.equal(shown[0].score, SCORE);
      assert.notEqual(shown[1].score, SCORE);
      assert.equal(workers, 1);
      // Without elements there is no engine.
      await page.evaluate(() => document.querySelectorAll('dextr-score').forEach((element) => element.remove()));
      await page.waitForTimeout(500);
      assert.equal(page.workers().length, 0);
    });

    test('all settings by attributes; unknown ones and wrong values are errors', async (context) => {
      const { page, shown } = await visit(context, `${host.origin}/settings`);
      assert.deepEqual(shown.map(({ state }) => state), ['done', 'failed', 'failed']);
      assert.match(shown[1].text, /protocl.*protocol/);
      assert.match(shown[2].text, /seed="x" is no whole number/);
      const row = await page.evaluate(async () => {
        const element = document.querySelector('dextr-score');
        const score = new Promise((resolve) => element.addEventListener('score', ({ detail }) => resolve(detail), { once: true }));
        element.setAttribute('curve-seed', '3');
        const { options, seeds, observe, curves, curve_seed: curveSeed } = await score;
        return { options, seeds, observe, curves, curveSeed, link: element.shadowRoot.querySelector('a').href };
      });
      assert.match(row.options, /stem_width=4 .*size=8/);
      assert.deepEqual([row.seeds, row.observe, row.curves, row.curveSeed], [2, 'flow', 1, 3]);
      assert.match(row.link, /\/dist\/index\.html#space=nasbench201&arch=.*seeds=2.*curve_seed=3.*set\.stem_width=4/);
    });

    test('events, a changed attribute, and cancelling', async (context) => {
      const { page } = await visit(context, `${host.origin}/plain`);
      const seen = await page.evaluate(async () => {
        const element = document.querySelector('dextr-score');
        const next = (type) => new Promise((resolve) => element.addEventListener(type, ({ detail }) => resolve(detail), { once: true }));
        const [progress, score] = [next('progress'), next('score')];
        element.setAttribute('seed', '7');
        const seen = { stage: (await progress).stage, seed: (await score).seed };
        const error = next('error');
        element.setAttribute('arch', '|wrong|');
        seen.code = (await error).code;
        // Long enough to be cancelled, however fast a score is.
        element.setAttribute('seeds', '50');
        element.setAttribute('arch', '|nor_conv_3x3~0|+|none~0|none~1|+|none~0|none~1|nor_conv_3x3~2|');
        await next('progress');
        element.shadowRoot.querySelector('button').click();
        while (element.state === 'running') await new Promise((resolve) => setTimeout(resolve, 20));
        return { ...seen, state: element.state };
      });
      assert.deepEqual(seen, { stage: 'score', seed: 7, code: 'bad-architecture', state: 'cancelled' });
    });

    test('what an attribute or a file says is text', async (context) => {
      const { page, shown: [{ state, text }] } = await visit(context, `${host.origin}/wrong`);
      assert.equal(state, 'failed');
      assert.match(text, /^Character 1: /);
      assert.equal(await page.evaluate(() => document.querySelector('dextr-score').shadowRoot.querySelector('img')), null);
    });

    test('src', async (context) => {
      const { shown: [good, missing] } = await visit(context, `${host.origin}/file`);
      assert.equal(good.state, 'done', good.text);
      assert.match(missing.text, /The file cannot be read: the server answered 404 \(\/nothing\.txt\)\./);
    });

    for (const [width, colorScheme] of [[320, 'light'], [320, 'dark'], [900, 'light']]) {
      test(`the sample project page at ${width} px, ${colorScheme}`, async (context) => {
        const page = await tests.blank(context, { viewport: { width, height: 1400 }, colorScheme });
        await page.goto(`${host.origin}/dist/examples/`);
        const shown = await elements(page);
        assert.deepEqual(shown.map(({ state }) => state), ['done', 'done']);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width);
        await mkdir(screenshots, { recursive: true });
        await page.screenshot({ path: join(screenshots, `sample-${width}-${colorScheme}.png`), fullPage: true });
      });
    }
  });
}
