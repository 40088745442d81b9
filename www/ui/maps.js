import { shape, significant } from './format.js';

/** @typedef {import('../dextr/dextr.js').ObservedMap} ObservedMap */

/** The ratio of a map, what it is made of, and what it is of a random map's. @param {ObservedMap} map */
export function ratioWords({ ratio, sigma_min, sigma_max, relative }) {
  return `ratio ${significant(ratio)} = ${significant(sigma_min)} / ${significant(sigma_max)}, ${significant(relative)} of a random map’s`;
}

/** A map in one line. @param {ObservedMap} map */
export function describe(map) {
  const times = map.count === 1 ? '' : `, counted ${map.count} times`;
  return `${map.name} (${map.kind}, ${shape(map.shape)}): ${ratioWords(map)}${times}`;
}

/**
 * The heights of the bars of a strip, in percent of the highest. A ratio of zero
 * leaves a mark too.
 * @param {ObservedMap[]} maps
 * @param {number} [highest] The ratio of the highest; its own without it.
 */
export function bars(maps, highest = Math.max(...maps.map(({ ratio }) => ratio), 0)) {
  return { highest, heights: maps.map(({ ratio }) => Math.max(highest > 0 ? (100 * ratio) / highest : 0, 1)) };
}
