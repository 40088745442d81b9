// The one-file build: element and client with the engine inside, as a classic
// script, which works from `file://` too. `build.mjs` fills in the parts.
import gluePart from 'part:glue';
import wasmPart from 'part:wasm';
import workerPart from 'part:worker';
import { Dextr as Client, DextrError } from '../dextr/index.js';
import { defineDextrScore } from './element.js';

let instances = 0;

/** @param {string} base64 */
function unpacked(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}

/** @type {import('../dextr/assets.js').Assets} */
const assets = {
  async compile(onProgress) {
    onProgress({ stage: 'start' });
    return WebAssembly.compile(await unpacked(wasmPart));
  },
  // Not a blob: in a page without an origin, such as a file, its worker could not read it.
  glue: () => `data:text/javascript,${encodeURIComponent(`${gluePart}\n// ${instances++}`)}`,
  worker() {
    const address = URL.createObjectURL(new Blob([workerPart], { type: 'text/javascript' }));
    const worker = new Worker(address, { name: 'dextr' });
    worker.addEventListener('message', () => URL.revokeObjectURL(address), { once: true });
    return worker;
  },
};

/** As in the package, but for `load`, which needs no files. */
class Dextr extends Client {
  /** @param {{ device?: import('../dextr/index.js').DeviceChoice, onProgress?: (progress: import('../dextr/index.js').Progress) => void }} [options] */
  static load(options = {}) {
    return Client.loadFrom(assets, options);
  }
}

Object.assign(globalThis, { Dextr, DextrError });
defineDextrScore({ load: (options) => Dextr.load(options), toError: DextrError.from, refuse: (fault) => new DextrError(fault) });
