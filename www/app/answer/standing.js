import { DextrError } from '../../dextr/index.js';
import { h, s } from '../../ui/dom.js';
import { count, fault, fixed, significant } from '../../ui/format.js';
import { pictureButtons } from '../../ui/picture.js';
import { rankLine } from './rank.js';
import { groupOf, quantilesOf, referenceOf, shareBelow } from './reference.js';

/** @typedef {import('./reference.js').Reference} Reference */
/** @typedef {import('../../dextr/index.js').Score} Score */
/**
 * Scores random architectures of the answer's space under its settings.
 * @typedef {(count: number, onDone: (done: number) => void, signal: AbortSignal) => Promise<number[]>} Draw
 */

/** How many are drawn where the reference does not apply. */
const DRAWN = 100;
/** The strip's bars, and its box. */
const BINS = 40;
const BOX = { width: 480, height: 64, base: 46 };

/** A share in words: “more than 99 %”. @param {number} share */
export function percent(share) {
  if (share >= 1) return 'all';
  if (share <= 0) return 'none';
  const rounded = Math.round(100 * share);
  return rounded === 100 ? 'more than 99 %' : rounded === 0 ? 'less than 1 %' : `${rounded} %`;
}

/** The distribution, with the answer in it. @param {number[]} quantiles @param {number} value @param {string} label */
function strip(quantiles, value, label) {
  const [low, high] = [Math.min(quantiles[0] ?? 0, value), Math.max(quantiles.at(-1) ?? 1, value)];
  const width = high - low || 1;
  const shares = Array.from({ length: BINS }, (_, bin) =>
    shareBelow(quantiles, low + ((bin + 1) / BINS) * width) - shareBelow(quantiles, low + (bin / BINS) * width));
  const most = Math.max(...shares) || 1;
  const x = (/** @type {number} */ at) => 2 + ((BOX.width - 4) * (at - low)) / width;
  const bar = (/** @type {number} */ share, /** @type {number} */ bin) => {
    const height = (BOX.base - 4) * (share / most);
    return s('rect', { class: 'share', x: 2 + ((BOX.width - 4) * bin) / BINS, y: BOX.base - height, width: (BOX.width - 4) / BINS - 1, height });
  };
  return s('svg', { viewBox: `0 0 ${BOX.width} ${BOX.height}`, class: 'distribution', role: 'img', 'aria-label': label },
    ...shares.map(bar),
    s('line', { class: 'axis', x1: 0, x2: BOX.width, y1: BOX.base, y2: BOX.base }),
    s('line', { class: 'here', x1: x(value), x2: x(value), y1: 0, y2: BOX.base + 4 }, s('title', {}, `this one: ${fixed(value)}`)),
    s('text', { class: 'tick', x: 0, y: BOX.height - 6 }, significant(low)),
    s('text', { class: 'tick end', x: BOX.width, y: BOX.height - 6 }, significant(high)));
}

/** What architectures of such a score reached. @param {Reference} reference @param {number} score */
function reached(reference, score) {
  const lines = reference.reached.flatMap((table) => {
    const group = groupOf(table, score);
    if (!group) return [];
    const [, least, median, most] = group.map(significant);
    return [h('li', {}, `${table.name}: ${least} to ${most}, median ${median}`, h('span', { class: 'quiet' }, ` (${Math.round(table.rows / table.groups.length)} of ${count(table.rows)} trained; ${table.source})`))];
  });
  return lines.length > 0 ? [h('p', {}, 'What architectures of about this score reached when they were trained:'), h('ul', { class: 'reached' }, ...lines)] : [];
}

/** @param {Score} score @param {number} value @param {{ quantiles: number[], of: string, params?: number[], rank?: HTMLElement }} among */
function place(score, value, { quantiles, of, params, rank }) {
  const share = percent(shareBelow(quantiles, value));
  const size = params ? ` Its ${count(score.params)} parameters are more than those of ${percent(shareBelow(params, score.params))} of them.` : '';
  const words = share === 'none' ? `Below all of ${of}.` : `Above ${share} of ${of}.`;
  const drawing = strip(quantiles, value, `${words} Scores from ${significant(quantiles[0] ?? 0)} to ${significant(quantiles.at(-1) ?? 0)}; this one ${fixed(value)}.`);
  return [h('p', {}, h('strong', {}, words), size), ...(rank ? [rank] : []), drawing, pictureButtons('dextr-standing', () => drawing)];
}

/** Offers to draw random ones, and shows where the answer stands among them. @param {Score} score @param {number} value @param {Draw} draw @param {string} why */
function offer(score, value, draw, why) {
  const said = h('p', { role: 'status', class: 'quiet' });
  const shown = h('div');
  /** @type {AbortController | null} */
  let running = null;
  const start = async () => {
    running = new AbortController();
    button.replaceChildren('Cancel');
    const say = (/** @type {number} */ done) => {
      said.replaceChildren(`${done} of ${DRAWN} random ones are scored.`);
      // Another answer stands here: nobody waits for this one.
      if (!button.isConnected) running?.abort();
    };
    say(0);
    try {
      const scores = await draw(DRAWN, say, running.signal);
      said.replaceChildren(scores.length === 0 ? 'None of them has a score.' : '');
      if (scores.length > 0) shown.replaceChildren(...place(score, value, { quantiles: quantilesOf(scores), of: `${scores.length} random ones, under these settings` }));
    } catch (error) {
      const thrown = DextrError.from(error);
      const { what, cure } = fault(thrown);
      said.replaceChildren(thrown.code === 'cancelled' ? 'Cancelled.' : `${what} ${cure}`);
    }
    running = null;
    button.replaceChildren(`Score ${DRAWN} random ones now`);
  };
  const button = h('button', { type: 'button', onclick: () => void (running ? running.abort() : start()) }, `Score ${DRAWN} random ones now`);
  return [h('p', {}, why, ' ', button), said, shown];
}

/**
 * Where a score stands among random architectures of its space.
 * @param {Score} score
 * @param {{ usual: boolean, draw: Draw }} setup `usual`: nothing but seeds differs from the default settings.
 */
export function standing(score, { usual, draw }) {
  const element = h('div', { class: 'standing', role: 'region', 'aria-label': 'Among random architectures' });
  const value = score.score;
  if (value === null) return element;
  const show = async () => {
    const reference = usual ? await referenceOf(score.space) : null;
    element.replaceChildren(...(reference
      ? [...place(score, value, { quantiles: reference.score, of: `${count(reference.count)} random architectures of ${score.space}`, params: reference.params, rank: rankLine(score) }), ...reached(reference, value)]
      : offer(score, value, draw, usual ? 'There is no reference for this space.' : 'The reference of this space was made under default settings, which these are not.')));
  };
  void show();
  return element;
}
