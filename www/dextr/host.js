import { DextrError } from './error.js';
import { findGpu } from './gpu.js';

/**
 * @typedef {import('./dextr.js').DeviceChoice} DeviceChoice
 * @typedef {import('./dextr.js').ScoreRequest} ScoreRequest
 * @typedef {import('./dextr.js').Session} Session
 * @typedef {typeof import('./dextr.js')} Glue
 * @typedef {{ module: WebAssembly.Module, glue: string, device: DeviceChoice }} OpenArgument
 * @typedef {{ device: import('./dextr.js').Device, version: string, spaces: import('./dextr.js').Space[] }} OpenAnswer
 * @typedef {{ id: number, method: string, argument: any } | { cancel: number }} HostRequest
 * @typedef {{ id: number, value: unknown } | { id: number, error: import('./dextr.js').Fault }
 *   | { id: number, progress: { done: number, total: number } }} HostReply
 * @typedef {{ postMessage(message: any): void,
 *   addEventListener(type: 'message', listener: (event: MessageEvent) => void): void }} Endpoint
 */

/** A running score gives way to messages this often, in milliseconds. */
const SLICE = 50;

/** Lets messages that have arrived be handled. (A timer would be slowed down to 4 ms and more.) */
function macrotask() {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(null);
  });
}

/**
 * Opens a session. The engine cannot see why there is no GPU, or what the GPU
 * is called: the browser tells that to JavaScript alone.
 * @param {Glue} glue
 * @param {DeviceChoice} choice
 */
async function openSession(glue, choice) {
  const { absence, name } = choice === 'cpu' ? { absence: null, name: '' } : await findGpu(choice);
  if (absence && choice === 'webgpu') {
    throw new DextrError({
      code: absence.reason,
      message: `WebGPU was asked for, but ${absence.message}`,
      hint: 'Choose the device "auto" or "cpu".',
    });
  }
  const session = await glue.Session.open(choice, absence?.reason);
  const device = session.device();
  if (device.kind === 'webgpu' && name) device.name = name;
  return { session, device: { ...device, ...absence } };
}

/**
 * Owns one wasm instance and answers the requests that come in by `endpoint`,
 * in a worker or on the page.
 * @param {Endpoint} endpoint
 */
export function serve(endpoint) {
  /** @type {Glue} */
  let glue;
  /** @type {Session} */
  let session;
  /** @type {Map<number, { cancelled: boolean }>} */
  const running = new Map();

  /** @type {Record<string, (argument: any, id: number) => unknown>} */
  const methods = {
    /** @param {OpenArgument} argument */
    async open(argument) {
      glue = await import(argument.glue);
      await glue.default({ module_or_path: argument.module });
      const opened = await openSession(glue, argument.device);
      session = opened.session;
      return { device: opened.device, version: glue.version(), spaces: glue.spaces() };
    },
    canonical: ({ space, arch }) => glue.canonical(space, arch),
    inspect: (/** @type {ScoreRequest} */ request) => glue.inspect(request),
    score: (/** @type {ScoreRequest} */ request, id) => session.score(request, stepOf(id)),
  };

  /** @param {HostReply} reply */
  const reply = (reply) => endpoint.postMessage(reply);

  /** @param {number} id */
  function stepOf(id) {
    let last = performance.now();
    return async (/** @type {number} */ done, /** @type {number} */ total) => {
      if (performance.now() - last >= SLICE) {
        reply({ id, progress: { done, total } });
        await macrotask();
        last = performance.now();
      }
      return !running.get(id)?.cancelled;
    };
  }

  endpoint.addEventListener('message', async ({ data }) => {
    const request = /** @type {HostRequest} */ (data);
    if ('cancel' in request) {
      const call = running.get(request.cancel);
      if (call) call.cancelled = true;
      return;
    }
    const { id, method, argument } = request;
    running.set(id, { cancelled: false });
    try {
      const call = /** @type {(argument: any, id: number) => unknown} */ (methods[method]);
      reply({ id, value: await call(argument, id) });
    } catch (error) {
      reply({ id, error: DextrError.from(error).toFault() });
    } finally {
      running.delete(id);
    }
  });
}
