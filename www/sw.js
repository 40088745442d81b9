/**
 * The service worker: the page's files in a cache of their version, so that the
 * second visit needs no network. `offline.mjs` writes VERSION and FILES when the
 * site is built; a changed file changes this one, which is how browsers notice.
 */
const VERSION = '';
const FILES = [];

const CACHE = `dextr-${new URL('.', self.location).pathname}-`;
const current = `${CACHE}${VERSION}`;

self.addEventListener('install', (event) => {
  // Past the browser's own cache, whose files may be of another version.
  const requests = FILES.map((file) => new Request(file, { cache: 'reload' }));
  event.waitUntil(caches.open(current).then((cache) => cache.addAll(requests)));
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith(CACHE) && name !== current);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

// The page asks for this when the reader agrees to the update.
self.addEventListener('message', ({ data }) => {
  if (data === 'update') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith((async () => {
    const cache = await caches.open(current);
    // Whatever follows `?` is for the page, or tells instances of a module apart.
    return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
  })());
});
