import { DextrError } from '../dextr/index.js';
import { forgetFile } from './link.js';
import { openModel } from './open.js';

/** @typedef {import('./state.js').Page} Page */
/** @typedef {import('./state.js').OpenModel} OpenModel */
/** @typedef {import('../dextr/index.js').Model} Model */

/** @param {Page} page @param {OpenModel} opened */
function remember({ state }, opened) {
  state.update({ models: new Map([...state.now.models, [opened.model.name, opened]]) });
}

/**
 * Opens model files: one to look at, several as rows of the list. Without
 * models, the data files are for the one that is open.
 * @param {Page} page
 * @param {File[]} files
 * @param {File[]} data
 * @param {string} [address] Where they came from.
 */
export async function takeModels(page, files, data, address) {
  const current = page.state.now.editor?.model;
  if (files.length === 0 && current) {
    await addData(page, current, data);
    return;
  }
  if (files.length === 1) page.runner.giveWay(`${files[0]?.name} was opened since.`);
  const opened = [];
  // One after the other: each is read into memory.
  for (const file of files) opened.push(await readModel(page, file, data, { address, alone: files.length === 1 }));
  const [only] = opened;
  if (opened.length > 1) page.list.scoreModels(opened);
  else if (only) openModel(page, only.name);
}

/** Opens a model once more with the files that it names. @param {Page} page @param {Model} model @param {File[]} files */
async function addData(page, { name, file, data }, files) {
  const model = await page.dextr.open(file, { name, data: { ...data, ...Object.fromEntries(files.map((file) => [file.name, file])) } });
  remember(page, { ...page.state.now.models.get(name), model });
  openModel(page, name);
}

/**
 * Opens one file. What is wrong with one of several is said in its row.
 * @param {Page} page
 * @param {File} file
 * @param {File[]} data
 * @param {{ address?: string, alone: boolean }} how
 * @returns {Promise<import('./list/index.js').ListedModel>}
 */
async function readModel(page, file, data, { address, alone }) {
  try {
    const model = await page.dextr.open(file, { data });
    remember(page, { model, address });
    if (!address) forgetFile();
    return { name: file.name, model };
  } catch (thrown) {
    if (alone) throw thrown;
    const { message, hint } = DextrError.from(thrown);
    return { name: file.name, wrong: [message, hint].filter(Boolean).join('; ') };
  }
}
