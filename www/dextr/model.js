import { DextrError } from './error.js';
import { readFile } from './module.js';
import { PolicyWatch } from './policy.js';

/**
 * @typedef {import('./dextr.js').ModelInfo & { parameters: number | null }} ModelInfo `parameters`: null where no network can be built as it stands; `inspect` says why.
 * @typedef {import('./dextr.js').OptionValue} OptionValue
 * @typedef {import('./dextr.js').ScoreRequest} ArchRequest
 * @typedef {{ id: number, file: Blob, data: Record<string, Blob> }} ModelFile What goes to the engine's thread: blobs go by reference.
 * @typedef {Omit<ArchRequest, 'space' | 'arch'> & { model: Model, space?: string, arch?: string }} ModelRequest
 * @typedef {string | URL | Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer>} Source An address, a file, or its bytes.
 *
 * @typedef {object} OpenOptions
 * @property {Record<string, Source> | File[]} [data] The files that weights lie in, by name, where the model names such.
 * @property {string} [name] What it is called in results; as a rule the file's name.
 * @property {number | 'auto'} [height] Of the image; the file's own, or 224 where it has none.
 * @property {number | 'auto'} [width]
 * @property {'seed' | 'file'} [weights] Drawn anew by seed (the default), or the file's.
 * @property {string} [outputs] The names of the outputs to score, separated by commas; all without it.
 * @property {'yes' | 'no'} [renormalise] `yes` puts a batch norm behind every convolution with a bias, where an exporter folded it away.
 * @property {AbortSignal} [signal]
 */

/** What one piece of WebAssembly's memory can hold, and so the largest file. */
const LARGEST = 2 ** 31 - 1;

let models = 0;

/** An opened model file: what `dextr.open` gives and requests take. */
export class Model {
  /** What stands in results for the space of model files. */
  static space = 'onnx';

  /** Tells files apart where they are kept. */
  #id = ++models;

  /**
   * @param {string} name
   * @param {Blob} file
   * @param {Record<string, Blob>} data
   * @param {Record<string, OptionValue>} options
   */
  constructor(name, file, data, options) {
    /** The architecture's name in results. */
    this.name = name;
    this.file = file;
    this.data = data;
    /** What was given of its options: `height`, `width`, `weights`, `outputs`, `renormalise`. */
    this.options = options;
    /** What the file says of itself. @type {ModelInfo} */
    this.info = /** @type {any} */ (null);
  }

  /** @returns {ModelFile} */
  get source() {
    return { id: this.#id, file: this.file, data: this.data };
  }
}

/**
 * What was given without what is undefined, as the engine's thread takes it.
 * @param {Partial<ArchRequest> & { model?: Model }} request
 */
export function wire({ model, ...rest }) {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  if (!model) return given;
  if (!(model instanceof Model)) {
    throw new DextrError({ code: 'usage', message: 'The request’s model was not opened.', hint: 'Give what `await dextr.open(file)` returns.' });
  }
  return { ...given, space: Model.space, arch: given.arch ?? model.name, options: { ...model.options, ...rest.options }, model: model.source };
}

/**
 * @param {Source} source
 * @param {OpenOptions} options
 */
export async function makeModel(source, { data = {}, name, signal, ...given }) {
  const { blob, name: own } = await fileOf(source, signal);
  const pairs = Array.isArray(data) ? data.map((file) => /** @type {const} */ ([file.name, file])) : Object.entries(data);
  const files = await Promise.all(pairs.map(async ([key, value]) => [base(key), (await fileOf(value, signal)).blob]));
  const options = /** @type {[string, OptionValue][]} */ (Object.entries(given).filter(([, value]) => value !== undefined));
  return new Model(name ?? own, blob, Object.fromEntries(files), Object.fromEntries(options));
}

/** The engine speaks of "the file", and does not know its name. @param {unknown} thrown @param {string} name */
export function named(thrown, name) {
  const fault = DextrError.from(thrown);
  if (fault.where !== 'file') return fault;
  return new DextrError({ ...fault.toFault(), message: fault.message.replace(/^file: /, `“${name}” `), where: name }, fault);
}

/** @param {string} path */
function base(path) {
  return path.split('/').pop() ?? '';
}

/** What the file at an address is called. @param {URL} url */
export function nameOf(url) {
  const name = base(url.pathname) || url.host || 'file';
  try {
    return decodeURIComponent(name);
  } catch {
    // A stray % is no reason not to read the file.
    return name;
  }
}

/**
 * @param {Source} source
 * @param {AbortSignal} [signal]
 * @returns {Promise<{ blob: Blob, name: string }>}
 */
async function fileOf(source, signal) {
  if (source instanceof Blob) return { blob: source, name: /** @type {{ name?: string }} */ (source).name || 'model.onnx' };
  if (typeof source === 'string' || source instanceof URL) {
    const url = addressOf(source);
    const name = nameOf(url);
    return { blob: await download(url, name, signal), name };
  }
  return { blob: new Blob([source]), name: 'model.onnx' };
}

/** In Node a text is a path as well. @param {string | URL} source */
function addressOf(source) {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  if (base === undefined && typeof source === 'string' && !/^[a-z][a-z\d+.-]+:/i.test(source)) {
    /** @typedef {{ pathToFileURL(path: string): URL }} Paths */
    const { process } = /** @type {{ process?: { getBuiltinModule?(name: string): Paths } }} */ (globalThis);
    const paths = process?.getBuiltinModule?.('node:url');
    if (paths) return paths.pathToFileURL(source);
  }
  try {
    return new URL(source, base);
  } catch (error) {
    throw failure(String(source), 'is no address', 'Give the file itself, or an address that starts with https://.', error);
  }
}

/**
 * The file at an address; what is too large is not even begun.
 * @param {URL} url
 * @param {string} name
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob>}
 */
export async function download(url, name, signal) {
  if (url.protocol === 'file:') {
    try {
      const file = readFile(url);
      if (file) return new Blob([file]);
    } catch (error) {
      throw failure(name, 'cannot be read', 'Check the path.', error);
    }
  }
  const watch = new PolicyWatch();
  let response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    if (signal?.aborted) throw new DextrError({ code: 'cancelled', message: 'Cancelled.' }, error);
    if (await watch.forbade()) throw failure(name, `cannot be fetched from ${url.host}: this page’s content policy (connect-src) does not allow it`, 'Allow that address in connect-src of the page’s Content-Security-Policy, or open the file from your disk.', error);
    const foreign = globalThis.location && globalThis.location.origin !== url.origin;
    throw failure(name, `cannot be fetched from ${url.host}${foreign ? ': it cannot be reached, or does not let other sites read it (CORS)' : ''}`,
      foreign ? 'Download the file and open it from your disk.' : 'Check the connection and the address.', error);
  } finally {
    watch.end();
  }
  if (!response.ok) throw failure(name, `cannot be fetched: ${url.host} answered ${response.status}`, 'Check the address.');
  const length = Number(response.headers.get('content-length'));
  if (length > LARGEST) {
    await response.body?.cancel();
    throw new DextrError({ code: 'file-too-large', message: `“${name}” has ${(length / 1e6).toFixed(0)} MB, and at most ${(LARGEST / 1e6).toFixed(0)} MB are read`, where: name, hint: 'Score it with the command line.' });
  }
  try {
    return await response.blob();
  } catch (error) {
    throw failure(name, 'cannot be fetched: the download broke off, or there is no room for it', 'Download the file and open it from your disk.', error);
  }
}

/** @param {string} where @param {string} what @param {string} hint @param {unknown} [cause] */
function failure(where, what, hint, cause) {
  return new DextrError({ code: 'load-failed', message: `“${where}” ${what}.`, where, hint }, cause);
}
