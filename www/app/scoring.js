import { DextrError, Model } from '../dextr/index.js';
import { progressWords } from '../ui/progress.js';
import { deviceText } from './form/device.js';
import { writeLink } from './link.js';

/** @typedef {import('./state.js').Page} Page */
/** @typedef {import('../dextr/index.js').Score} Score */

/** What takes so long at first. */
const COMPILING = 'First score on this GPU: its programs are being compiled. ';

/** The architecture in the form, in canonical form; throws what is wrong. @param {Page} page */
export async function checked({ settings, state }) {
  if (!settings.valid) throw new DextrError({ code: 'bad-setting', message: 'A setting is out of its range.' });
  return /** @type {import('./state.js').Editor} */ (state.now.editor).check();
}

/** What a link after `#` says of an architecture in the form. @param {Page} page @param {string} arch */
export function setupLink({ state, settings }, arch) {
  return writeLink({ space: state.now.space.name, arch, settings: settings.changed() });
}

/** The query of a file that can be fetched again. @param {Page} page @param {string} arch */
function query({ state }, arch) {
  const address = state.now.space.name === Model.space && state.now.models.get(arch)?.address;
  return address ? `?${new URLSearchParams({ url: address })}` : '';
}

/** The device that a score was made on: what the GPU could not do was done on the CPU, and the score says why. @param {Page} page @param {Score} score */
function usedDevice({ dextr: { device } }, score) {
  return deviceText(score.device === device.kind ? device : { kind: 'cpu', name: 'CPU' });
}

/** The score before an edit: a difference says something between architectures alone. @param {Page} page @param {Score} score @param {string} settings */
function scoreBefore({ state }, score, settings) {
  const { shown } = state.now;
  const edited = shown && score.space !== Model.space && shown.settings === settings && shown.result.score.arch !== score.arch;
  return edited ? shown.result.score.score : null;
}

/** Shorter ones need no word before, in seconds. */
const LONG = 5;
/** A dropped model file is a wish: it is scored at once up to here, in seconds. */
const PATIENCE = 60;
/** A smaller score says little of the pace of larger ones, in multiply-accumulates. */
const TELLING = 1e8;
/** Seconds for a multiply-accumulate before any is known: a slow laptop's. */
export const PACE = 2e-9;

/** @param {number} seconds */
function about(seconds) {
  return seconds < 90 ? `${Math.round(seconds / 5) * 5} s` : `${Math.round(seconds / 60)} min`;
}

/** What a score may take, where it is long: by the pace of earlier ones. @param {number} pace @param {number} macs */
export function costWords(pace, macs) {
  return pace * macs < LONG ? '' : `; a score may take about ${about(pace * macs)} here`;
}

/** Why a score is not begun unasked; empty where it is. @param {Page} page @param {number} macs */
export function dearWords({ state: { now } }, macs) {
  const seconds = now.pace * macs;
  const most = now.space.name === Model.space ? PATIENCE : LONG;
  return seconds < most ? '' : `Not scored yet: it may take about ${about(seconds)}. Press Score to begin.`;
}

/** Settings that leave the distribution of scores as it is. */
const SEEDS = ['seed', 'seeds', 'image_seed', 'curve_seed', 'swap_size', 'proxies'];

/** Whether nothing but seeds differs from the default settings. @param {Page} page */
function isUsual({ settings }) {
  return !settings.picture.value && Object.keys(settings.changed()).every((key) => SEEDS.includes(key));
}

/** Scores random architectures of a space. @param {Page} page @param {Partial<import('../dextr/index.js').ScoreRequest>} request @param {string} space @returns {import('./answer/standing.js').Draw} */
function drawing({ dextr }, request, space) {
  return async (count, onDone, signal) => {
    const list = await Promise.all(Array.from({ length: count }, (_, seed) => dextr.sample(space, seed)));
    /** @type {number[]} */
    const scores = [];
    let done = 0;
    for await (const row of dextr.scoreAll(list, { ...request, space, signal })) {
      if (typeof row.score === 'number') scores.push(row.score);
      onDone(++done);
    }
    return scores;
  };
}

/**
 * Scores an architecture under the settings in the form, and shows the answer.
 * @param {Page} page
 * @param {string} arch
 * @param {AbortSignal} signal
 */
export async function scoreNow(page, arch, signal) {
  const { dextr, state, settings, panel, list } = page;
  const { space, editor, warm } = state.now;
  const link = `${query(page, arch)}${setupLink(page, arch)}`;
  const picture = settings.picture.value?.name;
  const [usual, draw] = [isUsual(page), drawing(page, { ...settings.request(), proxies: undefined }, space.name)];
  const used = `${writeLink({ space: space.name, settings: settings.changed() })} ${picture}`;
  const request = { .../** @type {import('./state.js').Editor} */ (editor).request(arch), ...settings.request() };
  const first = warm ? '' : COMPILING;
  if (first) panel.say(first);
  state.update({ wish: { name: arch, failed: false } });
  const score = await dextr.score(request, {
    signal,
    // A list that is being scored gives way to what is edited.
    urgent: true,
    onProgress: (progress) => {
      const { share, words } = progressWords(progress);
      panel.progress({ share, words: `${first}${words}` });
    },
  });
  const result = {
    score, picture, link, usual, draw, proxies: dextr.proxies, device: usedDevice(page, score), before: scoreBefore(page, score, used),
    singularValues: (/** @type {string} */ name) => dextr.singularValues(request, name, { urgent: true }),
    inspect: () => dextr.inspect(request),
    keep: () => state.update({ kept: shown }),
    onnx: space.name === Model.space ? null : () => dextr.export({ space: space.name, arch, options: request.options, seed: request.seed }),
    survey: (/** @type {(progress: import('../dextr/index.js').Progress) => void} */ onProgress) => dextr.survey(request, { urgent: true, onProgress }),
  };
  const seeds = Math.max(1, score.seeds);
  const shown = { result, settings: used };
  state.update({ warm: true, shown, wish: null, pace: score.macs > TELLING && warm ? score.seconds / seeds / score.macs : state.now.pace });
  list.add(score);
  return score;
}
