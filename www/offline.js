/**
 * Keeps the page for visits without a network, where that is allowed; where it
 * is not, the page works the same. `onUpdate` is called when a newer version is
 * ready, with a function that changes to it and reloads the page.
 * @param {{ onUpdate: (change: () => void) => void }} options
 */
export async function registerOffline({ onUpdate }) {
  try {
    const registration = await navigator.serviceWorker.register(new URL('./sw.js', import.meta.url), { type: 'classic' });
    const offer = () => {
      const { waiting } = registration;
      // Without a controller it is the first version, and takes over by itself.
      if (waiting && navigator.serviceWorker.controller) onUpdate(() => waiting.postMessage('update'));
    };
    registration.addEventListener('updatefound', () => {
      registration.installing?.addEventListener('statechange', offer);
    });
    offer();
    let had = Boolean(navigator.serviceWorker.controller);
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      if (had) location.reload();
      had = true;
    });
  } catch {
    // Forbidden in some frames, from file:// and in private windows.
  }
}
