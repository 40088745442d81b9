import { h, newId } from '../../ui/dom.js';
import { sentence } from '../../ui/format.js';

/** @typedef {import('../../dextr/index.js').Device} Device */

/** @type {Record<string, string>} */
const REASONS = {
  'no-adapter': 'the browser offers no GPU.',
  'no-webgpu': 'this browser has no WebGPU, or it is switched off.',
  'insecure-context': 'WebGPU needs https:// (or localhost).',
  'failed-proof': 'the GPU got a known computation wrong, so its numbers are not to be believed.',
  'slow-adapter': 'the only adapter does not say what it is and is slower than the CPU, as software is.',
  'gpu-failed': 'the GPU failed twice.',
  asked: 'you asked for it.',
};

/**
 * The device really used, and why it is not a GPU.
 * @param {Device} device
 */
export function deviceText(device) {
  if (device.kind === 'webgpu') return `GPU through WebGPU: ${device.name}.`;
  const reason = device.message ?? REASONS[device.reason ?? ''];
  return sentence(`CPU (WebAssembly)${reason ? `, because ${reason}` : ''}`);
}

/**
 * The line on the page that says what is used and why.
 * @param {Device} device
 * @param {string} version
 * @param {string} [note]
 */
export function deviceLine(device, version, note) {
  return h('div', {}, note && h('p', { class: 'notice' }, note),
    h('p', { role: 'status' }, h('span', { class: `lamp ${device.kind}`, 'aria-hidden': 'true' }), h('strong', {}, 'Ready. '), `${deviceText(device)} `,
      h('span', { class: 'quiet' }, `Dextr ${version}.`)));
}

/** @type {[string, string][]} */
const CHOICES = [['auto', 'auto: the GPU where there is one'], ['webgpu', 'GPU'], ['cpu', 'CPU']];

/**
 * Lets the user take another device: the page starts again with it, and the
 * setup in its address goes along.
 * @param {string} choice
 */
export function devicePicker(choice) {
  const [id, helpId] = [newId('device'), newId('device-help')];
  const select = h('select', {
    id, 'aria-describedby': helpId,
    onchange: () => {
      const address = new URL(location.href);
      address.searchParams.set('device', select.value);
      location.assign(address);
    },
  }, ...CHOICES.map(([value, words]) => h('option', { value }, words)));
  select.value = choice;
  return h('div', { class: 'field' }, h('label', { for: id }, 'Device'), select,
    h('p', { id: helpId, class: 'help' }, 'Where it is computed. Choosing another starts the page again.'));
}
