import { DextrError } from './error.js';
import { PolicyWatch } from './policy.js';

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
  /** @type {Uint8Array | null} */
  let head = null;
  const counter = new TransformStream({
    transform(/** @type {Uint8Array} */ chunk, controller) {
      loaded += chunk.byteLength;
      head ??= chunk.slice(0, HEAD);
      onProgress({ stage: 'download', loaded, total });
      controller.enqueue(chunk);
    },
  });
  onProgress({ stage: 'download', loaded, total });
  // The type is set here, so that a server which calls wasm something else will do.
  const headers = { 'content-type': 'application/wasm' };
  const body = /** @type {ReadableStream<Uint8Array>} */ (response.body).pipeThrough(counter);
  const where = source instanceof URL ? source.pathname : undefined;
  if (!globalThis.WebAssembly) throw unsupported(where, 'it has no WebAssembly, or it is switched off', 'Use another browser, or switch WebAssembly on (lockdown modes switch it off).');
  try {
    return await WebAssembly.compileStreaming(new Response(body, { headers }));
  } catch (error) {
    throw compileError(where, head, error);
  }
}

/** @param {URL} url */
async function fetchWasm(url) {
  const file = url.protocol === 'file:' && readFile(url);
  if (file) return new Response(file);
  const watch = new PolicyWatch();
  let response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw await watch.forbade() ? forbidden(url, error) : loadError(url.pathname, 'the server cannot be reached', error);
  } finally {
    watch.end();
  }
  if (!response.ok) throw loadError(url.pathname, `the server answered ${response.status}`);
  return response;
}

/**
 * A file in Node, whose `fetch` reads none; a browser gives nothing. Not an
 * import, which bundlers for browsers would refuse.
 * @param {URL} url
 * @returns {Uint8Array<ArrayBuffer> | undefined}
 */
export function readFile(url) {
  /** @typedef {{ readFileSync(file: URL): Uint8Array<ArrayBuffer> }} FileSystem */
  const { process } = /** @type {{ process?: { getBuiltinModule?(name: string): FileSystem } }} */ (globalThis);
  const files = process?.getBuiltinModule?.('node:fs');
  if (!files) return undefined;
  try {
    return files.readFileSync(url);
  } catch (error) {
    throw loadError(url.pathname, 'the file cannot be read', error);
  }
}

/** Every module begins with these bytes, and this is one that does nothing. */
const MAGIC = [0, 0x61, 0x73, 0x6d];
const EMPTY = new Uint8Array([...MAGIC, 1, 0, 0, 0]);
/** A function that uses SIMD: `i32.const 0`, `i8x16.splat`, `drop`. */
const SIMD = new Uint8Array([...EMPTY, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 0x41, 0, 0xfd, 15, 0x1a, 11]);
/** Enough of a file to see what it is instead. */
const HEAD = 256;

/**
 * Why the engine does not compile: it is not what came, this page may compile
 * nothing, this browser cannot, or what came is damaged.
 * @param {string | undefined} where
 * @param {Uint8Array | null} head The first bytes that came.
 * @param {unknown} error
 */
function compileError(where, head, error) {
  if (head && MAGIC.some((byte, index) => head[index] !== byte)) return notWasm(where, head, error);
  const { message } = error instanceof Error ? error : { message: String(error) };
  if (!compiles(EMPTY)) {
    return unsupported(where, `this page’s content policy does not let it compile WebAssembly (${message})`, 'Allow \'wasm-unsafe-eval\' in script-src of the page’s Content-Security-Policy.', error);
  }
  if (!(error instanceof WebAssembly.CompileError)) return loadError(where, 'the download broke off', error);
  if (!WebAssembly.validate(SIMD)) {
    return unsupported(where, `this browser has no WebAssembly SIMD (${message})`, 'Use a browser with WebAssembly SIMD: Chrome 91, Firefox 89, Safari 16.4 or later.', error);
  }
  return new DextrError({ code: 'load-failed', message: `The engine’s file is damaged (${message}).`, where, hint: 'Reload the page without its cache; if that does not help, the file on the server is not whole.' }, error);
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function compiles(bytes) {
  try {
    return new WebAssembly.Module(bytes) instanceof WebAssembly.Module;
  } catch {
    return false;
  }
}

/** @param {string | undefined} where @param {Uint8Array} head @param {unknown} error */
function notWasm(where, head, error) {
  const text = new TextDecoder().decode(head).trimStart();
  const what = /^<(!doctype|html|\?xml|head|body)/i.test(text) ? 'a web page' : text.startsWith('version https://git-lfs') ? 'a Git LFS pointer' : 'something else';
  return new DextrError({
    code: 'load-failed', message: `The engine could not be fetched: the server sent ${what} in its place.`, where,
    hint: `Put ${where?.split('/').at(-1) ?? 'dextr_bg.wasm'} at that address (servers of one-page sites answer with a page for what they do not have), or give the address of dextr_bg.wasm as wasmUrl; dextr_rest.wasm belongs beside it.`,
  }, error);
}

/** @param {string | undefined} where @param {string} why @param {string} hint @param {unknown} [error] */
function unsupported(where, why, hint, error) {
  return new DextrError({ code: 'unsupported', message: `The engine cannot be compiled: ${why}.`, where, hint }, error);
}

/** @param {URL} url @param {unknown} error */
function forbidden({ origin, pathname }, error) {
  return new DextrError({
    code: 'forbidden', message: 'The engine could not be fetched: this page’s content policy (connect-src) does not allow it.', where: pathname,
    hint: `Allow ${origin === globalThis.location?.origin ? "'self'" : origin} in connect-src of the page’s Content-Security-Policy, or use dextr-inline.js, which fetches nothing.`,
  }, error);
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
