import { h } from './dom.js';
import { count, fixed, seconds, seedRange, sentence, short, significant } from './format.js';
import { layerTable } from './layers.js';
import { strip } from './strip.js';

/** @param {string} name @param {string} value @param {string} [meaning] */
function fact(name, value, meaning) {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value, meaning && h('span', { class: 'help' }, meaning)));
}

/**
 * One score with its evidence.
 * @param {import('./save.js').Result} result
 */
export function answer({ score, picture, device, link }) {
  const value = score.score === null ? h('span', {}, 'no score') : h('data', { value: score.score }, fixed(score.score));
  return h('div', { class: 'answer' },
    h('p', { class: 'score' }, h('span', { class: 'score-name' }, 'Dextr score'), value,
      score.score_std !== null && h('span', { class: 'deviation' }, ` ± ${fixed(score.score_std)} over ${score.seeds} seeds`)),
    h('p', { class: 'arch' }, h('code', {}, score.arch), ' ', h('a', { href: link }, 'link to this setup')),
    score.message && h('p', { class: 'notice' }, score.status !== 'ok' && h('strong', {}, `${score.status}: `), sentence(score.message)),
    h('dl', { class: 'facts' },
      fact('S', fixed(score.s), 'independence of the feature maps: ln(1 + Σ ratios)'),
      fact('K', fixed(score.k), 'bend of the output: ln(1 + κ), mean over the curves'),
      fact('κ', significant(score.curvature), 'extrinsic curvature'),
      fact('Σ ratios', significant(score.ratio_sum)),
      fact('Parameters', count(score.params)),
      fact('MACs', short(score.macs), 'multiply-accumulates'),
      fact(score.seeds > 1 ? 'Weight seeds' : 'Weight seed', seedRange(score)),
      fact('Image, curve seed', `${picture ?? score.image_seed}, ${score.curve_seed}`),
      fact('Protocol', score.protocol, `${score.observe}, ${score.curves} ${score.curves === 1 ? 'curve' : 'curves'}`),
      fact('Time', seconds(score.seconds))),
    h('p', {}, h('span', { class: 'help' }, 'Device '), device),
    score.layers.length > 0 && strip(score.layers),
    score.layers.length > 0 && layerTable(score.layers));
}
