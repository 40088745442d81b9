import { DextrError, isFault } from './error.js';
import { findGpu } from './gpu.js';
import { ModelFiles } from './modelfile.js';
import { Rest } from './rest.js';
import { DeviceWatch } from './watch.js';

/**
 * @typedef {import('./dextr.js').DeviceChoice} DeviceChoice
 * @typedef {import('./dextr.js').ScoreRequest} ScoreRequest
 * @typedef {import('./dextr.js').Session} Session
 * @typedef {import('./dextr.js').Step} Step
 * @typedef {import('./model.js').ModelFile} ModelFile
 * @typedef {typeof import('./dextr.js')} Glue
 * @typedef {ScoreRequest & { model?: ModelFile }} WireRequest
 * @typedef {{ device: import('./dextr.js').Device, version: string, spaces: import('./dextr.js').Space[], columns: import('./dextr.js').Column[], proxies: import('./dextr.js').ProxyInfo[],
 *   modelOptions: import('./dextr.js').SpaceOption[] }} OpenAnswer
 */

/** A trap with less room than this to grow is a refused allocation, in pages of 64 KiB. */
const ROOM = 8192;

/** What can be asked of the engine at once, with the wasm's JavaScript. @type {Record<string, (glue: Glue, argument: any) => unknown>} */
const QUESTIONS = {
  canonical: (glue, { space, arch }) => glue.canonical(space, arch),
  parse: (glue, { space, arch, reading }) => glue.parse(space, arch, reading),
  parseAll: (glue, { texts }) => texts.map((/** @type {{ space: string, arch: string, reading?: string } | null} */ text) => text && attempt(() => glue.parse(text.space, text.arch, text.reading), { arch: text.arch, note: null })),
  readList: (glue, { text, space, wishes }) => glue.read_list(text, space, wishes),
  isModel: (glue, { head }) => glue.is_model(head),
  choices: (glue, { space, arch }) => glue.choices(space, arch),
  choose: (glue, { space, arch, index, value }) => glue.choose(space, arch, index, value),
  neighbours: (glue, { space, arch }) => glue.neighbours(space, arch),
  sample: (glue, { space, seed }) => glue.sample(space, seed),
  correlate: (glue, { scores, truth }) => glue.correlate(Float64Array.from(scores), Float64Array.from(truth)) ?? null,
  pooled: (glue, { parts }) => glue.pooled(Float64Array.from(parts)),
  export: (glue, request) => glue.export_onnx(request),
  search: (glue, argument) => search(glue, argument),
  compare: (glue, { a, b, truth }) => glue.compare(Float64Array.from(a), Float64Array.from(b), Float64Array.from(truth)) ?? null,
};

/**
 * What comes of one of many: one that is wrong does not cost the others.
 * @template Value, Nothing
 * @param {() => Value} work
 * @param {Nothing} nothing
 */
function attempt(work, nothing) {
  try {
    return { ...work(), fault: null };
  } catch (thrown) {
    if (isFault(thrown)) return { ...nothing, fault: thrown };
    throw thrown;
  }
}

/**
 * A step of a search, which lives in its state between two of them.
 * @param {Glue} glue
 * @param {{ wish: object, request: object, state?: string, told: { step: number, stage: number, row: object }[], accuracies?: import('./dextr.js').Accuracy[], ask: number, best: number }} argument
 * @returns {import('./dextr.js').Asked}
 */
function search(glue, { wish, request, state, told, accuracies = [], ask, best }) {
  const search = new glue.Search(wish, { ...request, arch: '' }, state);
  try {
    const aims = told.map(({ step, stage, row }) => search.tell(step, stage, row) ?? null);
    const taken = accuracies.map(({ arch, accuracy }) => ({ arch, accuracy, ...attempt(() => ({ told: search.tell_accuracy(arch, accuracy) }), { told: null }) }));
    const candidates = search.ask(ask);
    return { candidates, aims, taken, found: search.found(best), state: search.state() };
  } finally {
    search.free();
  }
}

/** One wasm instance: its session on a device and the model files in it. */
export class Engine {
  #newGlue;
  /** @type {Glue | null} */
  #glue = null;
  /** @type {Session | null} */
  #session = null;
  /** @type {(WebAssembly.Exports & { memory?: WebAssembly.Memory }) | undefined} */
  #exports;
  /** @type {Rest | undefined} */
  #rest;
  #files = new ModelFiles();
  /** The order of each list that is run. @type {Map<number, import('./dextr.js').ListRunner>} */
  #lists = new Map();
  /** Hears of what happens to the instance's GPU. */
  watch = new DeviceWatch();

  /** @param {() => Promise<Glue>} newGlue Loads the wasm's JavaScript for an instance of its own. */
  constructor(newGlue) {
    this.#newGlue = newGlue;
  }

  /**
   * Does what was asked for. `step` is called between layers.
   * @param {string} method
   * @param {any} argument
   * @param {Step} step
   * @returns {Promise<unknown>}
   */
  async call(method, argument, step) {
    const question = QUESTIONS[method];
    if (question) return question(this.#loaded, argument);
    switch (method) {
      case 'open': return this.#open(argument);
      case 'complete': return this.#rest?.add(this.#exports ?? {}, argument.rest);
      case 'list': return this.#list(argument);
      case 'openModel': return this.#openModel(argument);
      case 'inspect': return this.#inspect(argument);
      case 'unscored': return this.#unscored(argument);
      case 'score': return this.#score(argument, step);
      case 'singularValues': return this.#singularValues(argument, step);
      case 'survey': return this.#survey(argument, step);
      default: throw new Error(`the engine has no method ${method}`);
    }
  }

  /**
   * What a trap means. The engine cannot say that an allocation was refused: it
   * just stops, with its memory at the end.
   * @param {unknown} thrown
   */
  faultOf(thrown) {
    if (this.#exports?.memory && thrown instanceof WebAssembly.RuntimeError) {
      try {
        this.#exports.memory.grow(ROOM);
      } catch {
        return DextrError.outOfMemory(thrown.message, thrown);
      }
    }
    return DextrError.from(thrown);
  }

  get #loaded() {
    return /** @type {Glue} */ (this.#glue);
  }

  get #opened() {
    return /** @type {Session} */ (this.#session);
  }

  /** @param {{ parts: import('./code.js').Parts, device: DeviceChoice }} argument @returns {Promise<OpenAnswer>} */
  async #open({ parts: { first, rest, address }, device: choice }) {
    const glue = await this.#newGlue();
    this.#glue = glue;
    const second = new Rest(address, (fault) => this.watch.fail(fault));
    this.#rest = second;
    glue.setMissing((exports, slot, values) => second.call(exports, slot, values));
    this.#exports = /** @type {WebAssembly.Exports & { memory: WebAssembly.Memory }} */ (await glue.default({ module_or_path: first }));
    await second.add(this.#exports, rest);
    const device = await this.#openSession(glue, choice);
    return { device, version: glue.version(), spaces: glue.spaces(), columns: glue.columns(), proxies: glue.proxies(), modelOptions: glue.model_options() };
  }

  /**
   * Opens a session, on the CPU where there is no GPU. The engine cannot see why,
   * or what the GPU is called: the browser tells that to JavaScript alone. One
   * that has no name is timed.
   * @param {Glue} glue
   * @param {DeviceChoice} choice
   */
  async #openSession(glue, choice) {
    const { absence, name } = choice === 'cpu' ? { absence: null, name: '' } : await findGpu(choice);
    const open = () => glue.Session.open(choice, absence?.reason, name);
    const session = choice === 'cpu' || absence ? await open() : await this.watch.during(open);
    this.#session = session;
    const device = session.device();
    if (device.kind !== 'webgpu') this.watch.release();
    return { ...device, ...absence };
  }

  /**
   * A step of a list: which candidates have their rows by now, and what is next.
   * Nothing where this instance does not know the list: it is given the keys then.
   * @param {{ id: number, keys?: string[], told: number[], n: number } | { id: number, end: true }} argument
   */
  #list(argument) {
    const { id } = argument;
    if ('end' in argument) {
      this.#lists.get(id)?.free();
      this.#lists.delete(id);
      return null;
    }
    const { keys, told, n } = argument;
    if (keys) this.#lists.set(id, new this.#loaded.ListRunner(keys));
    const runner = this.#lists.get(id);
    if (!runner) return null;
    for (const candidate of told) runner.tell(candidate);
    return { asked: runner.ask(n), ready: runner.ready() };
  }

  /** What a model file says of itself. @param {ModelFile} source */
  async #openModel(source) {
    const model = await this.#files.get(this.#loaded, source);
    try {
      return model.info();
    } finally {
      model.free();
    }
  }

  /** A handle of a request's model, which the call consumes. @param {ModelFile | undefined} source */
  async #model(source) {
    return source && this.#files.get(this.#loaded, source);
  }

  /** @param {WireRequest} request */
  async #inspect({ model, ...request }) {
    return this.#loaded.inspect(request, await this.#model(model));
  }

  /** @param {WireRequest} request */
  async #unscored({ model, ...request }) {
    return this.#opened.unscored(request, await this.#model(model));
  }

  /** @param {WireRequest} request @param {Step} step */
  async #score({ model, ...request }, step) {
    const score = await this.#opened.score(request, step, await this.#model(model));
    // What the GPU computed counts when nothing has gone wrong on the way.
    await this.watch.settle();
    return score;
  }

  /** @param {{ request: WireRequest, map: string }} argument @param {Step} step */
  async #singularValues({ request: { model, ...request }, map }, step) {
    const values = await this.#opened.singular_values(request, map, step, await this.#model(model));
    await this.watch.settle();
    return values;
  }

  /** @param {WireRequest} request @param {Step} step */
  async #survey({ model, ...request }, step) {
    const layers = await this.#opened.survey(request, step, await this.#model(model));
    await this.watch.settle();
    return layers;
  }
}
