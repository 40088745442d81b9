// How every browser of the tests and the benches is started, each headless and
// with a time limit: Chromium by Playwright, Firefox by Puppeteer over WebDriver
// BiDi, WebKit by its own WebDriver on a screen of its own. They are installed
// programs; nothing is downloaded.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { COMPUTATION, WAIT, within } from './site.mjs';
import { openSession } from './webdriver.mjs';

const require = createRequire(new URL('../../www/package.json', import.meta.url));

const FLAGS = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
/** WebGPU on Chromium's software adapter, and on the machine's own, with timestamps as they are. */
const SOFTWARE = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const OWN = ['--enable-unsafe-webgpu', '--ignore-gpu-blocklist', '--enable-features=Vulkan', '--disable-dawn-features=timestamp_quantization'];

/**
 * Chromium with WebGPU on its software adapter (`true`), on the machine's own
 * (`'own'`), or without; `host` is another name for this machine.
 * @param {{ webgpu?: boolean | 'own', host?: string }} [options]
 */
export function launch({ webgpu = true, host } = {}) {
  const gpu = webgpu === 'own' ? OWN : SOFTWARE;
  const { chromium } = require('playwright-core');
  return within(chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...FLAGS, ...(webgpu ? gpu : []), ...(host ? [`--host-resolver-rules=MAP ${host} 127.0.0.1`] : [])],
    timeout: WAIT,
  }), 'starting Chromium', 2 * WAIT);
}

/**
 * A tab of any engine, with what all of them can do: `goto(address)`,
 * `run(code, argument)` in the page, which may wait, and `files(selector, paths)`
 * given to a file input as by hand.
 * @typedef {{ goto(address: string): Promise<void>, run(code: Function, argument?: unknown): Promise<any>,
 *   files(selector: string, paths: string[]): Promise<void> }} Tab
 * @typedef {{ tab: Tab, close(): Promise<void> }} Opened
 */

/** Firefox takes the Vulkan driver that VK_ICD_FILENAMES names for WebGPU. @returns {Promise<Opened>} */
export async function launchFirefox() {
  if (!process.env.VK_ICD_FILENAMES) throw new Error('VK_ICD_FILENAMES names no Vulkan driver, without which Firefox has no WebGPU adapter: run ./build.sh test, or set it (see build.sh, vulkan_driver)');
  const { default: puppeteer } = await import(require.resolve('puppeteer-core'));
  const browser = await within(puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    timeout: 2 * WAIT,
    protocolTimeout: COMPUTATION,
    extraPrefsFirefox: { 'dom.webgpu.enabled': true, 'dom.webgpu.workers.enabled': true, 'gfx.webgpu.ignore-blocklist': true },
  }), 'starting Firefox', 2 * WAIT);
  const page = await within(browser.newPage(), 'opening a page', WAIT);
  return {
    tab: {
      goto: async (address) => void await page.goto(address, { timeout: WAIT }),
      run: (code, argument) => within(page.evaluate(code, argument), 'computing in Firefox'),
      async files(selector, paths) {
        const input = await page.waitForSelector(selector, { timeout: WAIT });
        await within(input.uploadFile(...paths), 'giving files', WAIT);
      },
    },
    close: () => within(browser.close(), 'closing Firefox', WAIT),
  };
}

/** A port that nobody has. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/** WebKitGTK's MiniBrowser. @returns {Promise<Opened>} */
export async function launchWebKit() {
  const started = [];
  const start = (program, flags, options) => {
    const child = spawn(program, flags, options);
    const failed = once(child, 'error').then(([error]) => { throw error; });
    failed.catch(() => {});
    started.push(child);
    return { child, failed };
  };
  const stop = () => started.reverse().forEach((child) => child.kill());
  try {
    // The X server says which number it took.
    const screen = start('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [display] = await within(Promise.race([once(screen.child.stdout, 'data'), screen.failed]), 'starting Xvfb', WAIT);
    const port = await freePort();
    const driver = start('WebKitWebDriver', [`--port=${port}`], {
      stdio: 'ignore',
      // As root WebKit does not start in its sandbox.
      env: { ...process.env, DISPLAY: `:${String(display).trim()}`, ...(process.getuid() === 0 && { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' }) },
    });
    const session = await within(Promise.race([openSession(`http://127.0.0.1:${port}`, {
      'webkitgtk:browserOptions': { binary: process.env.WEBKIT ?? '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser', args: ['--automation'] },
      timeouts: { script: COMPUTATION, pageLoad: WAIT },
    }), driver.failed]), 'starting WebKit', 2 * WAIT);
    return {
      tab: session,
      async close() {
        await within(session.close(), 'closing WebKit', WAIT);
        stop();
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}
