/**
 * Makes the page work without the network from the second visit on. Where
 * service workers are not allowed (file://, some frames) nothing happens.
 *
 * @param {{ onUpdate?: (apply: () => void) => void }} [options] `onUpdate` hears
 *   that a new version is ready; `apply` reloads the page with it.
 * @returns {Promise<boolean>} Whether the page will work offline.
 */
export async function registerOffline({ onUpdate = () => {} } = {}) {
  try {
    // In a sandboxed frame the mere look at it throws.
    const { serviceWorker } = navigator;
    if (!serviceWorker || !/^https?:$/.test(location.protocol)) return false;
    const registration = await serviceWorker.register(new URL('./sw.js', import.meta.url), { updateViaCache: 'none' });
    const offer = (/** @type {ServiceWorker} */ worker) => onUpdate(() => {
      serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
      worker.postMessage('update');
    });
    // With no controller this is the first visit, not an update.
    const watch = (/** @type {ServiceWorker} */ worker) => worker.addEventListener('statechange', () => {
      if (worker.state === 'installed' && serviceWorker.controller) offer(worker);
    });
    if (registration.waiting && serviceWorker.controller) offer(registration.waiting);
    if (registration.installing) watch(registration.installing);
    registration.addEventListener('updatefound', () => registration.installing && watch(registration.installing));
    return true;
  } catch {
    return false;
  }
}
