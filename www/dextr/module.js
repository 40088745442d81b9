import { DextrError } from './error.js';

/**
 * @typedef {{ stage: 'download', loaded: number, total: number | null }
 *   | { stage: 'start' }} LoadProgress `total` is null when the server does not say.
 */

/**
 * Fetches and compiles the wasm while it streams in. The compiled module can be
 * sent to as many workers as are needed, so it is fetched once.
 *
 * @param {URL} url
 * @param {(progress: LoadProgress) => void} onProgress
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compileModule(url, onProgress) {
  const response = await fetchWasm(url);
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
    throw compileError(url, error);
  }
}

/** @param {URL} url */
async function fetchWasm(url) {
  let response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw loadError(url, 'the server cannot be reached', error);
  }
  if (!response.ok) throw loadError(url, `the server answered ${response.status}`);
  return response;
}

/**
 * @param {URL} url
 * @param {unknown} error
 */
function compileError(url, error) {
  if (!(error instanceof WebAssembly.CompileError)) return loadError(url, 'the download broke off', error);
  return new DextrError(
    {
      code: 'unsupported',
      message: `This browser cannot compile the engine (${error.message}).`,
      where: url.pathname,
      hint: 'Use a browser with WebAssembly SIMD: Chrome 91, Firefox 89, Safari 16.4 or later.',
    },
    error,
  );
}

/**
 * @param {URL} url
 * @param {string} reason
 * @param {unknown} [cause]
 */
function loadError(url, reason, cause) {
  return new DextrError(
    {
      code: 'load-failed',
      message: `The engine could not be fetched: ${reason}.`,
      where: url.pathname,
      hint: 'Check the connection and reload the page.',
    },
    cause,
  );
}
