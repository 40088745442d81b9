/**
 * @typedef {import('./dextr.js').CpuReason} CpuReason
 * @typedef {{ vendor?: string, architecture?: string, device?: string, description?: string, isFallbackAdapter?: boolean }} AdapterInfo
 * @typedef {{ info?: AdapterInfo, isFallbackAdapter?: boolean }} Adapter
 * @typedef {{ requestAdapter(options?: object): Promise<Adapter | null> }} Gpu
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

/**
 * Why no GPU can be had on this thread, or null when there is one to try.
 * A software adapter counts as a GPU only when it was asked for.
 *
 * @param {'auto' | 'webgpu'} choice
 * @returns {Promise<{ reason: CpuReason, message: string } | null>}
 */
export async function gpuAbsence(choice) {
  if (!globalThis.isSecureContext) {
    return { reason: 'insecure-context', message: 'WebGPU needs https:// (or localhost), and this page was loaded without it.' };
  }
  const gpu = /** @type {{ gpu?: Gpu }} */ (navigator).gpu;
  if (!gpu) return { reason: 'no-webgpu', message: 'this browser has no WebGPU, or it is switched off.' };
  const adapter = await adapterOf(gpu);
  if (!adapter) return { reason: 'no-adapter', message: 'the browser has WebGPU, but offers no GPU to it.' };
  if (choice === 'auto' && isSoftware(adapter)) {
    return { reason: 'no-adapter', message: 'the only adapter is a software one, which is slower than the CPU.' };
  }
  return null;
}
