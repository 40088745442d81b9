import { h } from '../../ui/dom.js';
import { sentence } from '../../ui/format.js';

/** @typedef {import('../../dextr/index.js').Score} Score */

/** What a status means and what to do, in plain words. @type {Record<string, string>} */
const MEANING = {
  disconnected: 'No path leads from the input to the output, so the output is the same for every picture. Such a network cannot learn: its score is 0. Connect the first node with the last.',
  'single-output': 'The network has one output. A curve on a line cannot bend sideways, so there is no K and no score; S still stands. Use a network whose last vector has several entries.',
  'non-finite': 'A number grew beyond what the device can hold, so nothing can be concluded. Try another weight seed or a smaller network.',
};

/** A notice where there is more to say than a number. @param {Score} score */
export function statusNotice(score) {
  const meaning = MEANING[score.status];
  if (!meaning && !score.message) return null;
  return h('p', { class: 'notice' },
    score.status !== 'ok' && h('strong', {}, `${sentence(score.status)} `), meaning ?? sentence(score.message));
}
