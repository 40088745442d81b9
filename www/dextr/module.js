import { DextrError } from './error.js';

/**
 * @typedef {{ stage: 'download', loaded: number, total: number | null }
 *   | { stage: 'start' }} LoadProgress `total` is null when the server does not say.
 */

/**
 * Fetches and compiles the wasm while it streams in. The compiled module can be
 * sent to as many workers as are needed, so it is fetched once.
 *
 * @param {URL | Promise<Response>} source
 * @param {(progress: LoadProgress) => void} onProgress
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compileModule(source, onProgress) {
  const response = source instanceof URL ? await fetchWasm(source) : await source;
  // A compressed reply states its compressed length, but is counted unpacked.
  const length = response.headers.get('content-encoding') ? null : response.headers.get('content-length');
  const total = length === null ? null : Number(length);
  let loaded = 0;
  const counter = new TransformStream({
    transform(/** @type {Uint8Array} */ chunk, controller) {
      loaded += chunk.byteLength;
      onProgress({ stage: 'download', loaded, total });
      controller.enqueue(chunk);
    },
  });
  onProgress({ stage: 'download', loaded, total });
  // The type is set here, so that a server which calls wasm something else will do.
  const headers = { 'content-type': 'application/wasm' };
  const body = /** @type {ReadableStream<Uint8Array>} */ (response.body).pipeThrough(counter);
  try {
    return await WebAssembly.compileStreaming(new Response(body, { headers }));
  } catch (error) {
    throw compileError(source instanceof URL ? source.pathname : undefined, error);
  }
}

/** @param {URL} url */
async function fetchWasm(url) {
  const file = url.protocol === 'file:' && readFile(url);
  if (file) return file;
  let response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw loadError(url.pathname, 'the server cannot be reached', error);
  }
  if (!response.ok) throw loadError(url.pathname, `the server answered ${response.status}`);
  return response;
}

/**
 * A file in Node, whose `fetch` reads none; a browser gives nothing. Not an
 * import, which bundlers for browsers would refuse.
 * @param {URL} url
 * @returns {Response | undefined}
 */
export function readFile(url) {
  /** @typedef {{ readFileSync(file: URL): Uint8Array<ArrayBuffer> }} FileSystem */
  const { process } = /** @type {{ process?: { getBuiltinModule?(name: string): FileSystem } }} */ (globalThis);
  const files = process?.getBuiltinModule?.('node:fs');
  if (!files) return undefined;
  try {
    return new Response(files.readFileSync(url));
  } catch (error) {
    throw loadError(url.pathname, 'the file cannot be read', error);
  }
}

/**
 * @param {string | undefined} where
 * @param {unknown} error
 */
function compileError(where, error) {
  if (!(error instanceof WebAssembly.CompileError)) return loadError(where, 'the download broke off', error);
  return new DextrError(
    {
      code: 'unsupported',
      message: `This browser cannot compile the engine (${error.message}).`,
      where,
      hint: 'Use a browser with WebAssembly SIMD: Chrome 91, Firefox 89, Safari 16.4 or later.',
    },
    error,
  );
}

/**
 * @param {string | undefined} where
 * @param {string} reason
 * @param {unknown} [cause]
 */
function loadError(where, reason, cause) {
  return new DextrError(
    {
      code: 'load-failed',
      message: `The engine could not be fetched: ${reason}.`,
      where,
      hint: 'Check the connection and reload the page.',
    },
    cause,
  );
}
