// The built site on a server of its own, below a folder as on a static host,
// and a headless Chromium: for the browser tests and the benches.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(new URL('../../www/package.json', import.meta.url));
const { chromium } = require('playwright-core');

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** For one wait on a page, and for one computation in it, in milliseconds. */
export const WAIT = 60_000;
export const COMPUTATION = 240_000;

const FLAGS = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
/** Chromium's software WebGPU. */
const WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** `promise`, or a failure after `limit` milliseconds. */
export async function within(promise, what, limit = COMPUTATION) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing after ${limit / 1000} s`)), limit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** `dist` (or DEXTR_DIST) at `site`, and the tests' own engine at `probe`, until `stop`. */
export async function startServer() {
  const folder = await mkdtemp(join(tmpdir(), 'dextr-site-'));
  await symlink(process.env.DEXTR_DIST ?? join(root, 'dist'), join(folder, 'site'));
  await symlink(join(root, 'target/probe'), join(folder, 'probe'));
  const server = spawn('python3', ['-u', '-m', 'http.server', '0', '--bind', '127.0.0.1', '--directory', folder], { stdio: ['ignore', 'pipe', 'ignore'] });
  const port = await within(new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () => reject(new Error('the server ended')));
    server.stdout.once('data', (line) => resolve(/port (\d+)/.exec(line)?.[1]));
  }), 'starting the server', WAIT);
  return {
    site: `http://127.0.0.1:${port}/site/`,
    async stop() {
      server.kill();
      await rm(folder, { recursive: true });
    },
  };
}

/** Chromium, with its software WebGPU or without; `host` is another name for this machine. */
export function launch({ webgpu = true, host } = {}) {
  return within(chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...FLAGS, ...(webgpu ? WEBGPU : []), ...(host ? [`--host-resolver-rules=MAP ${host} 127.0.0.1`] : [])],
    timeout: WAIT,
  }), 'starting Chromium', 2 * WAIT);
}
