import { h } from '../app/dom.js';
import { fault, fixed, megabytes, seconds, seedRange, sentence, short } from '../app/format.js';
import { strip } from '../app/strip.js';

/** @typedef {import('../dextr/index.js').Score} Score */
/** @typedef {import('../dextr/index.js').Progress} Progress */

/** @param {Progress} progress @returns {{ share: number | undefined, words: string }} */
function inWords(progress) {
  if (progress.stage === 'download') {
    const { loaded, total } = progress;
    return { share: total ? loaded / total : undefined, words: `Fetching the engine: ${megabytes(loaded)}${total ? ` of ${megabytes(total)}` : ''}` };
  }
  if (progress.stage === 'start') return { share: undefined, words: 'Starting the engine' };
  return { share: progress.done / progress.total, words: `Layer ${progress.done} of ${progress.total}` };
}

/** What runs, with a bar. */
export function progressView() {
  const words = h('p', { class: 'quiet' }, 'Getting ready');
  const bar = h('progress', { 'aria-label': 'Progress', max: 1 });
  return {
    node: h('div', {}, words, bar),
    /** @param {Progress} progress */
    show(progress) {
      const now = inWords(progress);
      words.replaceChildren(now.words);
      if (now.share === undefined) bar.removeAttribute('value');
      else bar.value = now.share;
    },
  };
}

/** @param {[string, string][]} facts */
function facts(facts) {
  return h('dl', {}, ...facts.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}

/** The answer. @param {Score} score @param {import('../dextr/index.js').Device} device */
export function scoreView(score, device) {
  const maps = score.layers;
  const why = device.kind === 'cpu' && device.reason !== 'asked' && device.message ? `: ${device.message}` : '';
  return [
    h('p', { class: 'score' }, score.score === null ? 'no score' : h('data', { value: score.score }, fixed(score.score))),
    (score.status !== 'ok' || score.message) && h('p', { class: 'quiet' }, [score.status !== 'ok' && sentence(score.status), sentence(score.message)].filter(Boolean).join(' ')),
    facts([['S, features', fixed(score.s)], ['K, output', fixed(score.k)], ['Parameters', short(score.params)], ['Multiply-adds', short(score.macs)]]),
    maps.length > 0 && strip(maps, () => {}),
    h('p', { class: 'quiet' }, `Dextr ${score.version}, seed ${seedRange(score)}, ${score.protocol} (${score.observe}), ${device.kind === 'cpu' ? 'CPU' : device.name}${why}, ${seconds(score.seconds)}. Computed on this device, without training.`),
  ];
}

/** @param {import('../dextr/index.js').DextrError} error */
export function errorView(error) {
  const { what, cure } = fault(error);
  return h('div', { role: 'alert' }, h('p', { class: 'error' }, what), cure && h('p', {}, cure));
}
