import { DextrError, Model } from '../../dextr/index.js';
import { h } from '../../ui/dom.js';
import { count, fault, fixed, seconds, seedRange, short, significant } from '../../ui/format.js';
import { copyBox, copyButton } from '../../ui/copybox.js';
import { scoredRow } from '../list/row.js';
import { toCsv, toJsonLines } from '../list/save.js';
import { networkGraph } from '../network/index.js';
import { save, saveBlob } from '../../ui/save.js';
import { knownNetworks } from './known.js';
import { latexRow } from './latex.js';
import { layerTable } from './layers.js';
import { otherProxies } from './proxies.js';
import { snippetText } from './snippet.js';
import { standing } from './standing.js';
import { statusNotice } from './status.js';
import { Strip } from './strip.js';
import { surveyPanel } from './survey.js';
import { trustLine } from './trust.js';
import { ValuesPanel } from './values.js';

/** @typedef {import('../../dextr/index.js').Score} Score */
/**
 * A score as the page shows it.
 * @typedef {object} Result
 * @property {Score} score
 * @property {string} [picture] The name of the user's own picture.
 * @property {string} device The device in words, with its reason.
 * @property {string} link Reopens the setup.
 * @property {number | null} before The score before the last edit, under the same settings.
 * @property {(name: string) => Promise<ArrayLike<number>>} singularValues Of one of its maps; computed when it is looked at.
 * @property {() => Promise<import('../../dextr/index.js').Inspection>} inspect
 * @property {import('./survey.js').Compute} survey
 * @property {boolean} usual Whether nothing but seeds differs from the default settings.
 * @property {import('./standing.js').Draw} draw
 * @property {import('../../dextr/dextr.js').ProxyInfo[]} proxies All that there are.
 * @property {(() => Promise<Uint8Array>) | null} onnx The architecture as a model file, with the weights of its seed; null for what is one.
 * @property {() => void} keep Keeps the answer, to stand beside the next.
 */

/** @param {string} name @param {string} value @param {string} [meaning] */
function fact(name, value, meaning) {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value, meaning && h('span', { class: 'help' }, meaning)));
}

/** @param {string} name @param {string} value @param {string} meaning */
function half(name, value, meaning) {
  return h('div', { class: 'half' }, h('dt', {}, name), h('dd', {}, value, h('span', { class: 'help' }, meaning)));
}

/** What the edit did. @param {Result} result */
function change({ score, before }) {
  if (score.score === null || before === null) return null;
  const by = score.score - before;
  return h('span', { class: 'deviation' }, `${by < 0 ? '−' : '+'}${fixed(Math.abs(by))} against ${fixed(before)} before the edit`);
}

/** @param {Result} result */
function headline(result) {
  const { score } = result;
  const value = score.score === null ? h('span', {}, 'no score') : h('data', { value: score.score }, fixed(score.score));
  return h('div', { class: 'headline' },
    h('div', { class: 'score' }, h('span', { class: 'score-name' }, 'Dextr = S·K / (S + K)'), value,
      score.score_std !== null && h('span', { class: 'deviation' }, ` ± ${fixed(score.score_std)} over ${score.seeds} seeds`), change(result)),
    h('dl', { class: 'halves' },
      half('S', fixed(score.s), `independent features: ln(1 + Σ ratios), Σ = ${significant(score.ratio_sum)} over ${score.layers.length} maps`),
      half('K', fixed(score.k), `bend of the output: ln(1 + κ), κ = ${significant(score.curvature)} over ${score.curves} ${score.curves === 1 ? 'curve' : 'curves'}`)));
}

/** Whether a link says more than a snippet can. @param {string} link */
function hasSettings(link) {
  return [...new URLSearchParams(link.replace(/^.*#/, '')).keys()].some((key) => !['space', 'arch', 'seed'].includes(key));
}

/** @param {() => Promise<Uint8Array>} onnx */
function saveModel(onnx) {
  const words = 'Save as ONNX';
  const button = h('button', { type: 'button', title: 'The network with the weights of its seed, opset 17', onclick: async () => {
    button.replaceChildren('Writing …');
    try {
      saveBlob('dextr-network.onnx', new Blob([/** @type {BlobPart} */ (await onnx())]));
      button.replaceChildren(words);
    } catch (error) {
      button.replaceChildren(fault(DextrError.from(error)).what);
    }
  } }, words);
  return button;
}

/** What can be taken along. @param {Result} result */
function keep({ score, link, picture, onnx }) {
  // Device and file of this visit are not part of the setup.
  const url = new URLSearchParams(link.replace(/#.*$/, '')).get('url');
  const address = `${location.origin}${location.pathname}${link}`;
  return h('details', { class: 'keep' }, h('summary', {}, 'Save, link, embed'),
    h('div', { class: 'buttons' },
      h('button', { type: 'button', onclick: () => save('dextr-answer.csv', 'text/csv', toCsv([scoredRow(score)])) }, 'Save answer as CSV'),
      h('button', { type: 'button', title: 'With every observed map', onclick: () => save('dextr-answer.json', 'application/json', toJsonLines([scoredRow(score)], [score.layers])) }, 'Save answer as JSON'),
      onnx && saveModel(onnx),
      copyButton('Copy as CSV', () => toCsv([scoredRow(score)])),
      copyButton('Copy as JSON', () => toJsonLines([scoredRow(score)], [score.layers])),
      copyButton('Copy a LaTeX row', () => latexRow(score)),
      h('a', { href: link }, 'link to this setup')),
    copyBox('Copy the link', address),
    score.space === Model.space && h('p', { class: 'help' }, url ? 'The link names the file’s address.' : 'The link cannot carry your file: whoever opens it is asked for it.'),
    picture && h('p', { class: 'help' }, 'The link cannot carry your picture: whoever opens it sees the score with the default one.'),
    h('p', { class: 'help' }, 'On your own page:'),
    copyBox('Copy the snippet', snippetText(score, url)),
    score.space === Model.space && !url && h('p', { class: 'help' }, 'Put the file beside the page, or give its address as src.'),
    hasSettings(link) && h('p', { class: 'help' }, 'The snippet carries the weight seed; its other settings are the initial ones, so its score may differ from this one.'));
}

/**
 * One score with its evidence.
 * @param {Result} result
 */
export function answer(result) {
  const { score } = result;
  return h('div', { class: 'answer' },
    headline(result),
    h('p', { class: 'arch' }, h('span', { class: 'quiet' }, `${score.space} `), h('code', {}, score.arch)),
    h('p', {}, h('button', { type: 'button', class: 'small', onclick: result.keep }, 'Compare with the next')),
    statusNotice(score),
    trustLine(score),
    score.space === Model.space ? knownNetworks(score, result.usual) : standing(score, result),
    otherProxies(score, result.proxies),
    facts(result),
    h('p', { class: 'help' }, `Device: ${result.device}`),
    ...evidence(result),
    keep(result));
}

/** @param {Result} result */
function facts({ score, picture }) {
  return h('dl', { class: 'facts' },
    fact('Parameters', count(score.params)),
    fact('MACs', short(score.macs), 'multiply-accumulates'),
    fact(score.seeds > 1 ? 'Weight seeds' : 'Weight seed', seedRange(score), `${shown(score, picture)}, curves ${score.curve_seed}`),
    fact('Protocol', score.protocol, `observes ${score.observe}`),
    fact('Time', seconds(score.seconds), `on the ${score.device === 'webgpu' ? 'GPU' : 'CPU'}`));
}

/** What the network was shown. @param {Result['score']} score @param {Result['picture']} picture */
function shown({ image, image_seed: seed }, picture) {
  if (image.startsWith('ids:')) return 'your own token ids';
  return image === 'tokens' ? `token ids ${seed}` : `image ${picture ?? seed}`;
}

/** Where channels become collinear. @param {Result} result */
function evidence({ score, singularValues, inspect, survey }) {
  const maps = score.layers;
  const values = new ValuesPanel(maps, singularValues);
  const onPick = (/** @type {string} */ name) => void values.show(name);
  const graph = networkGraph({ open: score.space === Model.space, maps, inspect, onPick });
  const observed = maps.length > 0 ? [new Strip(maps, { onPick }).element, values.element] : [];
  return [...observed, surveyPanel(survey), graph, ...(maps.length > 0 ? [layerTable(maps)] : [])];
}
