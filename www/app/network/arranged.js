/** @typedef {import('./arrange.js').Plan} Plan */
/** @typedef {import('./arrange.js').Arrangement} Arrangement */

/**
 * An arrangement from a worker, so that the page does not stand still; in a
 * page that may have no workers, from here.
 * @param {Plan} plan
 * @returns {Promise<Arrangement>}
 */
export async function arranged(plan) {
  /** @type {Worker | undefined} */
  let worker;
  try {
    const started = (worker = new Worker(new URL('./arrange.worker.js', import.meta.url), { type: 'module', name: 'graph' }));
    return await new Promise((resolve, reject) => {
      started.addEventListener('message', ({ data }) => resolve(data), { once: true });
      started.addEventListener('error', () => reject(new Error('the worker failed')), { once: true });
      started.postMessage(plan);
    });
  } catch {
    const { arrange } = await import('./arrange.js');
    return arrange(plan);
  } finally {
    worker?.terminate();
  }
}
