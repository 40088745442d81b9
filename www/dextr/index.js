import { scoreAll } from './all.js';
import { rest, wasm } from './assets.js';
import { Code } from './code.js';
import { DextrError } from './error.js';
import { makeModel, Model, named, wire } from './model.js';
import { Questions } from './questions.js';
import { machine, Pool } from './pool.js';
import { disposed, isBroken } from './runner.js';
import { search } from './search.js';
import { Turns } from './turns.js';

export { DextrError, Model };

/**
 * @typedef {import('./dextr.js').Device} Device
 * @typedef {import('./dextr.js').DeviceChoice} DeviceChoice
 * @typedef {import('./dextr.js').Inspection} Inspection
 * @typedef {import('./dextr.js').Choice} Choice
 * @typedef {import('./dextr.js').Correlation} Correlation
 * @typedef {import('./dextr.js').Score} Score
 * @typedef {import('./dextr.js').SurveyedLayer} SurveyedLayer
 * @typedef {import('./dextr.js').ScoreRequest} ScoreRequest
 * @typedef {import('./model.js').ModelInfo} ModelInfo
 * @typedef {import('./model.js').ModelRequest} ModelRequest
 * @typedef {import('./model.js').OpenOptions} OpenOptions
 * @typedef {ScoreRequest | ModelRequest} Request An architecture of a space, or an opened model.
 * @typedef {import('./dextr.js').Space} Space
 * @typedef {import('./search.js').SearchRequest} SearchRequest
 * @typedef {import('./search.js').SearchOptions} SearchOptions
 * @typedef {import('./search.js').SearchStep} SearchStep
 * @typedef {import('./search.js').SearchRow} SearchRow
 * @typedef {import('./module.js').LoadProgress | { stage: 'score', done: number, total: number }} Progress
 *
 * @typedef {object} LoadOptions
 * @property {DeviceChoice} [device]
 * @property {string | URL} [wasmUrl] Where `dextr_bg.wasm` is, when it is not beside this file; `dextr_rest.wasm` is looked for beside it.
 * @property {number} [workers] How many scores a CPU computes at a time, each in a worker; as many as there are cores and memory for, where it is left out.
 * @property {(progress: Progress) => void} [onProgress]
 *
 * @typedef {object} RunOptions
 * @property {AbortSignal} [signal]
 * @property {boolean} [urgent] Whether it goes before all that waits.
 * @property {(progress: Progress) => void} [onProgress]
 */

/** What the GPU alone may fail at, beside breaking. */
const TOO_LARGE = 'too-large';

/** The second part of a wasm that has an address of its own. @param {URL} url */
function beside(url) {
  return ['blob:', 'data:'].includes(url.protocol) ? rest() : new URL(`dextr_rest.wasm${url.search}`, url);
}

/** Scores neural architectures before training, on this device. */
export class Dextr extends Questions {
  #code;
  #choice;
  #workers;
  #pool;
  /** For what the GPU cannot do. @type {Pool | null} */
  #cpu = null;
  /** Why the GPU is not used any more. @type {Partial<Device>} */
  #givenUp = {};
  #turns = new Turns(() => this.parallel);
  #disposed = false;

  /**
   * @param {Code} code
   * @param {DeviceChoice} choice
   * @param {number} workers
   */
  constructor(code, choice, workers) {
    super((method, argument) => this.#ask(method, argument));
    this.#code = code;
    this.#choice = choice;
    this.#workers = workers;
    this.#pool = new Pool(code, choice, workers);
  }

  /**
   * Fetches the engine and opens a device. `auto` takes the CPU where there is
   * no real GPU, and `device` says why; `webgpu` fails there instead.
   * @param {LoadOptions} [options]
   * @returns {Promise<Dextr>}
   */
  static async load({ device = 'auto', wasmUrl, workers = machine(), onProgress = () => {} } = {}) {
    if (!Number.isSafeInteger(workers) || workers < 1) throw new DextrError({ code: 'usage', message: `workers is ${workers}, and not a whole number from 1.`, hint: 'Leave it out, or give the number of cores to use.' });
    const url = wasmUrl === undefined ? undefined : new URL(wasmUrl, globalThis.document?.baseURI);
    const code = await Code.load(url ?? wasm(), url ? beside(url) : rest(), onProgress);
    const dextr = new Dextr(code, device, workers);
    onProgress({ stage: 'start' });
    await dextr.#run(async () => null);
    return dextr;
  }

  /** The device really used, and for a CPU the reason. @returns {Device} */
  get device() {
    return { ...this.#facts.device, ...this.#givenUp };
  }

  /** How many scores are computed at a time: a GPU gets a second one to prepare while it works on the first. @returns {number} */
  get parallel() {
    return this.device.kind === 'webgpu' ? 2 : this.#pool.size;
  }

  /** @returns {Space[]} */
  get spaces() {
    return this.#facts.spaces;
  }

  /** What a row is: its columns, in order. @returns {import('./dextr.js').Column[]} */
  get columns() {
    return this.#facts.columns;
  }

  /** The proxies: what each measures, takes and costs. @returns {import('./dextr.js').ProxyInfo[]} */
  get proxies() {
    return this.#facts.proxies;
  }

  /** @returns {string} */
  get version() {
    return this.#facts.version;
  }

  /** What may be set for model files. @returns {import('./dextr.js').SpaceOption[]} */
  get modelOptions() {
    return this.#facts.modelOptions;
  }

  get #facts() {
    return /** @type {import('./engine.js').OpenAnswer} */ (this.#pool.first.opened);
  }

  /**
   * Opens an ONNX file: a file or blob, its bytes, or an address of this site
   * or of one that lets this page read it; in Node a path too. Fails where it
   * is no ONNX file; whether it can be scored, `inspect` and `score` find out.
   * @param {import('./model.js').Source} source
   * @param {OpenOptions} [options]
   * @returns {Promise<Model>} What requests take as `model`.
   */
  async open(source, options = {}) {
    const model = await makeModel(source, options);
    try {
      const said = await this.#pool.first.run((link) => link.call('openModel', model.source), options.signal);
      model.info = { ...said, parameters: await this.inspect({ model }).then(({ params }) => params, () => null) };
    } catch (error) {
      throw named(error, model.name);
    }
    return model;
  }

  /**
   * Layers, shapes, parameters and multiply-accumulates, without scoring.
   * @param {Request} request
   * @returns {Promise<Inspection>}
   */
  async inspect(request) {
    return this.#ask('inspect', wire(request));
  }

  /**
   * The row of a request without a score: its settings, nothing found.
   * @param {Request} request
   * @returns {Promise<import('./dextr.js').Unscored>}
   */
  async unscored(request) {
    return this.#ask('unscored', wire(request));
  }

  /**
   * All singular values of one observed map, largest first.
   * @param {Request} request
   * @param {string} map Its name, as in a score's `layers`.
   * @param {RunOptions} [options]
   * @returns {Promise<Float64Array>}
   */
  async singularValues(request, map, { signal, urgent } = {}) {
    const given = wire(request);
    return this.#turns.take(() => this.#run((link) => link.call('singularValues', { request: given, map }, { signal }), signal), urgent);
  }

  /**
   * Every layer's rank and ratio, and where rank is lost.
   * @param {Request} request
   * @param {RunOptions} [options]
   * @returns {Promise<SurveyedLayer[]>}
   */
  async survey(request, { signal, urgent, onProgress } = {}) {
    const argument = wire(request);
    const onSteps = (/** @type {import('./link.js').Steps} */ steps) => onProgress?.({ stage: 'score', ...steps });
    return this.#turns.take(() => this.#run((link) => link.call('survey', argument, { signal, onSteps }), signal), urgent);
  }

  /**
   * Scores many, in their order, identical architectures once; what goes wrong
   * with one is its row. Text alone is an architecture of `options.space`, and
   * an opened model stands for itself.
   * @param {import('./all.js').Item[]} list
   * @param {RunOptions & Partial<ScoreRequest>} [options]
   */
  scoreAll(list, options = {}) {
    return scoreAll(this, (method, argument) => this.#ask(method, argument), list, options);
  }

  /**
   * Searches a space: the best of many candidates under limits, each step with
   * the rows since the last one, the best, the Pareto front, and a state that
   * can be stored.
   * @param {import('./search.js').SearchRequest} request
   * @param {import('./search.js').SearchOptions} [options]
   */
  search(request, options = {}) {
    return search(this, (argument) => this.#ask('search', argument), request, options);
  }

  /**
   * An architecture as an ONNX file (opset 17), with the weights of a seed.
   * @param {{ space: string, arch: string, options?: Record<string, import('./dextr.js').OptionValue>, seed?: number }} request
   * @returns {Promise<Uint8Array>} The file's bytes.
   */
  async export(request) {
    return this.#ask('export', wire(request));
  }

  /**
   * Scores one architecture. Scores asked for meanwhile wait their turn. The
   * second argument may carry settings too, which win over the request's.
   * @param {Request} request
   * @param {RunOptions & Partial<ScoreRequest>} [options]
   * @returns {Promise<Score>}
   */
  async score(request, { signal, urgent, onProgress, ...settings } = {}) {
    const argument = wire({ ...request, ...settings });
    const onSteps = (/** @type {import('./link.js').Steps} */ steps) => onProgress?.({ stage: 'score', ...steps });
    return this.#turns.take(() => this.#run((link) => link.call('score', argument, { signal, onSteps }), signal), urgent);
  }

  /** Frees the worker and the device. What is under way fails with `disposed`. */
  dispose() {
    this.#disposed = true;
    this.#pool.dispose();
    this.#cpu?.dispose();
  }

  /** What the first instance answers. @param {string} method @param {unknown} argument @returns {Promise<any>} */
  #ask(method, argument) {
    return this.#pool.first.run((link) => link.call(method, argument));
  }

  /**
   * Does `work` on the device. With `auto`, what the GPU cannot do is done on
   * the CPU, and when the GPU broke twice over something that the CPU can do,
   * all that follows too.
   * @template {Score | SurveyedLayer[] | Float64Array | null} T
   * @param {(link: import('./link.js').Link) => Promise<T>} work
   * @param {AbortSignal} [signal]
   * @returns {Promise<T>}
   */
  async #run(work, signal) {
    const pool = this.#pool;
    try {
      return await pool.run(work, signal);
    } catch (error) {
      const fault = DextrError.from(error);
      if (this.#choice !== 'auto' || pool.first.opened?.device.kind === 'cpu') throw fault;
      if (fault.code !== TOO_LARGE && !isBroken(fault)) throw fault;
      if (this.#disposed) throw disposed();
      this.#cpu ??= new Pool(this.#code, 'cpu', this.#workers);
      const result = await this.#cpu.run(work, signal);
      if (isBroken(fault)) {
        this.#pool = this.#cpu;
        this.#givenUp = { reason: 'gpu-failed', message: `the GPU failed twice: ${fault.message}` };
      }
      if (!result || !('message' in result)) return result;
      const message = `scored on the CPU, because the GPU could not: ${fault.message}`;
      return { ...result, message: [result.message, message].filter(Boolean).join('; ') };
    }
  }
}
