import { DextrError } from '../../dextr/index.js';
import { h, newId } from '../../ui/dom.js';
import { fault } from '../../ui/format.js';

/** @typedef {import('../../dextr/dextr.js').Picture} Picture */

/** Larger pictures do not fit every browser's canvas, and are shrunk to the network's input anyway. */
const MAX_PIXELS = 16e6;

/**
 * The pixels of a picture file.
 * @param {File} file
 * @returns {Promise<Picture>}
 */
async function readPicture(file) {
  const bitmap = await decode(file);
  const { width, height } = bitmap;
  try {
    if (width * height > MAX_PIXELS) {
      throw new DextrError({
        code: 'image-too-large',
        message: `“${file.name}” has ${width}×${height} pixels.`,
        hint: 'Use a picture of at most 16 million pixels.',
      });
    }
    const canvas = h('canvas', { width, height });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    return { width, height, rgba: new Uint8Array(data.buffer) };
  } finally {
    bitmap.close();
  }
}

/** @param {File} file */
async function decode(file) {
  try {
    // The numbers in the file, not the screen's rendering of them.
    return await createImageBitmap(file, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  } catch (error) {
    throw new DextrError(
      {
        code: 'bad-image',
        message: `“${file.name}” is not a picture that this browser can read.`,
        hint: 'Choose a JPEG, PNG, WebP, AVIF or GIF file.',
      },
      error,
    );
  }
}

/** Lets the user put their own picture in place of the default one. */
export class PicturePicker {
  #onChange;
  /** @type {{ name: string, image: Picture } | null} */
  #value = null;
  #error = h('p', { id: newId('picture-error'), class: 'error', 'aria-live': 'polite' });
  #help = h('p', { id: newId('picture-help'), class: 'help' }, 'Shown to the network instead of the default noise: cropped, shrunk and normalised. It stays on this device, so no link carries it.');
  #input = h('input', { id: newId('picture'), type: 'file', accept: 'image/*', 'aria-describedby': `${this.#help.id} ${this.#error.id}`, onchange: () => this.#choose() });
  #remove = h('button', { type: 'button', hidden: true, onclick: () => this.clear() }, 'Use the default picture');
  #name = h('span', { class: 'picture-name' });
  element = h('div', { class: 'field' }, h('label', { for: this.#input.id }, 'Your own picture'), this.#input, h('p', {}, this.#name, this.#remove), this.#help, this.#error);

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  get value() {
    return this.#value;
  }

  /** Takes a picture that may have come another way. @param {File} file */
  async use(file) {
    this.#error.replaceChildren();
    try {
      this.#value = { name: file.name, image: await readPicture(file) };
      this.#name.replaceChildren(`In use: ${file.name} `);
      this.#remove.hidden = false;
      this.#onChange();
    } catch (thrown) {
      this.clear();
      const { what, cure } = fault(DextrError.from(thrown));
      this.#error.append(`${what} ${cure}`);
    }
  }

  clear() {
    this.#value = null;
    this.#input.value = '';
    this.#name.replaceChildren();
    this.#remove.hidden = true;
    this.#error.replaceChildren();
    this.#onChange();
  }

  #choose() {
    const file = this.#input.files?.[0];
    if (file) this.use(file);
  }
}
