import { DextrError } from '../dextr/index.js';
import { h, newId } from './dom.js';
import { fault } from './format.js';

/** @typedef {import('../dextr/dextr.js').Picture} Picture */

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

/**
 * Lets the user put their own picture in place of the default one.
 * @param {() => void} onChange
 */
export function picturePicker(onChange) {
  /** @type {{ name: string, image: Picture } | null} */
  let value = null;
  const [id, helpId, errorId] = [newId('picture'), newId('picture-help'), newId('picture-error')];
  const error = h('p', { id: errorId, class: 'error', 'aria-live': 'polite' });
  const input = h('input', { id, type: 'file', accept: 'image/*', 'aria-describedby': `${helpId} ${errorId}`, onchange: choose });
  const remove = h('button', { type: 'button', hidden: true, onclick: clear }, 'Use the default picture');

  const name = h('span', { class: 'picture-name' });

  function choose() {
    const file = input.files?.[0];
    if (file) use(file);
  }

  /** @param {File} file */
  async function use(file) {
    error.replaceChildren();
    try {
      value = { name: file.name, image: await readPicture(file) };
      name.replaceChildren(`In use: ${file.name} `);
      remove.hidden = false;
      onChange();
    } catch (thrown) {
      clear();
      const { what, cure } = fault(DextrError.from(thrown));
      error.append(`${what} ${cure}`);
    }
  }

  function clear() {
    value = null;
    input.value = '';
    name.replaceChildren();
    remove.hidden = true;
    error.replaceChildren();
    onChange();
  }

  return {
    element: h('div', { class: 'field' }, h('label', { for: id }, 'Your own picture'), input, h('p', {}, name, remove),
      h('p', { id: helpId, class: 'help' }, 'Shown to the network instead of the default noise: cropped, shrunk and normalised. It stays on this device, so no link carries it.'), error),
    get value() {
      return value;
    },
    /** Takes a picture that came another way. */
    use,
    clear,
  };
}
