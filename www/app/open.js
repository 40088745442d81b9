import { Model } from '../dextr/index.js';
import { byId } from '../ui/dom.js';
import { ArchitectureEditor } from './cell/architecture.js';
import { showLink } from './link.js';
import { rowSettings } from './list/row.js';
import { ModelPanel } from './onnx/panel.js';
import { costWords, setupLink } from './scoring.js';

/** @typedef {import('./state.js').Page} Page */
/** @typedef {import('./state.js').Editor} Editor */
/** @typedef {import('./spaces.js').Space} Space */

/** @param {Page} page @param {string | undefined} name */
export function spaceNamed({ spaces }, name) {
  return spaces.find((space) => space.name === name);
}

/**
 * Puts a setup into the form. Gives what could not be taken.
 * @param {Page} page
 * @param {Space} space
 * @param {{ arch?: string, settings?: Record<string, string> }} setup Without `settings`, those in force stay.
 */
export function openSpace(page, space, { arch = '', settings }) {
  const { state } = page;
  if (space !== state.now.space || !state.now.editor) change(page, space, settings);
  const problems = settings ? page.settings.set(settings) : [];
  state.now.editor?.open(arch);
  return problems;
}

/** @param {Page} page @param {Space} space @param {Record<string, string>} [settings] */
function change(page, space, settings) {
  const kept = page.settings.changed();
  page.state.update({ space });
  // The network's options are those of a space.
  page.settings.set(settings ?? Object.fromEntries(Object.entries(kept).filter(([key]) => !key.startsWith('set.'))));
  page.state.update({ editor: newEditor(page, space) });
}

/** @param {Page} page @param {Space} space @returns {Editor} */
function newEditor(page, space) {
  const { dextr, state, settings, runner } = page;
  const common = {
    dextr,
    networkOptions: () => settings.changedOptions(),
    cost: (/** @type {number} */ macs) => costWords(state.now.pace, macs),
    onEdit: () => runner.outdate(),
    onChange: (/** @type {string} */ arch) => {
      // The check of a space that was left may come late.
      if (state.now.editor !== editor) return;
      showLink(setupLink(page, arch));
    },
    onSize: (/** @type {number} */ macs) => {
      if (state.now.editor === editor) runner.follow(macs);
    },
  };
  /** @type {Editor} */
  const editor = space.name === Model.space
    ? new ModelPanel({
      ...common,
      settings: settings.network,
      find: (name) => state.now.models.get(name)?.model,
      onFiles: (files) => void page.drop.take(files),
    })
    : new ArchitectureEditor({
      ...common,
      space,
      onList: (text) => void page.list.scoreText(text),
      onSpace: (name, arch) => openSpace(page, spaceNamed(page, name) ?? space, { arch }),
    });
  return editor;
}

/** Opens what the address says after `#`, and says what it could not read. @param {Page} page @param {import('./link.js').Setup & { damage: string[] }} link @param {Space} first Where it names no space. */
export function openLink(page, link, first) {
  const damage = [...link.damage];
  const asked = spaceNamed(page, link.space);
  if (link.space !== undefined && !asked) damage.push(`There is no search space “${link.space}”.`);
  const next = asked ?? first;
  damage.push(...openSpace(page, next, { arch: link.arch ?? next.examples[0]?.arch, settings: link.settings }));
  page.state.update({ damage });
  if (link.search) {
    page.search.open(link.search);
    byId('search').setAttribute('open', '');
    byId('search-heading').focus();
  }
}

/** Opens a row of the list, and scores it. @param {Page} page @param {import('./list/row.js').Row['own']} row */
export function openRow(page, row) {
  const [name, arch] = [String(row.space ?? ''), String(row.arch ?? '')];
  const space = spaceNamed(page, name);
  if (!space) return;
  openSpace(page, space, { arch, settings: rowSettings(row) });
  // A file of an earlier visit has to be opened first.
  if (name !== Model.space || page.state.now.models.has(arch)) page.runner.ask();
  byId('answer-heading').focus();
}

/** @param {Page} page @param {string} name Of a model file of this visit. */
export function openModel(page, name) {
  const space = spaceNamed(page, Model.space);
  if (space) openSpace(page, space, { arch: name });
}
