// What two networks do not have in common, layer by layer.

/** @typedef {import('../../dextr/dextr.js').Layer} Layer */
/** Layers alike in their place in a block. @typedef {{ pattern: string, count: number, before: string, now: string }} Change */

/** What a layer is, in words. @param {Layer | undefined} layer */
function words(layer) {
  return layer ? `${layer.kind} ${layer.shape.join('×')}` : '–';
}

/** A name without the numbers of its stage and block, which are many of one kind. @param {string} name */
function pattern(name) {
  const parts = name.split('.');
  return parts.map((part, index) => (index < parts.length - 2 ? part.replace(/\d+/g, '*') : part)).join('.');
}

/**
 * The layers by whose names the networks differ: there in one of them alone, or
 * of another kind or shape. Alike ones of many blocks are one change.
 * @param {Layer[]} before @param {Layer[]} now
 * @returns {{ changes: Change[], names: Set<string> }} `names`: of the layers of `now` that are others.
 */
export function difference(before, now) {
  const [old, own] = [before, now].map((layers) => new Map(layers.map((layer) => [layer.name, layer])));
  const names = [...new Set([...now, ...before].map(({ name }) => name))];
  const changed = names.filter((name) => words(old?.get(name)) !== words(own?.get(name)));
  /** @type {Map<string, Change>} */
  const changes = new Map();
  for (const name of changed) {
    const [a, b] = [old?.get(name), own?.get(name)];
    const key = `${pattern(name)} ${a?.kind} ${b?.kind}`;
    const known = changes.get(key);
    if (known) {
      known.count++;
      // Shapes differ from stage to stage.
      [known.before, known.now] = [a ? a.kind : '–', b ? b.kind : '–'];
    } else changes.set(key, { pattern: pattern(name), count: 1, before: words(a), now: words(b) });
  }
  return { changes: [...changes.values()], names: new Set(changed.filter((name) => own?.has(name))) };
}
