import { DextrError, isFault } from './error.js';
import { findGpu } from './gpu.js';
import { modelFiles } from './modelfile.js';
import { DeviceWatch } from './watch.js';

/**
 * @typedef {import('./dextr.js').DeviceChoice} DeviceChoice
 * @typedef {import('./dextr.js').ScoreRequest} ScoreRequest
 * @typedef {import('./dextr.js').Session} Session
 * @typedef {typeof import('./dextr.js')} Glue
 * @typedef {{ module: WebAssembly.Module, device: DeviceChoice }} OpenArgument
 * @typedef {ScoreRequest & { model?: import('./model.js').ModelFile }} WireRequest
 * @typedef {{ device: import('./dextr.js').Device, version: string, spaces: import('./dextr.js').Space[],
 *   modelOptions: import('./dextr.js').SpaceOption[] }} OpenAnswer
 * @typedef {{ id: number, method: string, argument: any } | { cancel: number }} HostRequest
 * @typedef {{ id: number, value: unknown } | { id: number, error: import('./dextr.js').Fault }
 *   | { id: number, progress: { done: number, total: number } }
 *   | { broken: import('./dextr.js').Fault }} HostReply `broken` ends the instance, whatever was called.
 * @typedef {{ postMessage(message: any): void,
 *   addEventListener(type: 'message', listener: (event: MessageEvent) => void): void }} Endpoint
 */

/** A running score gives way to messages this often, in milliseconds. */
const SLICE = 50;

/** After a trap the GPU has this long to report the cause, in milliseconds. */
const LAST_WORDS = 1000;

/** A trap with less room than this to grow is a refused allocation, in pages of 64 KiB. */
const ROOM = 8192;

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
 * Opens a session, on the CPU where there is no GPU. The engine cannot see why,
 * or what the GPU is called: the browser tells that to JavaScript alone.
 * @param {Glue} glue
 * @param {DeviceChoice} choice
 * @param {DeviceWatch} watch
 */
async function openSession(glue, choice, watch) {
  const { absence, name } = choice === 'cpu' ? { absence: null, name: '' } : await findGpu(choice);
  const open = () => glue.Session.open(choice, absence?.reason);
  const session = choice === 'cpu' || absence ? await open() : await watch.during(open);
  const device = session.device();
  if (device.kind !== 'webgpu') watch.release();
  else if (name) device.name = name;
  return { session, device: { ...device, ...absence } };
}

/**
 * What a trap means. The engine cannot say that an allocation was refused: it
 * just stops, with its memory at the end.
 * @param {unknown} thrown
 * @param {WebAssembly.Memory | undefined} memory
 */
function faultOf(thrown, memory) {
  if (memory && thrown instanceof WebAssembly.RuntimeError) {
    try {
      memory.grow(ROOM);
    } catch {
      return DextrError.outOfMemory(thrown.message, thrown);
    }
  }
  return DextrError.from(thrown);
}

/**
 * Owns one wasm instance and answers the requests that come in by `endpoint`,
 * in a worker or on the page. Gives a function that ends it.
 * @param {Endpoint} endpoint
 * @param {{ alone: boolean, newGlue: () => Promise<Glue> }} thread Whether there is nothing else in this thread, and what loads the wasm's JavaScript there.
 */
export function serve(endpoint, { alone, newGlue }) {
  /** @type {Glue} */
  let glue;
  /** @type {Session} */
  let session;
  /** @type {WebAssembly.Memory | undefined} */
  let memory;
  let ended = false;
  /** @type {Map<number, { cancelled: boolean }>} */
  const running = new Map();
  const watch = new DeviceWatch();
  const files = modelFiles();

  /** @type {Record<string, (argument: any, id: number) => unknown>} */
  const methods = {
    /** @param {OpenArgument} argument */
    async open(argument) {
      glue = await newGlue();
      const exports = await glue.default({ module_or_path: argument.module });
      memory = /** @type {{ memory?: WebAssembly.Memory } | undefined} */ (exports)?.memory;
      const opened = await openSession(glue, argument.device, watch);
      session = opened.session;
      return { device: opened.device, version: glue.version(), spaces: glue.spaces(), modelOptions: glue.model_options() };
    },
    canonical: ({ space, arch }) => glue.canonical(space, arch),
    choices: ({ space, arch }) => glue.choices(space, arch),
    choose: ({ space, arch, index, value }) => glue.choose(space, arch, index, value),
    neighbours: ({ space, arch }) => glue.neighbours(space, arch),
    sample: ({ space, seed }) => glue.sample(space, seed),
    correlate: ({ scores, truth }) => glue.correlate(Float64Array.from(scores), Float64Array.from(truth)) ?? null,
    /** What a model file says of itself. */
    async openModel(/** @type {import('./model.js').ModelFile} */ source) {
      const model = /** @type {import('./dextr.js').Model} */ (await files.get(glue, source));
      try {
        return model.info();
      } finally {
        model.free();
      }
    },
    async inspect(/** @type {WireRequest} */ { model, ...request }) {
      return glue.inspect(request, await files.get(glue, model));
    },
    async singularValues({ request: { model, ...request }, map }, id) {
      const values = await session.singular_values(request, map, stepOf(id), await files.get(glue, model));
      await watch.settle();
      return values;
    },
    async score(/** @type {WireRequest} */ { model, ...request }, id) {
      const score = await session.score(request, stepOf(id), await files.get(glue, model));
      // What the GPU computed counts when nothing has gone wrong on the way.
      await watch.settle();
      return score;
    },
  };

  /** @param {HostReply} reply */
  function reply(reply) {
    if (!ended) endpoint.postMessage(reply);
  }

  /** The instance cannot be trusted any more. @param {DextrError} fault */
  function broken(fault) {
    reply({ broken: fault.toFault() });
    stop(fault);
  }

  /** @param {DextrError} reason */
  function stop(reason) {
    ended = true;
    for (const call of running.values()) call.cancelled = true;
    // An open that hangs in a trapped instance would keep the next from its turn.
    watch.fail(reason);
    watch.release();
  }

  /** The fault to report for what was thrown; the GPU's own report comes before it. @param {unknown} thrown */
  async function judge(thrown) {
    if (isFault(thrown) && thrown.code !== 'device-lost') return DextrError.from(thrown);
    await Promise.race([watch.settle(), new Promise((resolve) => setTimeout(resolve, LAST_WORDS))]);
    const fault = faultOf(thrown, memory);
    // The engine takes whatever it cannot read for a loss; `watch` knows better.
    return new DextrError({ ...fault.toFault(), code: fault.code === 'device-lost' ? 'internal' : fault.code });
  }

  /** A trap after an `await` comes out of no call. @param {Event} event @param {unknown} thrown */
  function unheard(event, thrown) {
    // The page around us has errors of its own.
    if (!alone && !(running.size > 0 && thrown instanceof WebAssembly.RuntimeError)) return;
    event.preventDefault();
    judge(thrown).then(broken);
  }

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
    } catch (thrown) {
      reply({ id, error: (await judge(thrown)).toFault() });
    } finally {
      running.delete(id);
    }
  });

  const listening = new AbortController();
  const { signal } = listening;
  // Node has no such events, and no GPU that could send them.
  globalThis.addEventListener?.('error', (event) => unheard(event, event.error), { signal });
  globalThis.addEventListener?.('unhandledrejection', (event) => unheard(event, event.reason), { signal });
  watch.failure.then((fault) => {
    if (!ended) broken(fault);
  });

  return {
    stop,
    /** From now on the errors of this thread are somebody else's. */
    deafen: () => listening.abort(),
  };
}
