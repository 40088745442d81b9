// Stands in for the generated module in the client's tests: the architecture's
// text says how its score goes wrong. Which instance this is, the server knows.
let instance = 0;

export default async function init() {
  const reply = await fetch(new URL('../test/instance', import.meta.url));
  instance = Number(await reply.text());
}

export const setMissing = () => {};
export const version = () => '0';
export const spaces = () => [];
export const columns = () => [];
export const proxies = () => [];
export const model_options = () => [];
export const check_format = () => {};
export const canonical = (space, arch) => arch;
export const parse = (space, arch) => ({ arch, readings: [], note: null });
export const inspect = (request) => ({ arch: request.arch });

const trap = () => new WebAssembly.RuntimeError('unreachable');

const FAULTS = {
  'traps once': () => {
    if (instance === 1) throw trap();
  },
  'traps always': () => {
    throw trap();
  },
  // A trap after an await is thrown where no caller hears it.
  'traps unheard once': () => {
    if (instance > 1) return undefined;
    queueMicrotask(() => {
      throw trap();
    });
    return new Promise(() => {});
  },
  'finds no memory': () => {
    throw new RangeError('Array buffer allocation failed');
  },
  'has no room beside others': () => {
    if (instance > 1) throw new RangeError('Array buffer allocation failed');
  },
  'recurses': function recurse() {
    return recurse() + 1;
  },
  'refuses': () => {
    throw { code: 'bad-architecture', message: 'No.', where: 'character 3', hint: 'Yes.' };
  },
  'never steps': () => {
    for (;;);
  },
};

export class FileBytes {
  parts = [];
  push(part) {
    this.parts.push(...part);
  }
}

export class Model {
  static read = 0;

  constructor({ parts }) {
    this.text = String.fromCharCode(...parts);
    Model.read++;
  }
  info = () => ({ data_files: [] });
  share = () => this;
  free() {}
}

export class Session {
  static open = async () => new Session();
  device = () => ({ kind: 'cpu', name: 'fake', reason: 'asked' });

  async score({ arch }, step, model) {
    await FAULTS[arch]?.();
    for (let done = 0; done <= 20; done++) {
      const end = performance.now() + 10;
      while (performance.now() < end);
      if ((await step(done, 20)) === false) throw { code: 'cancelled', message: 'Cancelled.' };
    }
    return { arch, instance, ...(model && { read: model.text, files: Model.read }) };
  }
}
