import { h } from './dom.js';
import { count, fixed, seconds, seedRange, short, significant } from './format.js';
import { layerTable } from './layers.js';
import { scoredRow } from './list/row.js';
import { toCsv, toJsonLines } from './list/save.js';
import { networkGraph } from './network/index.js';
import { ONNX } from './onnx/space.js';
import { save } from './save.js';
import { copyBox, snippetText } from './snippet.js';
import { statusNotice } from './status.js';
import { strip } from './strip.js';
import { valuesPanel } from './values.js';

/** @param {string} name @param {string} value @param {string} [meaning] */
function fact(name, value, meaning) {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value, meaning && h('span', { class: 'help' }, meaning)));
}

/** @param {string} name @param {string} value @param {string} meaning */
function half(name, value, meaning) {
  return h('div', { class: 'half' }, h('dt', {}, name), h('dd', {}, value, h('span', { class: 'help' }, meaning)));
}

/** What the edit did. @param {import('./save.js').Result} result */
function change({ score, before }) {
  if (score.score === null || before === null || before === undefined) return null;
  const by = score.score - before;
  return h('span', { class: 'deviation' }, `${by < 0 ? '−' : '+'}${fixed(Math.abs(by))} against ${fixed(before)} before the edit`);
}

/** @param {import('./save.js').Result} result */
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

/** What can be taken along. @param {import('./save.js').Result} result */
function keep({ score, link, picture }) {
  // Device and file of this visit are not part of the setup.
  const url = new URLSearchParams(link.replace(/#.*$/, '')).get('url');
  const address = `${location.origin}${location.pathname}${link}`;
  return h('details', { class: 'keep' }, h('summary', {}, 'Save, link, embed'),
    h('div', { class: 'buttons' },
      h('button', { type: 'button', onclick: () => save('dextr-answer.csv', 'text/csv', toCsv([scoredRow(score)])) }, 'Save answer as CSV'),
      h('button', { type: 'button', title: 'With every observed map', onclick: () => save('dextr-answer.json', 'application/json', toJsonLines([scoredRow(score)], [score.layers])) }, 'Save answer as JSON'),
      h('a', { href: link }, 'link to this setup')),
    copyBox('Copy the link', address),
    score.space === ONNX && h('p', { class: 'help' }, url ? 'The link names the file’s address.' : 'The link cannot carry your file: whoever opens it is asked for it.'),
    picture && h('p', { class: 'help' }, 'The link cannot carry your picture: whoever opens it sees the score with the default one.'),
    h('p', { class: 'help' }, 'On your own page:'),
    copyBox('Copy the snippet', snippetText(score, url)),
    score.space === ONNX && !url && h('p', { class: 'help' }, 'Put the file beside the page, or give its address as src.'),
    hasSettings(link) && h('p', { class: 'help' }, 'The snippet carries the weight seed; its other settings are the initial ones, so its score may differ from this one.'));
}

/**
 * One score with its evidence.
 * @param {import('./save.js').Result} result
 * @param {object} more Computed when it is looked at.
 * @param {(name: string) => Promise<ArrayLike<number>>} more.singularValues Of one of its maps.
 * @param {() => Promise<import('../dextr/index.js').Inspection>} more.inspect
 */
export function answer(result, { singularValues, inspect }) {
  const { score, picture, device } = result;
  const values = valuesPanel(score.layers, singularValues);
  return h('div', { class: 'answer' },
    headline(result),
    h('p', { class: 'arch' }, h('span', { class: 'quiet' }, `${score.space} `), h('code', {}, score.arch)),
    statusNotice(score),
    h('dl', { class: 'facts' },
      fact('Parameters', count(score.params)),
      fact('MACs', short(score.macs), 'multiply-accumulates'),
      fact(score.seeds > 1 ? 'Weight seeds' : 'Weight seed', seedRange(score), `image ${picture ?? score.image_seed}, curves ${score.curve_seed}`),
      fact('Protocol', score.protocol, `observes ${score.observe}`),
      fact('Time', seconds(score.seconds), `on the ${score.device === 'webgpu' ? 'GPU' : 'CPU'}`)),
    h('p', { class: 'help' }, `Device: ${device}`),
    score.layers.length > 0 && strip(score.layers, values.show),
    score.layers.length > 0 && values.element,
    networkGraph({ open: score.space === ONNX, maps: score.layers, inspect, onPick: values.show }),
    score.layers.length > 0 && layerTable(score.layers),
    keep(result));
}
