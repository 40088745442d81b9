import { DextrError } from '../dextr/index.js';
import { announcer } from './announce.js';
import { answer } from './answer.js';
import { architecture } from './architecture.js';
import { devicePicker, deviceText } from './device.js';
import { byId, h } from './dom.js';
import { dropZone } from './drop.js';
import { forgetFile, readLink, rowSettings, showLink, writeLink } from './link.js';
import { mountList } from './list/index.js';
import { COMPILING, progressWords } from './load.js';
import { modelPanel } from './onnx/panel.js';
import { ONNX, modelSpace } from './onnx/space.js';
import { runner } from './runner.js';
import { settings } from './settings.js';
import { spacePicker } from './spacepicker.js';

/**
 * @typedef {import('../dextr/index.js').Dextr} Dextr
 * @typedef {import('../dextr/index.js').Model} Model
 * @typedef {import('./settings.js').Space} Space
 * @typedef {{ element: HTMLElement, open: (arch: string) => unknown, check: () => Promise<string>, recheck: () => void, focus: () => void,
 *   request: (arch: string) => { space: string, arch: string } | { model: Model }, model?: Model | null }} Editor
 * @typedef {ReturnType<typeof import('./run.js').runPanel>} RunPanel
 */

/** The space of a first visit: the one that most papers compare in, and quick to score. */
const START = 'nasbench201';

/**
 * Everything that needs the engine.
 * @param {Dextr} dextr
 * @param {RunPanel} panel
 * @param {{ choice: string, onDevice: () => void }} options `onDevice` hears when the device may have changed.
 */
export function scorePage(dextr, panel, { choice, onDevice }) {
  const first = dextr.spaces.find(({ name }) => name === START) ?? dextr.spaces[0];
  if (!first) throw new Error('The engine knows no search space.');
  const spaces = [...dextr.spaces, modelSpace(dextr)];
  /** @type {Space} */
  let space = first;
  /** @type {Editor} */
  let editor;
  /** The model files of this visit, by name, and where those came from that were not dropped. @type {Map<string, { model: Model, address?: string }>} */
  const models = new Map();
  /** Whether the GPU has its programs. */
  let warm = dextr.device.kind !== 'webgpu';
  /** The answer on the page. @type {{ arch: string, settings: string, score: number | null } | null} */
  let shown = null;

  const announce = announcer(byId('announcer'));
  const options = settings({ device: devicePicker(choice), onChange: () => editor.recheck() });
  const picker = spacePicker(spaces, (picked) => open(picked, { arch: picked.name === ONNX ? [...models.keys()].at(-1) : picked.examples[0]?.arch }));
  const setup = (/** @type {string} */ arch) => writeLink({ space: space.name, arch, settings: options.changed() });
  /** The query of a file that can be fetched again. @param {string} arch */
  const query = (arch) => {
    const address = space.name === ONNX && models.get(arch)?.address;
    return address ? `?${new URLSearchParams({ url: address })}` : '';
  };

  const scoring = runner(panel, {
    check: () => (options.valid ? editor.check() : Promise.reject(new DextrError({ code: 'bad-setting', message: 'A setting is out of its range.' }))),
    onRefused: () => editor.focus(),
    score: async (arch, signal) => {
      const link = `${query(arch)}${setup(arch)}`;
      const picture = options.picture.value?.name;
      const request = { ...editor.request(arch), ...options.request() };
      if (!warm) panel.say(COMPILING);
      const score = await dextr.score(request, {
        signal,
        onProgress: (progress) => panel.progress(...progressWords(progress, !warm)),
      });
      warm = true;
      // What the GPU could not do was done on the CPU, and the score says why.
      const { device } = dextr;
      const used = deviceText(score.device === device.kind ? device : { kind: 'cpu', name: 'CPU' });
      // A difference says something between architectures alone.
      const settings = `${writeLink({ space: space.name, settings: options.changed() })} ${picture}`;
      const edited = score.space !== ONNX && shown && shown.settings === settings && shown.arch !== score.arch;
      const before = edited && shown ? shown.score : null;
      shown = { arch: score.arch, settings, score: score.score };
      byId('answer').replaceChildren(answer({ score, picture, device: used, link, before }, {
        singularValues: (name) => dextr.singularValues(request, name),
        inspect: () => dextr.inspect(request),
      }));
      list.add(score);
      return score;
    },
    onBusy: (busy) => {
      byId('answer').setAttribute('aria-busy', String(busy));
      onDevice();
    },
  });

  /**
   * Puts a setup into the form. Gives what could not be taken.
   * @param {Space} next
   * @param {{ arch?: string, settings?: Record<string, string> }} setup Without `settings`, those in force stay.
   */
  function open(next, { arch = '', settings }) {
    if (next !== space || !editor) {
      const kept = options.changed();
      space = next;
      picker.set(space.name);
      options.setSpace(space);
      // The network's options are those of a space.
      options.set(settings ?? Object.fromEntries(Object.entries(kept).filter(([key]) => !key.startsWith('set.'))));
      const onChange = (/** @type {string} */ valid) => {
        // The check of a space that was left may come late.
        if (editor !== own) return;
        showLink(setup(valid));
        scoring.follow();
      };
      /** @type {Editor} */
      const own = space.name === ONNX
        ? modelPanel({
          dextr, onChange,
          settings: options.network,
          modelOptions: options.changedOptions,
          find: (name) => models.get(name)?.model,
          onEdit: scoring.outdate,
          onFiles: (files) => void drop.take(files),
        })
        : architecture({
          dextr, space, onChange,
          networkOptions: options.changedOptions,
          onEdit: scoring.outdate,
          onList: (text) => list.scoreText(text),
          onSpace: (name, text) => open(spaces.find((space) => space.name === name) ?? space, { arch: text }),
        });
      editor = own;
      byId('architecture').replaceChildren(editor.element);
    }
    const problems = settings ? options.set(settings) : [];
    editor.open(arch);
    return problems;
  }

  /** Opens what a link says, and says what it could not read. @param {ReturnType<typeof readLink>} link */
  function openLink(link) {
    const problems = [...link.damage];
    const asked = spaces.find(({ name }) => name === link.space);
    if (link.space !== undefined && !asked) problems.push(`There is no search space “${link.space}”.`);
    const next = asked ?? first ?? space;
    problems.push(...open(next, { arch: link.arch ?? next.examples[0]?.arch, settings: link.settings }));
    byId('link-problem').replaceChildren(...(problems.length === 0 ? [] : [
      h('p', { class: 'notice' }, h('strong', {}, 'The link is damaged. '), problems.join(' '), ' What could be read was opened; ask for the link again, or set the rest by hand.')]));
  }

  const list = mountList(byId('list'), {
    dextr, announce,
    getSettings: () => ({ space: space.name, ...options.request() }),
    takeFiles: (files) => void drop.take(files),
    openArchitecture: (name, arch, row) => {
      const next = spaces.find((space) => space.name === name);
      if (!next) return;
      open(next, { arch, settings: row ? rowSettings(row) : undefined });
      // A file of an earlier visit has to be opened first.
      if (name !== ONNX || models.has(arch)) scoring.ask();
      byId('answer-heading').focus();
    },
  });

  /**
   * Opens model files: one to look at, several as rows of the list. Without
   * models, the data files are for the one that is open.
   * @param {File[]} files
   * @param {File[]} data
   * @param {string} [address]
   */
  async function openModels(files, data, address) {
    const current = editor.model;
    if (files.length === 0 && current) {
      const model = await dextr.open(current.file, { name: current.name, data: { ...current.data, ...Object.fromEntries(data.map((file) => [file.name, file])) } });
      models.set(model.name, { ...models.get(model.name), model });
      openModel(model.name);
      return;
    }
    /** @type {{ name: string, model?: Model, wrong?: string }[]} */
    const opened = [];
    // One after the other: each is read into memory.
    for (const file of files) {
      try {
        const model = await dextr.open(file, { data });
        models.set(model.name, { model, address });
        if (!address) forgetFile();
        opened.push({ name: file.name, model });
      } catch (thrown) {
        if (files.length === 1) throw thrown;
        const { message, hint } = DextrError.from(thrown);
        opened.push({ name: file.name, wrong: [message, hint].filter(Boolean).join('; ') });
      }
    }
    const [only] = opened;
    if (opened.length > 1) list.scoreModels(opened);
    else if (only) openModel(only.name);
  }

  /** @param {string} name */
  function openModel(name) {
    const onnx = spaces.find((space) => space.name === ONNX);
    if (onnx) open(onnx, { arch: name });
  }

  const drop = dropZone({
    onList: (file) => list.scoreFile(file),
    onModels: openModels,
    wants: ({ name }) => editor.model?.info.data_files.includes(name) ?? false,
    onPicture: (file) => {
      options.element.setAttribute('open', '');
      return options.picture.use(file);
    },
  });

  byId('space').replaceChildren(picker.element);
  byId('settings').replaceChildren(options.element);
  byId('files').replaceChildren(drop.element);
  byId('form').addEventListener('submit', () => scoring.ask());
  openLink(readLink(location.hash));
  addEventListener('hashchange', () => {
    const link = readLink(location.hash);
    if (link.arch || link.damage.length > 0) openLink(link);
  });
  const address = new URLSearchParams(location.search).get('url');
  if (address) drop.fetch(address);
}
