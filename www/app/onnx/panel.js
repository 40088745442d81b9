import { DextrError } from '../../dextr/index.js';
import { h, newId } from '../../ui/dom.js';
import { count, fault, sentence, shape, short } from '../../ui/format.js';
import { copyBox } from '../../ui/copybox.js';

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
 * Where its settings are, and who hears of it.
 * @typedef {object} ModelPanelOptions
 * @property {Dextr} dextr
 * @property {HTMLElement} settings The controls of height, width and weights.
 * @property {() => Record<string, string>} networkOptions Their values.
 * @property {(files: Iterable<File>) => void} onFiles
 * @property {(name: string) => Model | undefined} find A file of this visit.
 * @property {(macs: number) => string} cost What a score may take, in words.
 * @property {(name: string) => void} onChange Hears of every model that can be scored.
 * @property {(macs: number) => void} onSize Hears, after that, how large its network is.
 * @property {() => void} onEdit Hears at once that what was shown is no longer meant.
 */

/** A model file in the place of an architecture's text: what it is, and the settings that are its own. */
export class ModelPanel {
  #options;
  /** @type {Model | null} */
  #model = null;
  #checks = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #error = h('p', { class: 'error', role: 'alert' });
  #size = h('p', { class: 'size', 'aria-live': 'polite' });
  #about = h('div', {});
  #said = h('div', { 'aria-live': 'polite' });
  #help = h('p', { id: newId('model-help'), class: 'help' }, 'With its data files, where it has such. Several models at once become rows of the list. Files stay on this device.');
  #input = h('input', { id: newId('model'), type: 'file', multiple: true, accept: '.onnx,.data,.bin,.onnx_data', 'aria-describedby': this.#help.id, onchange: () => this.#chosen() });
  #asking = h('div', { class: 'field' }, h('label', { for: this.#input.id }, 'Open an ONNX file, or drop it anywhere'), this.#input, this.#help,
    h('details', {}, h('summary', {}, 'How to make one with PyTorch'), copyBox('Copy the lines', EXPORT)));
  #own = h('div', { class: 'model-settings', hidden: true });
  element = h('div', { class: 'model' }, this.#asking, this.#about, this.#own, this.#size, this.#error, this.#said);

  /** @param {ModelPanelOptions} options */
  constructor(options) {
    this.#options = options;
    this.#own.append(options.settings);
  }

  get model() {
    return this.#model;
  }

  /** Shows a file of this visit, or asks for it. @param {string} name Empty for none. */
  open(name) {
    this.#options.onEdit();
    const found = name ? this.#options.find(name) : undefined;
    if (found) this.#show(found);
    else if (name) this.#about.replaceChildren(h('p', { class: 'notice' }, `The file “${name}” is not open on this page: links and saved rows do not carry it. Open it or drop it here.`));
  }

  /** Whether the network can be built; throws what is wrong. */
  async check() {
    clearTimeout(this.#timer);
    const number = ++this.#checks;
    this.#error.replaceChildren();
    const model = this.#model;
    if (!model) throw new DextrError({ code: 'no-model', message: 'No ONNX file is open.', hint: 'Open one above, or drop it on the page.' });
    const { dextr, networkOptions, onChange, onSize } = this.#options;
    const { layers, params, macs, notes } = await dextr.inspect({ model, options: networkOptions() });
    if (number === this.#checks) {
      const image = layers[0]?.shape ?? [];
      this.#size.replaceChildren(`${count(params)} parameters, ${short(macs)} multiply-accumulates, with an image of ${shape(image)}${this.#options.cost(macs)}`);
      this.#said.replaceChildren(...notes.map((note) => h('p', { class: 'notice' }, sentence(note), note.includes('renormalise=yes') && this.#putBack())));
      onChange(model.name);
      onSize(macs);
    }
    return model.name;
  }

  /** Checks soon: an option is being changed. */
  recheck() {
    this.#checks++;
    this.#options.onEdit();
    clearTimeout(this.#timer);
    if (this.#model) this.#timer = setTimeout(() => this.#checkHere(), PAUSE);
  }

  /** Puts the norms back that were folded away. */
  #putBack() {
    return h('button', { type: 'button', class: 'small', onclick: () => {
      const choice = [...this.#own.querySelectorAll('select')].find(({ id }) => id.startsWith('renormalise'));
      if (!choice) return;
      choice.value = 'yes';
      choice.dispatchEvent(new Event('change', { bubbles: true }));
      choice.focus();
    } }, 'Put the norms back');
  }

  focus() {
    if (this.#model) this.#own.querySelector('input')?.focus();
    else this.#input.focus();
  }

  /** What is scored. */
  request() {
    return { model: /** @type {Model} */ (this.#model) };
  }

  #chosen() {
    const files = [...(this.#input.files ?? [])];
    // The same file may be chosen again.
    this.#input.value = '';
    if (files.length > 0) this.#options.onFiles(files);
  }

  /** @param {Model} model */
  #show(model) {
    this.#model = model;
    this.#own.hidden = false;
    // Others are opened below, as all files are.
    this.#asking.hidden = true;
    this.#about.replaceChildren(h('h3', {}, model.name), facts(model), missingNotice(model));
    for (const place of [this.#size, this.#said, this.#error]) place.replaceChildren();
    this.#checkHere();
  }

  async #checkHere() {
    const number = this.#checks + 1;
    await this.check().catch((thrown) => number === this.#checks && this.#fail(thrown));
  }

  /** @param {unknown} thrown */
  #fail(thrown) {
    const { what, cure } = fault(DextrError.from(thrown));
    this.#size.replaceChildren();
    this.#said.replaceChildren();
    this.#error.replaceChildren(h('strong', {}, what), ` ${cure}`);
  }
}

/** The files that a model names and that did not come with it. @param {Model} model */
function missingNotice({ info, data }) {
  const missing = info.data_files.filter((name) => !(name in data));
  return missing.length === 0 ? '' : h('p', { class: 'notice' },
    `Weights lie in ${missing.map((name) => `“${name}”`).join(', ')}. They are needed where the file’s weights are scored: drop ${missing.length === 1 ? 'that file' : 'those files'} too.`);
}
