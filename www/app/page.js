import { DextrError } from '../dextr/index.js';
import { announcer } from './announce.js';
import { answer } from './answer.js';
import { architecture } from './architecture.js';
import { devicePicker, deviceText } from './device.js';
import { byId, h } from './dom.js';
import { dropZone } from './drop.js';
import { readLink, rowSettings, showLink, writeLink } from './link.js';
import { mountList } from './list/index.js';
import { COMPILING, progressWords } from './load.js';
import { runner } from './runner.js';
import { settings } from './settings.js';
import { spacePicker } from './spacepicker.js';

/**
 * @typedef {import('../dextr/index.js').Dextr} Dextr
 * @typedef {import('../dextr/index.js').Space} Space
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
  let space = first;
  /** @type {ReturnType<typeof architecture>} */
  let editor;
  /** Whether the GPU has its programs. */
  let warm = dextr.device.kind !== 'webgpu';
  /** The answer on the page. @type {{ arch: string, settings: string, score: number | null } | null} */
  let shown = null;

  const announce = announcer(byId('announcer'));
  const options = settings({ device: devicePicker(choice), onChange: () => editor.recheck() });
  const picker = spacePicker(dextr.spaces, (picked) => open(picked, { arch: picked.examples[0]?.arch }));
  const setup = (/** @type {string} */ arch) => writeLink({ space: space.name, arch, settings: options.changed() });

  const scoring = runner(panel, {
    check: () => (options.valid ? editor.check() : Promise.reject(new DextrError({ code: 'bad-setting', message: 'A setting is out of its range.' }))),
    onRefused: () => editor.focus(),
    score: async (arch, signal) => {
      const link = setup(arch);
      const picture = options.picture.value?.name;
      const request = { space: space.name, arch, ...options.request() };
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
      const before = shown && shown.settings === settings && shown.arch !== score.arch ? shown.score : null;
      shown = { arch: score.arch, settings, score: score.score };
      byId('answer').replaceChildren(answer({ score, picture, device: used, link, before }, (name) => dextr.singularValues(request, name)));
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
      const own = architecture({
        dextr, space,
        networkOptions: options.changedOptions,
        onChange: (valid) => {
          // The check of a space that was left may come late.
          if (editor !== own) return;
          showLink(setup(valid));
          scoring.follow();
        },
        onEdit: scoring.outdate,
        onList: (text) => list.scoreText(text),
        onSpace: (name, text) => open(dextr.spaces.find((space) => space.name === name) ?? space, { arch: text }),
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
    const asked = dextr.spaces.find(({ name }) => name === link.space);
    if (link.space !== undefined && !asked) problems.push(`There is no search space “${link.space}”.`);
    const next = asked ?? first ?? space;
    problems.push(...open(next, { arch: link.arch ?? next.examples[0]?.arch, settings: link.settings }));
    byId('link-problem').replaceChildren(...(problems.length === 0 ? [] : [
      h('p', { class: 'notice' }, h('strong', {}, 'The link is damaged. '), problems.join(' '), ' What could be read was opened; ask for the link again, or set the rest by hand.')]));
  }

  const list = mountList(byId('list'), {
    dextr, announce,
    getSettings: () => ({ space: space.name, ...options.request() }),
    openArchitecture: (name, arch, row) => {
      const next = dextr.spaces.find((space) => space.name === name);
      if (!next) return;
      open(next, { arch, settings: row ? rowSettings(row) : undefined });
      scoring.ask();
      byId('answer-heading').focus();
    },
  });
  const drop = dropZone({
    onList: (file) => list.scoreFile(file),
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
