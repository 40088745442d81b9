import { DextrError } from '../../dextr/index.js';

/** More would be half a million architectures, and some browsers' longest text is not far. */
export const LARGEST = 64 * 2 ** 20;

/** First bytes of what is often mistaken for a table. @type {[number[], string, string][]} */
const BINARY = [
  [[0x1f, 0x8b], 'is compressed (gzip)', 'Unpack it first.'],
  [[0x50, 0x4b, 0x03, 0x04], 'is a zip archive or a spreadsheet', 'Unpack it, or save the sheet as CSV (UTF-8).'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'is compressed (zstd)', 'Unpack it first.'],
  [[0x25, 0x50, 0x44, 0x46], 'is a PDF', 'Give CSV, JSON or plain text.'],
];

/** @param {string} code @param {string} message @param {string} hint */
export function problem(code, message, hint) {
  return new DextrError({ code, message, hint });
}

/**
 * The text of a file. Its size is looked at before anything is read.
 * @param {File} file
 */
export async function readText(file) {
  const name = `“${file.name}”`;
  if (file.size > LARGEST) {
    throw problem('file-too-large', `${name} has ${(file.size / 1e6).toFixed(0)} MB, and at most ${(LARGEST / 1e6).toFixed(0)} MB are read here`,
      'Cut it into parts, or use the command line.');
  }
  let bytes;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw problem('unreadable', `${name} cannot be read (${error instanceof Error ? error.message : error})`, 'Check that it still exists and that you may read it.');
  }
  return decode(bytes, name);
}

/** @param {Uint8Array} bytes @param {string} name */
function decode(bytes, name) {
  for (const [magic, what, cure] of BINARY) {
    if (magic.every((byte, index) => bytes[index] === byte)) throw problem('not-text', `${name} ${what}`, cure);
  }
  // Spreadsheets save “Unicode text” as UTF-16, with a mark in front.
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null;
  let text;
  try {
    text = new TextDecoder(utf16 ?? 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    const lossy = new TextDecoder(utf16 ?? 'utf-8').decode(bytes);
    const line = lossy.slice(0, lossy.indexOf('\ufffd')).split('\n').length;
    throw problem('not-text', `${name}, line ${line}, is not in UTF-8`, 'Save it as plain text in UTF-8.');
  }
  if (text.includes('\0')) throw problem('not-text', `${name} is not text: there are zero bytes in it`, 'Give CSV, JSON or plain text.');
  return text;
}
