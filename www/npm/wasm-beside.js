/** The engine, beside the bundle: written so that bundlers see the file. */
export function wasm() {
  return new URL('./dextr_bg.wasm', import.meta.url);
}
