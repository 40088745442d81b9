import { DextrError } from './error.js';

/**
 * @typedef {import('./model.js').ModelFile} ModelFile
 * @typedef {typeof import('./dextr.js')} Glue
 * @typedef {import('./dextr.js').Model} Model
 */

/** The first bytes tell most kinds of files apart. */
const HEAD = 4096;

/**
 * A disk's error, which is no bug of the engine.
 * @param {unknown} error
 * @param {string} what
 */
function unreadable(error, what) {
  return new DextrError({
    code: 'unreadable',
    message: `${what} cannot be read (${error instanceof Error ? error.message : error})`,
    where: 'file',
    hint: 'Check that it still exists and has not changed, and open it again.',
  }, error).toFault();
}

/** @param {Blob} file */
async function firstBytes(file) {
  try {
    return new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  } catch (error) {
    throw unreadable(error, 'file:');
  }
}

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
    if (error instanceof WebAssembly.RuntimeError) throw error;
    bytes.free();
    throw unreadable(error, what);
  }
}

/** @param {Glue} glue @param {ModelFile} source @returns {Promise<Model>} */
async function open(glue, { file, data }) {
  // Of another kind of file the size is not what is wrong.
  glue.check_format(await firstBytes(file));
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
export class ModelFiles {
  /** @type {{ id: number, model: Promise<Model> } | null} */
  #last = null;

  /**
   * A handle of the file, which the call that it is given to consumes.
   * @param {Glue} glue
   * @param {ModelFile} source
   */
  async get(glue, source) {
    if (this.#last?.id !== source.id) this.#keep({ id: source.id, model: open(glue, source) });
    const { model } = /** @type {{ model: Promise<Model> }} */ (this.#last);
    return (await model).share();
  }

  /** @param {{ id: number, model: Promise<Model> }} next */
  #keep(next) {
    this.#last?.model.then((model) => model.free(), () => {});
    this.#last = next;
    next.model.catch(() => {
      if (this.#last === next) this.#last = null;
    });
  }
}
