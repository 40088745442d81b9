// A client of the real engine whose GPU goes wrong as planned, in the worker or
// in the page's own thread. What runs in a thread is sent there as source.
import { within } from './harness.mjs';

/** Runs in the thread of the engine, before it: spoils its device at the first submission of a spoiled score. */
export function spoilDevice() {
  const { requestDevice } = GPUAdapter.prototype;
  const { submit } = GPUQueue.prototype;
  const { mapAsync } = GPUBuffer.prototype;
  let device;
  let hung = false;
  const faults = {
    'lost': () => device.destroy(),
    // Reads wait for ever, as some drivers let them.
    'hung': () => {
      hung = true;
      device.destroy();
    },
    'invalid': () => device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE }),
    'no memory': () => device.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error: new GPUOutOfMemoryError('no room') })),
  };
  globalThis.spoil = null;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    device = await requestDevice.call(this, descriptor);
    hung = false;
    globalThis.spoil = null;
    return device;
  };
  GPUQueue.prototype.submit = function (buffers) {
    submit.call(this, buffers);
    const fault = globalThis.spoil;
    globalThis.spoil = null;
    faults[fault]?.();
  };
  GPUBuffer.prototype.mapAsync = function (...range) {
    return hung ? new Promise(() => {}) : mapAsync.apply(this, range);
  };
  globalThis.addEventListener('message', ({ data }) => {
    // What comes after it takes no fault back.
    globalThis.spoil = data.spoil ?? globalThis.spoil;
  });
}

/** Runs in the page: the n-th score that is sent to an engine meets the n-th fault of the plan, or of its seed's. */
export function followPlan(plan) {
  for (const { name, prototype } of [Worker, MessagePort]) {
    const { postMessage } = prototype;
    prototype.postMessage = function (message, ...rest) {
      if (message?.method === 'score') {
        const own = Array.isArray(plan) ? plan : (plan[message.argument.seed] ?? []);
        const spoil = own.shift() ?? null;
        if (name === 'Worker') message.spoil = spoil;
        else globalThis.spoil = spoil ?? globalThis.spoil;
      }
      return postMessage.call(this, message, ...rest);
    };
  }
}

/** Makes the software adapter look like a real GPU, which the automatic choice takes. */
export function pretendHardware() {
  Object.defineProperty(GPUAdapter.prototype, 'info', {
    get: () => ({ vendor: 'test', architecture: '', device: '', description: 'Pretended GPU', isFallbackAdapter: false, subgroupMinSize: 4, subgroupMaxSize: 4 }),
  });
}

/** Makes the software adapter say nothing of what it is, as Firefox's do of their names. */
export function sayNothing() {
  Object.defineProperty(GPUAdapter.prototype, 'info', {
    get: () => ({ vendor: '', architecture: '', device: '', description: '', isFallbackAdapter: false, subgroupMinSize: 4, subgroupMaxSize: 4 }),
  });
}

/** Everything read from the GPU is off by one. */
export function wrongNumbers() {
  const { getMappedRange } = GPUBuffer.prototype;
  GPUBuffer.prototype.getMappedRange = function (...range) {
    const mapped = getMappedRange.apply(this, range);
    if (this.usage & GPUBufferUsage.MAP_READ) new Float32Array(mapped).forEach((value, index, all) => (all[index] = value + 1));
    return mapped;
  };
}

/** The kernel that measures the rotated columns forgets a square root. */
export function wrongKernel() {
  const { createShaderModule } = GPUDevice.prototype;
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    const { code } = descriptor;
    return createShaderModule.call(this, { ...descriptor, code: code.includes('fn extremes') ? code.replaceAll('sqrt(', 'abs(') : code });
  };
}

/** The source of a worker that runs each of `codes` before the engine's own, which lies at `itself`. */
export function workerAfter(codes, itself = './worker.js?itself') {
  const calls = codes.map((code) => `(${code})();`).join('\n');
  return `${calls}\nawait import('${itself}');`;
}

/**
 * Sets a page up for what goes wrong in it. `prelude` runs before the engine in
 * every worker of the page, and in the page too. Gives a count of the workers.
 */
export async function sabotage(page, { plan, prelude = [] } = {}) {
  let workers = 0;
  const inThread = plan ? [...prelude, spoilDevice] : prelude;
  await page.route('**/dextr/worker.js', (route) => {
    workers++;
    return route.fulfill({ body: workerAfter(inThread), contentType: 'text/javascript' });
  });
  for (const code of inThread) await page.addInitScript(code);
  if (plan) await page.addInitScript(followPlan, plan);
  return () => workers;
}

/**
 * An empty page with the client's `Dextr` in its global scope, and `dextr`, an
 * open one.
 */
export async function client(tests, context, { worker = true, device = 'webgpu', ...plans } = {}) {
  const page = await tests.blank(context);
  const workers = await sabotage(page, plans);
  await page.route('**/test/client', (route) => route.fulfill({ body: '<!doctype html>', contentType: 'text/html' }));
  await page.goto(`${tests.site}test/client`);
  const run = (code, argument) => within(page.evaluate(code, argument), 'the client');
  await run(async ({ worker, device }) => {
    if (!worker) delete globalThis.Worker;
    const { Dextr } = await import(new URL('../dextr/index.js', location.href).href);
    globalThis.Dextr = Dextr;
    globalThis.dextr = await Dextr.load({ device });
  }, { worker, device });
  return {
    page,
    run,
    workers,
    device: () => run(() => globalThis.dextr.device),
    /** The score, or what a DextrError says. */
    score: (request) => run((request) => globalThis.dextr.score(request).catch((error) => ({ name: error.name, message: error.message, ...error })), request),
  };
}
