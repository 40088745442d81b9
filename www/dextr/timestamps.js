const TIMESTAMPS = 'timestamp-query';

/**
 * @typedef {{ features: ReadonlySet<string>, requestDevice: (descriptor?: DeviceDescriptor) => Promise<unknown> }} Adapter
 * @typedef {{ requiredFeatures?: Iterable<string> }} DeviceDescriptor
 */

/**
 * Runs `open`, in which each adapter seems to have timestamp queries, and no
 * device is asked for those it has not. CubeCL 0.11 starts in a browser only
 * where it could measure times on the GPU, though it never does so here.
 *
 * @template T
 * @param {() => Promise<T>} open
 * @returns {Promise<T>}
 */
export async function withTimestamps(open) {
  const prototype = /** @type {{ GPUAdapter?: { prototype: Adapter } }} */ (globalThis).GPUAdapter?.prototype;
  const own = prototype && Object.getOwnPropertyDescriptor(prototype, 'features');
  const get = own?.get;
  if (!prototype || !get) return open();
  /** @param {Adapter} adapter @returns {Adapter['features']} */
  const real = (adapter) => Reflect.apply(get, adapter, []);
  const { requestDevice } = prototype;
  /** @this {Adapter} @param {DeviceDescriptor} [descriptor] */
  function honest(descriptor) {
    const required = [...descriptor?.requiredFeatures ?? []].filter((name) => name !== TIMESTAMPS || real(this).has(name));
    return Reflect.apply(requestDevice, this, [{ ...descriptor, requiredFeatures: required }]);
  }
  /** @this {Adapter} */
  function features() {
    return new Set([...real(this), TIMESTAMPS]);
  }
  Object.defineProperty(prototype, 'features', { ...own, get: features });
  prototype.requestDevice = honest;
  try {
    return await open();
  } finally {
    const now = Object.getOwnPropertyDescriptor(prototype, 'features');
    if (now?.get === features) Object.defineProperty(prototype, 'features', own);
    if (prototype.requestDevice === honest) prototype.requestDevice = requestDevice;
  }
}
