import { DextrError } from './error.js';

/**
 * @typedef {import('./model.js').ModelFile} ModelFile
 * @typedef {typeof import('./dextr.js')} Glue
 * @typedef {import('./dextr.js').Model} Model
 */

/**
 * A file's bytes in the engine's memory; there is room for all of them before
 * the first is read.
 * @param {Glue} glue
 * @param {Blob} blob
 * @param {string} what
 */
async function read(glue, blob, what) {
  const bytes = new glue.FileBytes(blob.size);
  const reader = blob.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return bytes;
      bytes.push(value);
    }
  } catch (error) {
    // What the engine throws is its own; a disk's error is no bug of it.
    if (error instanceof WebAssembly.RuntimeError) throw error;
    bytes.free();
    throw new DextrError({
      code: 'unreadable',
      message: `${what} cannot be read (${error instanceof Error ? error.message : error})`,
      where: 'file',
      hint: 'Check that it still exists and has not changed, and open it again.',
    }, error).toFault();
  }
}

/** @param {Glue} glue @param {ModelFile} source @returns {Promise<Model>} */
async function open(glue, { file, data }) {
  const model = new glue.Model(await read(glue, file, 'file:'));
  // What it does not name may belong to another model.
  for (const name of model.info().data_files) {
    const blob = data[name];
    if (blob) model.attach(name, await read(glue, blob, name));
  }
  return model;
}

/**
 * Reads model files, and keeps the last one: it is read once for all that is
 * asked about it in a row.
 */
export function modelFiles() {
  /** @type {{ id: number, model: Promise<Model> } | null} */
  let last = null;

  return {
    /**
     * A handle of the file, which the call that it is given to consumes.
     * @param {Glue} glue
     * @param {ModelFile | undefined} source
     */
    async get(glue, source) {
      if (!source) return undefined;
      if (last?.id !== source.id) {
        last?.model.then((model) => model.free(), () => {});
        const kept = { id: source.id, model: open(glue, source) };
        last = kept;
        kept.model.catch(() => {
          if (last === kept) last = null;
        });
      }
      const { model } = /** @type {{ model: Promise<Model> }} */ (last);
      return (await model).share();
    },
  };
}
