/**
 * @typedef {import('./dextr.js').CpuReason} CpuReason
 * @typedef {{ vendor?: string, architecture?: string, device?: string, description?: string, isFallbackAdapter?: boolean }} AdapterInfo
 * @typedef {{ info?: AdapterInfo, isFallbackAdapter?: boolean }} Adapter
 * @typedef {{ requestAdapter(options?: object): Promise<Adapter | null> }} Gpu
 * @typedef {{ absence: { reason: CpuReason, message: string } | null, name: string }} GpuAnswer
 */

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|software/i;

/**
 * An adapter that computes on the CPU after all: slower than the CPU backend.
 * @param {Adapter} adapter
 */
function isSoftware({ info = {}, isFallbackAdapter }) {
  if (info.isFallbackAdapter || isFallbackAdapter) return true;
  return [info.vendor, info.architecture, info.device, info.description].some((text) => SOFTWARE.test(text ?? ''));
}

/** @param {Gpu} gpu */
async function adapterOf(gpu) {
  try {
    return await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch {
    return null;
  }
}

/** What the browser tells of the adapter; empty where it tells nothing. @param {Adapter} adapter */
function nameOf({ info = {} }) {
  return info.description || [info.vendor, info.architecture].filter(Boolean).join(' ') || info.device || '';
}

/** @param {CpuReason} reason @param {string} message @returns {GpuAnswer} */
function absent(reason, message) {
  return { absence: { reason, message }, name: '' };
}

/**
 * The name of the GPU that this thread can try, or why there is none. A
 * software adapter counts as a GPU only when it was asked for.
 *
 * @param {'auto' | 'webgpu'} choice
 * @returns {Promise<GpuAnswer>}
 */
export async function findGpu(choice) {
  if (globalThis.isSecureContext === undefined) return absent('no-webgpu', 'only browsers have WebGPU.');
  if (!globalThis.isSecureContext) {
    return absent('insecure-context', 'WebGPU needs https:// (or localhost), and this page was loaded without it.');
  }
  const gpu = /** @type {{ gpu?: Gpu }} */ (globalThis.navigator ?? {}).gpu;
  if (!gpu) return absent('no-webgpu', 'this browser has no WebGPU, or it is switched off.');
  const adapter = await adapterOf(gpu);
  if (!adapter) return absent('no-adapter', 'the browser has WebGPU, but offers no GPU to it.');
  if (choice === 'auto' && isSoftware(adapter)) {
    return absent('no-adapter', 'the only adapter is a software one, which is slower than the CPU.');
  }
  return { absence: null, name: nameOf(adapter) };
}
