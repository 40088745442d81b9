import { DextrError } from '../../dextr/index.js';
import { h } from '../../ui/dom.js';
import { count, fault, shape, significant } from '../../ui/format.js';
import { progressWords } from '../../ui/progress.js';

/** @typedef {import('../../dextr/dextr.js').SurveyedLayer} SurveyedLayer */
/** @typedef {(onProgress: (progress: import('../../dextr/index.js').Progress) => void) => Promise<SurveyedLayer[]>} Compute */

/** How many layers are named first. */
const WORST = 5;

/** Why a layer has not its full rank, and what to look at. @param {SurveyedLayer} layer */
export function why({ shape: size, rank, room, relative, loss }) {
  switch (loss?.cause) {
    case 'zero': return 'All its numbers are zero: look at what feeds it.';
    case 'narrow': return `Each of its numbers is made of ${count(loss.inputs)} before it (channels × taps of the kernel), which cannot fill ${count(size[0] ?? 0)}: widen the layer before, or make this one narrower.`;
    case 'dead': return `${loss.channels === 1 ? 'One channel is' : `${count(loss.channels)} channels are`} one number everywhere: look at the activation and its bias.`;
    case 'centred': return 'A norm takes each channel’s mean off, which leaves one direction less than pixels: for its shape alone.';
    case 'inherited': return `What ${loss.from} lost is missing here too.`;
    case 'dependent': return `${count(room - rank)} of its directions are combinations of the others: look at its kernel and at what is summed before it.`;
    default: return relative < 0.1 ? 'Full rank, but a tenth or less of what independent channels of this shape would have: look at the layer before.' : 'As its shape lets expect.';
  }
}

/** Where rank is first lost. @param {SurveyedLayer[]} layers */
function verdict(layers) {
  const lost = layers.filter(({ loss }) => loss && loss.cause !== 'centred');
  const first = lost[0];
  if (!first) return h('p', {}, `None of the ${count(layers.length)} layers loses rank: every map has all the directions that its shape has room for.`);
  return h('p', {}, h('strong', {}, `Rank is first lost at ${first.name}`), ` (${first.kind}, ${shape(first.shape)}): ${count(first.rank)} of ${count(first.room)}. ${why(first)} `,
    `${count(lost.length)} of ${count(layers.length)} layers lack rank.`);
}

/** @param {SurveyedLayer[]} layers @param {(layer: SurveyedLayer) => string} last @param {string} title */
function table(layers, last, title) {
  const head = ['Layer', 'Kind', 'Shape', 'Rank', 'Ratio', 'Against random', title];
  const row = (/** @type {SurveyedLayer} */ layer) => h('tr', {},
    h('th', { scope: 'row' }, layer.name), h('td', {}, layer.kind), h('td', {}, shape(layer.shape)),
    ...[`${layer.rank} of ${layer.room}`, significant(layer.ratio), significant(layer.relative)].map((text) => h('td', { class: 'n' }, text)),
    h('td', { class: 'why' }, last(layer)));
  return h('table', {}, h('thead', {}, h('tr', {}, ...head.map((name, index) => h('th', { scope: 'col', class: index > 2 && index < 6 && 'n' }, name)))), h('tbody', {}, ...layers.map(row)));
}

/** The layers to look at first: what they inherited is not their doing. @param {SurveyedLayer[]} layers */
export function worst(layers) {
  return layers.filter(({ loss }) => loss?.cause !== 'inherited' && loss?.cause !== 'centred').sort((a, b) => a.relative - b.relative).slice(0, WORST);
}

/** @param {SurveyedLayer[]} layers */
function found(layers) {
  return [
    verdict(layers),
    h('p', { class: 'help' }, 'Rank: singular values above a millionth of the largest. Against random: the ratio over that of independent numbers of the same shape, since a square map has a small ratio for its shape alone.'),
    h('h4', {}, 'Look at these first'),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Worst layers' }, table(worst(layers), why, 'What to look at')),
    h('details', {}, h('summary', {}, `All ${layers.length} layers, in order`),
      h('div', { class: 'scroll tall', tabindex: 0, role: 'region', 'aria-label': 'All layers' },
        table(layers, (layer) => (layer.observed ? 'in the score' : ''), 'Counts'))),
  ];
}

/**
 * Every layer's rank, also of those that the score does not observe; computed when
 * it is opened.
 * @param {Compute} compute
 */
export function surveyPanel(compute) {
  const shown = h('div', { 'aria-live': 'polite' });
  let begun = false;
  const look = async () => {
    begun = true;
    const words = h('p', { class: 'quiet' }, 'Computing every layer …');
    shown.replaceChildren(words);
    try {
      shown.replaceChildren(...found(await compute((progress) => words.replaceChildren(progressWords(progress).words))));
    } catch (error) {
      begun = false;
      const { what, cure } = fault(DextrError.from(error));
      shown.replaceChildren(h('p', { class: 'error' }, `${what} ${cure}`));
    }
  };
  /** @type {HTMLDetailsElement} */
  const panel = h('details', { class: 'survey', ontoggle: () => void (panel.open && !begun && look()) },
    h('summary', {}, 'Which layer? Rank and ratio of every layer'), shown);
  return panel;
}
