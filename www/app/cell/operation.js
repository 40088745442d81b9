// How a choice's value looks and reads, from its name alone: the spaces bring
// their own operations.

/** What the operations of the benchmarks do, in words. @type {[RegExp, string][]} */
const WORDS = [
  [/^(none|zero)$/, 'no connection'],
  [/^(skip_connect|skip|identity)$/, 'identity'],
  [/^nor_conv_(\d)x\d$/, 'ReLU, $1×$1 convolution, batch norm'],
  [/^sep_conv_(\d)x\d$/, 'separable $1×$1 convolution'],
  [/^dil_conv_(\d)x\d$/, 'dilated $1×$1 convolution'],
  [/^avg_pool_(\d)x\d$/, '$1×$1 average pool'],
  [/^max_?pool_?(\d)x\d$/, '$1×$1 maximum pool'],
  [/^conv(\d)x\d-bn-relu$/, '$1×$1 convolution, batch norm, ReLU'],
];

/** What a value means, or nothing where its name says it all. @param {string} value */
export function words(value) {
  const found = WORDS.find(([pattern]) => pattern.test(value));
  return found ? value.replace(found[0], found[1]) : '';
}

/** Whether the value means that there is no edge. @param {string} value */
export function isAbsent(value) {
  return /^(none|zero|0|false|off|no)$/i.test(value);
}

/** A label that fits on an edge. @param {string} value */
export function brief(value) {
  if (isAbsent(value)) return '';
  if (/^(1|true|on|yes)$/i.test(value)) return '';
  if (/^(skip|identity)/i.test(value)) return 'skip';
  const size = /(\d+)x\d+/.exec(value)?.[0].replace('x', '×') ?? '';
  const kind = /^(sep|dil|avg|max)/.exec(value)?.[1] ?? /(conv|pool)/.exec(value)?.[1] ?? '';
  const short = [kind, size].filter(Boolean).join(' ');
  return short || (value.length > 9 ? `${value.slice(0, 8)}…` : value);
}

/**
 * The classes of a line that stands for a value.
 * @param {string} value @param {string[]} values All that are offered: their order gives the colour.
 */
export function lineClass(value, values) {
  if (isAbsent(value)) return 'absent';
  if (/^(skip|identity)/i.test(value)) return 'plain';
  const colours = values.filter((other) => !isAbsent(other) && !/^(skip|identity)/i.test(other));
  const size = Number(/(\d+)x\d+/.exec(value)?.[1] ?? 2);
  return [`line-${Math.max(0, colours.indexOf(value)) % 6}`, size > 1 ? (size > 3 ? 'widest' : 'wide') : '', /pool/.test(value) ? 'dashed' : '']
    .filter(Boolean).join(' ');
}
