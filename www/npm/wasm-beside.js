/** The engine, beside the bundle: written so that bundlers see the file. */
export function wasm() {
  return new URL('./dextr_bg.wasm', import.meta.url);
}

/** Its second part. @returns {URL | undefined} */
export function rest() {
  return new URL('./dextr_rest.wasm', import.meta.url);
}
