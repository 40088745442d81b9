/** What `build.mjs` puts into a bundle. */
declare module 'bundled:glue' {
  /** Evaluates the wasm's JavaScript once more: a new instance's. */
  export default function makeGlue(): typeof import('../dextr/dextr.js');
}
declare module 'bundled:worker' {
  const text: string;
  export default text;
}
declare module 'bundled:base64' {
  const text: string;
  export default text;
}
declare module 'bundled:wasm' {
  export function wasm(): URL | Promise<Response>;
  export function rest(): URL | undefined;
}
