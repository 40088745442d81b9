import { h } from './dom.js';

/** @typedef {import('../dextr/index.js').Device} Device */

/** @type {Record<string, string>} */
const REASONS = {
  'no-adapter': 'the browser offers no GPU.',
  'no-webgpu': 'this browser has no WebGPU, or it is switched off.',
  'insecure-context': 'WebGPU needs https:// (or localhost).',
  'failed-proof': 'the GPU got a known computation wrong, so its numbers are not to be believed.',
  'gpu-failed': 'the GPU failed twice.',
  asked: 'you asked for it.',
};

/**
 * The device really used, and why it is not a GPU.
 * @param {Device} device
 */
export function deviceText(device) {
  if (device.kind === 'webgpu') return `GPU through WebGPU: ${device.name}`;
  const reason = device.message ?? REASONS[device.reason ?? ''];
  return `CPU (WebAssembly)${reason ? `, because ${reason}` : ''}`;
}

/**
 * The line on the page that says what is used, with the other choices.
 * @param {Device} device
 * @param {string} choice
 * @param {string} version
 * @param {string} [note]
 */
export function deviceLine(device, choice, version, note) {
  const others = ['auto', 'webgpu', 'cpu'].filter((other) => other !== choice).map((other) =>
    h('a', { href: `?device=${other}`, onclick: keepSetup }, other));
  return h('div', {}, note && h('p', { class: 'notice' }, note),
    h('p', {}, h('strong', {}, 'Device: '), deviceText(device)),
    h('p', { class: 'help' }, `Choice: ${choice}. Others: `, ...others.flatMap((link, index) => [index ? ', ' : '', link]), `. Dextr ${version}.`));
}

/** The setup is in the address, and goes along to the other device. @param {MouseEvent} event */
function keepSetup(event) {
  const link = /** @type {HTMLAnchorElement} */ (event.currentTarget);
  link.hash = location.hash;
}
