import { h } from './dom.js';
import { saveBlob } from './save.js';

/** What the style sheet decides of a drawing's looks, as attributes of SVG. */
const LOOKS = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity',
  'font-family', 'font-size', 'font-weight', 'text-anchor', 'dominant-baseline', 'visibility', 'display'];
/** Pixels of a picture for one of the page. */
const SHARPNESS = 2;

/** A drawing as it looks now, as a file of its own. @param {SVGElement} drawing */
export function svgText(drawing) {
  const copy = /** @type {SVGElement} */ (drawing.cloneNode(true));
  const [shown, copied] = [[drawing, ...drawing.querySelectorAll('*')], [copy, ...copy.querySelectorAll('*')]];
  shown.forEach((element, index) => {
    const looks = getComputedStyle(element);
    for (const name of LOOKS) copied[index]?.setAttribute(name, looks.getPropertyValue(name));
  });
  const { width, height } = drawing.getBoundingClientRect();
  if (!copy.hasAttribute('viewBox')) copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return new XMLSerializer().serializeToString(copy);
}

/** The same as pixels. @param {SVGElement} drawing @returns {Promise<Blob>} */
export async function pngBlob(drawing) {
  const { width, height } = drawing.getBoundingClientRect();
  const address = URL.createObjectURL(new Blob([svgText(drawing)], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [Math.ceil(width * SHARPNESS), Math.ceil(height * SHARPNESS)];
    const on = canvas.getContext('2d');
    if (!on) throw new Error('This browser draws no pictures.');
    // As on the page: a transparent picture is not readable on a dark ground.
    const panel = drawing.closest('.panel');
    if (panel) on.fillStyle = getComputedStyle(panel).backgroundColor;
    on.fillRect(0, 0, canvas.width, canvas.height);
    on.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large.'))), 'image/png'));
  } finally {
    URL.revokeObjectURL(address);
  }
}

/**
 * Buttons that save a drawing.
 * @param {string} name Of the file, without its ending.
 * @param {() => SVGElement | null} drawing
 */
export function pictureButtons(name, drawing) {
  const said = h('span', { role: 'status', class: 'quiet' });
  const savePng = async (/** @type {SVGElement} */ svg) => {
    try {
      saveBlob(`${name}.png`, await pngBlob(svg));
    } catch (error) {
      said.replaceChildren(`Not saved: ${error instanceof Error ? error.message : error}`);
    }
  };
  const button = (/** @type {string} */ kind, /** @type {(svg: SVGElement) => void} */ act) =>
    h('button', { type: 'button', class: 'small', title: `Save the plot as ${kind}`, 'aria-label': `Save ${name} as ${kind}`, onclick: () => {
      const svg = drawing();
      if (svg) act(svg);
    } }, kind);
  return h('p', { class: 'pictures' },
    button('SVG', (svg) => saveBlob(`${name}.svg`, new Blob([svgText(svg)], { type: 'image/svg+xml' }))), ' ',
    button('PNG', (svg) => void savePng(svg)), ' ', said);
}
