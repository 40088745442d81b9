// Pages of others: a server whose every answer may carry a content policy, on
// two origins, and a browser's page that waits for the elements on it.
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { root, WAIT, within } from './site.mjs';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.webmanifest': 'application/manifest+json' };

/**
 * Serves `pages` (path → `{ body, policy, type }` or text), and below `/dist/` the
 * built site; anyone may read it, as on a static host. `folders` has more:
 * prefix → folder.
 */
export async function hosts(pages, folders = {}) {
  const all = { '/dist/': join(root, 'dist'), ...folders };
  const server = createServer(async ({ url }, response) => {
    const { pathname } = new URL(url, 'http://host');
    const page = pages[pathname];
    const prefix = Object.keys(all).find((start) => pathname.startsWith(start));
    try {
      const file = prefix && join(resolve(all[prefix]), pathname.slice(prefix.length).replace(/(^|\/)$/, '$1index.html'));
      const body = page ? (page.body ?? page) : await readFile(file);
      const type = page ? (page.type ?? 'text/html') : (TYPES[extname(file)] ?? 'text/plain');
      response.writeHead(200, { 'content-type': type, 'access-control-allow-origin': '*', ...(page?.policy && { 'content-security-policy': page.policy }) });
      response.end(body);
    } catch {
      response.writeHead(404);
      response.end();
    }
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address();
  return {
    origin: `http://127.0.0.1:${port}`,
    /** The same server as another site. */
    other: `http://localhost:${port}`,
    stop: () => new Promise((stopped) => {
      server.close(stopped);
      server.closeAllConnections();
    }),
  };
}

/** A copy of the site, which may change, on a server that may stop. */
export async function copiedSite(context) {
  const folder = await mkdtemp(join(tmpdir(), 'dextr-site-'));
  await cp(join(root, 'dist'), folder, { recursive: true, filter: (path) => !path.includes('dist/npm') });
  const host = await hosts({}, { '/site/': folder });
  let stopped;
  const stop = () => (stopped ??= host.stop());
  context.after(async () => {
    await stop();
    await rm(folder, { recursive: true });
  });
  return { address: `${host.origin}/site/`, folder, stop };
}

/** Runs in a page: every element's state, its score, and what it shows. */
export function elementsShown() {
  return [...document.querySelectorAll('dextr-score')].map(({ state, shadowRoot }) => ({
    state,
    text: shadowRoot.textContent,
    score: shadowRoot.querySelector('output')?.textContent,
    bars: shadowRoot.querySelectorAll('rect').length,
  }));
}

/** Every element's state in a frame, once none is waiting or running: its score, and what it shows. */
export async function elements(frame) {
  const settled = () => {
    const all = [...document.querySelectorAll('dextr-score')];
    return all.length > 0 && all.every(({ state }) => state && state !== 'waiting' && state !== 'running');
  };
  await frame.waitForFunction(settled, null, { timeout: WAIT });
  return within(frame.evaluate(elementsShown), 'reading the elements');
}
