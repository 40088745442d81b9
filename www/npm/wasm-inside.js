import text from 'bundled:base64';

/** The engine out of the bundle, all of it: base64 of gzip. */
export function wasm() {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return Promise.resolve(new Response(unpacked));
}

/** There is none. @returns {URL | undefined} */
export function rest() {
  return undefined;
}
