import { byId, h } from '../ui/dom.js';
import { answer } from './answer/answer.js';
import { comparison } from './answer/comparison.js';
import { Announcer } from './announce.js';
import { rememberedReading, rememberReading } from './cell/reading.js';
import { devicePicker } from './form/device.js';
import { Elsewhere } from './elsewhere.js';
import { DropZone } from './form/drop.js';
import { SettingsPanel } from './form/settings.js';
import { SpacePicker } from './form/spacepicker.js';
import { readLink, writeLink } from './link.js';
import { ListPanel } from './list/index.js';
import { takeModels } from './models.js';
import { openLink, openRow, openSpace, spaceNamed } from './open.js';
import { Runner } from './runner.js';
import { checked, dearWords, PACE, scoreNow } from './scoring.js';
import { SearchPanel } from './search/index.js';
import { allSpaces } from './spaces.js';
import { State } from './state.js';

/** @typedef {import('../dextr/index.js').Dextr} Dextr */
/** @typedef {import('./state.js').Page} Page */
/** @typedef {import('./state.js').Memory} Memory */
/** @typedef {import('./spaces.js').Space} Space */

/** The space of a first visit: the one that most papers compare in, and quick to score. */
const START = 'nasbench201';

/**
 * Everything that needs the engine.
 * @param {Dextr} dextr
 * @param {import('./form/runpanel.js').RunPanel} panel
 * @param {{ choice: string, onDevice: () => void }} options `onDevice` hears when the device may have changed.
 */
export function startPage(dextr, panel, { choice, onDevice }) {
  const spaces = allSpaces(dextr);
  const first = /** @type {Space} */ (spaces.find(({ name }) => name === START) ?? spaces[0]);
  const state = new State(/** @type {Memory} */ ({
    space: first, editor: null, models: new Map(), warm: dextr.device.kind !== 'webgpu', pace: PACE, busy: false, damage: [], shown: null, kept: null, wish: null,
  }));
  const page = parts(dextr, panel, spaces, state, choice);
  show(page, onDevice);
  byId('form').addEventListener('submit', () => page.runner.ask());
  openLink(page, readLink(location.hash), first);
  addEventListener('hashchange', () => {
    const link = readLink(location.hash);
    if (link.arch || link.damage.length > 0) openLink(page, link, first);
  });
  const address = new URLSearchParams(location.search).get('url');
  if (address) page.drop.fetch(address);
}

/** @param {Dextr} dextr @param {Page['panel']} panel @param {Space[]} spaces @param {State<Memory>} state @param {string} choice Of the device. */
function parts(dextr, panel, spaces, state, choice) {
  const announcer = new Announcer(byId('announcer'));
  const elsewhere = new Elsewhere();
  document.body.append(elsewhere.element);
  const onNews = (/** @type {string} */ words, /** @type {HTMLElement} */ place, /** @type {HTMLElement[]} */ also = []) => elsewhere.say(words, place, also);
  const settings = new SettingsPanel({ device: devicePicker(choice), proxies: dextr.proxies, onChange: () => state.now.editor?.recheck() });
  const runner = new Runner(panel, {
    check: () => checked(page),
    score: (arch, signal) => scoreNow(page, arch, signal),
    onRefused: () => state.now.editor?.focus(),
    onBusy: (busy) => state.update({ busy }),
    dear: (macs) => dearWords(page, macs),
    onEnd: (words) => elsewhere.say(words, byId('answer'), [panel.element]),
    onFailed: () => state.update({ wish: state.now.wish && { ...state.now.wish, failed: true } }),
  });
  const drop = new DropZone({
    onList: (file) => list.scoreFile(file),
    onModels: (files, data, address) => takeModels(page, files, data, address),
    isModel: (file) => dextr.isModel(file),
    wants: ({ name }) => state.now.editor?.model?.info.data_files.includes(name) ?? false,
    onPicture: async (file) => {
      settings.unfold();
      await settings.picture.use(file);
      elsewhere.say(`${file.name} is the input image now.`, settings.picture.element);
    },
    onNews,
  });
  const list = new ListPanel({
    dextr,
    announce: (text) => announcer.say(text),
    onNews,
    getSettings: () => ({ space: state.now.space.name, ...settings.request(), reading: rememberedReading() }),
    onReading: rememberReading,
    takeFiles: (files) => void drop.take(files),
    openRow: (row) => openRow(page, row),
  });
  /** @type {Page} */
  const page = { dextr, state, spaces, panel, settings, runner, drop, list, search: searchPanel(dextr, () => page, onNews) };
  return page;
}

/** @param {Dextr} dextr @param {() => Page} page @param {(words: string, place: HTMLElement) => void} onNews */
function searchPanel(dextr, page, onNews) {
  return new SearchPanel({
    dextr,
    getRequest: () => ({ ...page().settings.request(), space: page().state.now.space.name }),
    open: (name, arch) => {
      const space = spaceNamed(page(), name);
      if (space) openSpace(page(), space, { arch });
      page().runner.ask();
      byId('answer-heading').focus();
    },
    onNews,
    link: (wishes) => `${location.origin}${location.pathname}${writeLink({ space: page().state.now.space.name, search: JSON.stringify(wishes), settings: page().settings.changed() })}`,
  });
}

/** Puts the parts into their places, where they follow the state. @param {Page} page @param {() => void} onDevice */
function show(page, onDevice) {
  const { state, settings, spaces } = page;
  const picker = new SpacePicker(spaces, (space) => openSpace(page, space, { arch: example(page, space) }));
  byId('space').replaceChildren(picker.element);
  byId('settings').replaceChildren(settings.element);
  byId('files').replaceChildren(page.drop.element);
  byId('list').replaceChildren(page.list.element);
  byId('search').append(page.search.element);
  state.subscribe('space', ({ space }) => {
    picker.set(space);
    settings.setSpace(space);
  });
  state.subscribe('editor', ({ editor }) => byId('architecture').replaceChildren(...(editor ? [editor.element] : [])));
  state.subscribe('damage', ({ damage }) => byId('link-problem').replaceChildren(...damageNotice(damage)));
  state.subscribe('shown', ({ shown }) => byId('answer').replaceChildren(...(shown ? [answer(shown.result)] : [])));
  for (const name of /** @type {const} */ (['shown', 'kept'])) state.subscribe(name, ({ shown, kept }) => showKept(page, shown, kept));
  state.subscribe('wish', ({ wish, shown }) => showWish(wish, shown));
  state.subscribe('busy', ({ busy }) => {
    byId('answer').setAttribute('aria-busy', String(busy));
    onDevice();
  });
}

/** What a picked space shows at first: an example, or the last model file. @param {Page} page @param {Space} space */
function example({ state }, { examples }) {
  return examples[0]?.arch ?? [...state.now.models.keys()].at(-1);
}

/** Whose the answer is while something else is scored, and after that failed. @param {Memory['wish']} wish @param {Memory['shown']} shown */
function showWish(wish, shown) {
  const other = wish && shown;
  byId('answer').classList.toggle('stale', Boolean(other));
  byId('answer-stale').replaceChildren(...(other ? [h('p', { class: 'notice' },
    wish.failed ? `Not scored: ${wish.name}. ` : `${wish.name} is being scored. `,
    'What stands below is the earlier answer, of ', h('code', {}, shown.result.score.arch), '.')] : []));
}

/** @param {Page} page @param {Memory['shown']} shown @param {Memory['kept']} kept */
function showKept({ state }, shown, kept) {
  const drop = () => {
    state.update({ kept: null });
    byId('answer-heading').focus();
  };
  byId('comparison').replaceChildren(...(shown && kept ? [comparison(kept, shown, drop)] : []));
}

/** @param {string[]} damage */
function damageNotice(damage) {
  return damage.length === 0 ? [] : [h('p', { class: 'notice' }, h('strong', {}, 'The link is damaged. '), damage.join(' '),
    ' What could be read was opened; ask for the link again, or set the rest by hand.')];
}
