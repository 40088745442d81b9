// The built site on a server of its own, below a folder as on a static host:
// for the browser tests and the benches.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** For one wait on a page, and for one computation in it, in milliseconds. */
export const WAIT = 60_000;
export const COMPUTATION = 240_000;

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

/** `dist` (or DEXTR_DIST) at `site`, the engine in one piece at `whole`, and the tests' own at `probe`, until `stop`. */
export async function startServer() {
  const folder = await mkdtemp(join(tmpdir(), 'dextr-site-'));
  await symlink(process.env.DEXTR_DIST ?? join(root, 'dist'), join(folder, 'site'));
  for (const name of ['probe', 'whole']) await symlink(join(root, 'target', name), join(folder, name));
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
