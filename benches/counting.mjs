// What a page asks of WebGPU, counted and timed: to be run in the page, before the
// engine asks for a device.

/**
 * Counts calls and bytes of WebGPU from now on.
 * @returns `counts` by name (to be emptied between scores), and `restore`
 */
export function counting() {
  const counts = {};
  const count = (name, amount = 1) => {
    counts[name] = (counts[name] ?? 0) + amount;
  };
  const unwrap = [];
  const wrap = (prototype, method, note) => {
    const original = prototype[method];
    unwrap.push(() => { prototype[method] = original; });
    prototype[method] = function (...args) {
      const result = original.apply(this, args);
      note(args, result, this);
      return result;
    };
  };
  wrap(GPUDevice.prototype, 'createComputePipeline', () => count('pipelines compiled'));
  wrap(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', () => count('dispatches'));
  wrap(GPUQueue.prototype, 'submit', () => count('submissions'));
  wrap(GPUQueue.prototype, 'writeBuffer', ([, , data, , size]) => count('bytes written', size ?? data.byteLength));
  wrap(GPUBuffer.prototype, 'mapAsync', ([mode]) => mode === GPUMapMode.READ && count('read-backs'));
  wrap(GPUCommandEncoder.prototype, 'copyBufferToBuffer', () => count('buffer copies'));
  /** What was read back last. */
  const answer = { bytes: null };
  wrap(GPUBuffer.prototype, 'getMappedRange', (_, range, { usage }) => {
    const read = usage & GPUBufferUsage.MAP_READ;
    count(read ? 'bytes read' : 'bytes written', range.byteLength);
    if (read) answer.bytes = range.slice(0);
  });
  return { counts, answer, restore: () => unwrap.reverse().forEach((one) => one()) };
}

/**
 * Times each dispatch by the device's own clock: each gets a pass of its own, which
 * notes when it begins and ends.
 * @returns `begin`, which says whether the device has timestamps, and `end`: seconds
 * and count by kernel, those that a set of queries has no room for by themselves
 */
export function timing() {
  const CAPACITY = 4096;
  const labels = new WeakMap();
  let device = null;
  let queries = null;
  let kernels = null;
  let untimed = 0;

  const { createComputePipeline, createShaderModule } = GPUDevice.prototype;
  const names = new WeakMap();
  GPUDevice.prototype.createShaderModule = function (description) {
    const shader = createShaderModule.call(this, description);
    names.set(shader, description.label ?? '');
    return shader;
  };
  GPUDevice.prototype.createComputePipeline = function (description) {
    device = this;
    const pipeline = createComputePipeline.call(this, description);
    const { module, entryPoint } = description.compute;
    labels.set(pipeline, description.label || names.get(module) || entryPoint || 'kernel');
    return pipeline;
  };

  const { beginComputePass } = GPUCommandEncoder.prototype;
  /** Stands for a pass: what it is told goes to a pass of its own for each dispatch. */
  class Passes {
    constructor(encoder) {
      this.encoder = encoder;
      this.groups = new Map();
      this.pipeline = null;
    }

    setPipeline(pipeline) {
      this.pipeline = pipeline;
    }

    setBindGroup(index, ...rest) {
      this.groups.set(index, rest);
    }

    dispatch(method, args) {
      const place = kernels.length;
      const timed = place < CAPACITY / 2;
      const pass = beginComputePass.call(this.encoder, timed ? {
        timestampWrites: { querySet: queries, beginningOfPassWriteIndex: 2 * place, endOfPassWriteIndex: 2 * place + 1 },
      } : undefined);
      if (timed) kernels.push(labels.get(this.pipeline));
      else untimed += 1;
      pass.setPipeline(this.pipeline);
      for (const [index, rest] of this.groups) pass.setBindGroup(index, ...rest);
      pass[method](...args);
      pass.end();
    }

    dispatchWorkgroups(...args) {
      this.dispatch('dispatchWorkgroups', args);
    }

    dispatchWorkgroupsIndirect(...args) {
      this.dispatch('dispatchWorkgroupsIndirect', args);
    }

    pushDebugGroup() {}

    popDebugGroup() {}

    insertDebugMarker() {}

    end() {}
  }
  GPUCommandEncoder.prototype.beginComputePass = function (...args) {
    return kernels === null ? beginComputePass.apply(this, args) : new Passes(this);
  };

  return {
    begin() {
      if (!device?.features.has('timestamp-query')) return false;
      queries = device.createQuerySet({ type: 'timestamp', count: CAPACITY });
      kernels = [];
      untimed = 0;
      return true;
    },
    async end() {
      const ran = kernels;
      kernels = null;
      const size = 8 * CAPACITY;
      const [resolved, read] = [GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC, GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ]
        .map((usage) => device.createBuffer({ size, usage }));
      const encoder = device.createCommandEncoder();
      encoder.resolveQuerySet(queries, 0, CAPACITY, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, read, 0, size);
      device.queue.submit([encoder.finish()]);
      await read.mapAsync(GPUMapMode.READ);
      const times = new BigUint64Array(read.getMappedRange());
      const found = new Map();
      ran.forEach((kernel, place) => {
        const [count, seconds] = found.get(kernel) ?? [0, 0];
        found.set(kernel, [count + 1, seconds + Number(times[2 * place + 1] - times[2 * place]) / 1e9]);
      });
      if (untimed > 0) found.set('(not timed)', [untimed, 0]);
      return [...found].map(([kernel, [count, seconds]]) => ({ kernel, count, seconds }));
    },
  };
}
