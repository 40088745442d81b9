import { DextrError } from '../../dextr/index.js';
import { h, newId } from '../dom.js';
import { count, fault, sentence, shape, short } from '../format.js';
import { copyBox } from '../snippet.js';

/**
 * @typedef {import('../../dextr/index.js').Dextr} Dextr
 * @typedef {import('../../dextr/index.js').Model} Model
 * @typedef {import('../../dextr/dextr.js').Port} Port
 */

/** Keeps batch norms, which exports fold away otherwise. */
const EXPORT = `model.eval()
image = torch.zeros(1, 3, 224, 224)
torch.onnx.export(model, image, 'model.onnx', dynamo=False,
    training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)`;

/** Typing is checked once it pauses this long, in milliseconds. */
const PAUSE = 400;

/** @param {string} name @param {string} value @param {string} [help] */
function fact(name, value, help) {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value || '–', help && h('span', { class: 'help' }, help)));
}

/** @param {Port[]} ports */
function portWords(ports) {
  return ports.map(({ name, shape }) => (shape ? `${name} [${shape.map((size) => size ?? '?').join(', ')}]` : name)).join('; ');
}

/** What the file says of itself. @param {Model} model */
function facts({ file, info }) {
  const operators = info.operators.map(({ operator, count }) => `${operator} ${count}`).join(', ');
  return h('div', {}, h('dl', { class: 'facts model-facts' },
    fact('Graph', info.name, `${short(file.size)}B, ${count(info.nodes)} nodes`),
    fact('Opset', String(info.opset)),
    fact('Written by', info.producer),
    fact('Inputs', portWords(info.inputs)),
    fact('Outputs', portWords(info.outputs))),
  h('details', { class: 'operators' }, h('summary', {}, 'Operators'), h('p', { class: 'help' }, operators)));
}

/**
 * A model file in the place of an architecture's text: what it is, and the
 * settings that are its own.
 * @param {object} options
 * @param {Dextr} options.dextr
 * @param {HTMLElement} options.settings The controls of height, width and weights.
 * @param {() => Record<string, string>} options.modelOptions Their values.
 * @param {(files: Iterable<File>) => void} options.onFiles
 * @param {(name: string) => Model | undefined} options.find A file of this visit.
 * @param {(name: string) => void} options.onChange Hears of every model that can be scored.
 * @param {() => void} options.onEdit Hears at once that what was shown is no longer meant.
 */
export function modelPanel({ dextr, settings, modelOptions, onFiles, find, onChange, onEdit }) {
  /** @type {Model | null} */
  let model = null;
  let checks = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const [id, helpId] = [newId('model'), newId('model-help')];
  const error = h('p', { class: 'error', role: 'alert' });
  const size = h('p', { class: 'size', 'aria-live': 'polite' });
  const about = h('div', {});
  const said = h('div', { 'aria-live': 'polite' });
  const input = h('input', { id, type: 'file', multiple: true, accept: '.onnx,.data,.bin,.onnx_data', 'aria-describedby': helpId, onchange: () => {
    const files = [...(input.files ?? [])];
    // The same file may be chosen again.
    input.value = '';
    if (files.length > 0) onFiles(files);
  } });
  const own = h('div', { class: 'model-settings', hidden: true }, settings);
  const asking = h('div', { class: 'field' }, h('label', { for: id }, 'Open an ONNX file, or drop it anywhere'), input,
      h('p', { id: helpId, class: 'help' }, 'With its data files, where it has such. Several models at once become rows of the list. Files stay on this device.'),
  h('details', {}, h('summary', {}, 'How to make one with PyTorch'), copyBox('Copy the lines', EXPORT)));
  const element = h('div', { class: 'model' }, asking, about, own, size, error, said);

  /** @param {unknown} thrown */
  function fail(thrown) {
    const { what, cure } = fault(DextrError.from(thrown));
    size.replaceChildren();
    said.replaceChildren();
    error.replaceChildren(h('strong', {}, what), ` ${cure}`);
  }

  /** Whether the network can be built; throws what is wrong. */
  async function check() {
    clearTimeout(timer);
    const number = ++checks;
    error.replaceChildren();
    if (!model) throw new DextrError({ code: 'no-model', message: 'No ONNX file is open.', hint: 'Open one above, or drop it on the page.' });
    const { name } = model;
    const { layers, params, macs, notes } = await dextr.inspect({ model, options: modelOptions() });
    if (number === checks) {
      const image = layers[0]?.shape ?? [];
      size.replaceChildren(`${count(params)} parameters, ${short(macs)} multiply-accumulates, with an image of ${shape(image)}`);
      said.replaceChildren(...notes.map((/** @type {string} */ note) => h('p', { class: 'notice' }, sentence(note))));
      onChange(name);
    }
    return name;
  }

  async function checkHere() {
    const number = checks + 1;
    await check().catch((thrown) => number === checks && fail(thrown));
  }

  /** @param {Model} next */
  function show(next) {
    model = next;
    own.hidden = false;
    // Others are opened below, as all files are.
    asking.hidden = true;
    const missing = next.info.data_files.filter((name) => !(name in next.data));
    about.replaceChildren(h('h3', {}, next.name), facts(next),
      missing.length > 0 ? h('p', { class: 'notice' }, `Weights lie in ${missing.map((name) => `“${name}”`).join(', ')}. They are needed where the file’s weights are scored: drop ${missing.length === 1 ? 'that file' : 'those files'} too.`) : '');
    size.replaceChildren();
    said.replaceChildren();
    error.replaceChildren();
    checkHere();
  }

  return {
    element,
    /** Shows a file of this visit, or asks for it. @param {string} [name] */
    open(name) {
      onEdit();
      const found = name ? find(name) : undefined;
      if (found) show(found);
      else if (name) about.replaceChildren(h('p', { class: 'notice' }, `The file “${name}” is not open on this page: links and saved rows do not carry it. Open it or drop it here.`));
    },
    check,
    recheck() {
      checks++;
      onEdit();
      clearTimeout(timer);
      if (model) timer = setTimeout(checkHere, PAUSE);
    },
    focus: () => (model ? own.querySelector('input')?.focus() : input.focus()),
    /** What is scored. */
    request: () => ({ model: /** @type {Model} */ (model) }),
    get model() {
      return model;
    },
  };
}
