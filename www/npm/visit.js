/**
 * What a first visit asks of the engine: it runs while the wasm counts its calls,
 * and what it calls becomes the part that is fetched first (see split.mjs).
 */

/** All that the page may say of a score. */
const SETTINGS = {
  seed: 0, seeds: 1, imageSeed: 0, curveSeed: 0, curves: 4, protocol: /** @type {const} */ ('refined'), proxies: 'dextr,s,k,params,macs',
};

/** Small settings of what is slow, the space's own for the others; texts, numbers and switches. @type {Record<string, Record<string, string | number | boolean>>} */
const SMALL = {
  nasbench101: { size: 16, cells: 1 },
  darts: { auxiliary: false },
  transnasbench101: { size: '64' },
  'autoformer-tiny': { size: '64' },
  'autoformer-small': { size: '64' },
  'autoformer-base': { size: '64' },
  flexibert: { length: '16' },
};
/** Of a few channels and pixels. @type {Record<string, Record<string, string>>} */
const TINY = { nasbench201: { stem_width: '4', cells: '1', size: '8' } };
/** A software GPU is slow: the space that the page begins with, and a small transformer. @type {Record<string, Record<string, string>>} */
const SMALLER = {
  nasbench201: {},
  'autoformer-tiny': { size: '48' },
};

/**
 * @param {typeof import('../dextr/dextr.js')} glue
 * @param {BufferSource | WebAssembly.Module} wasm
 * @param {'cpu' | 'webgpu'} device
 * @returns {Promise<Uint8Array>} The profile.
 */
export async function visit(glue, wasm, device) {
  const exports = /** @type {any} */ (await glue.default({ module_or_path: wasm }));
  const session = await glue.Session.open(device, undefined, '');
  const { kind } = session.device();
  if (kind !== device) throw new Error(`the device is ${kind}, not ${device}`);
  for (const facts of [glue.version, glue.columns, glue.proxies, glue.model_options]) facts();
  const settings = device === 'cpu' ? SMALL : SMALLER;
  for (const { name, examples } of glue.spaces()) {
    const wanted = device === 'cpu' || name in settings;
    // Maps of a few pixels take other loops, and some loops only some cells have.
    for (const { arch } of name in TINY ? examples : []) {
      await session.score({ ...SETTINGS, space: name, arch: glue.canonical(name, arch), options: TINY[name] }, async () => true);
    }
    for (const { arch } of wanted ? examples.slice(0, 1) : []) {
      glue.sample(name, 0);
      glue.neighbours(name, arch);
      glue.parse(name, arch, undefined);
      const [choice] = glue.choices(name, arch);
      if (choice) glue.choose(name, arch, 0, choice.value);
      const request = { ...SETTINGS, space: name, arch: glue.canonical(name, arch), options: settings[name] ?? {} };
      glue.inspect(request);
      session.unscored(request);
      const { layers } = await session.score(request, async () => true);
      // A bar of the answer that somebody chooses.
      for (const { name: map } of layers.slice(0, 1)) await session.singular_values(request, map, async () => true, undefined);
    }
  }
  for (const arch of ['|conv~0|', '|nor_konv_3x3~0|+|none~0|none~1|+|none~0|none~1|none~2|', '{"matrix": [[0, 1]', 'Genotype(normal=[', '']) {
    for (const { name } of glue.spaces()) {
      const request = { ...SETTINGS, space: name, arch, options: {} };
      const asked = [() => glue.canonical(name, arch), () => glue.parse(name, arch, undefined), () => glue.choices(name, arch), () => glue.inspect(request), () => session.unscored(request), () => session.score(request, async () => true)];
      for (const ask of asked) {
        try {
          await ask();
        } catch {
          // What is wrong with a text belongs to a first visit too.
        }
      }
    }
  }
  const runner = new glue.ListRunner(['a', '', 'a']);
  for (const candidate of runner.ask(1)) runner.tell(candidate);
  runner.ready();
  runner.free();
  const most = 1 << 20;
  const place = exports.__wbindgen_malloc(most, 1);
  const length = exports.__write_profile(place, most);
  return new Uint8Array(exports.memory.buffer, place, length).slice();
}
