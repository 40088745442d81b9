import { Model } from '../../dextr/index.js';

/** @param {string} text */
function attribute(text) {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/**
 * The lines that put a score on another page.
 * @param {{ space: string, arch: string, seed: number }} score
 * @param {string | null} [address] Of a model file.
 */
export function snippetText({ space, arch, seed }, address) {
  const source = new URL('dextr/element.js', document.baseURI).href;
  const what = space === Model.space ? `src="${attribute(address ?? arch)}"` : `space="${attribute(space)}" arch="${attribute(arch)}"`;
  return [
    `<script type="module" src="${attribute(source)}"></script>`,
    `<dextr-score ${what}${seed ? ` seed="${seed}"` : ''}></dextr-score>`,
  ].join('\n');
}
