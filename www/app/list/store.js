import { keyOf } from './row.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('./row.js').NewRow} NewRow */
/** @typedef {{ added: Row[], removed: Row[], restored?: boolean }} Change */

/**
 * All rows, in the order they came in.
 * @param {() => number} [now] In milliseconds since 1970.
 */
export function rowStore(now = Date.now) {
  /** @type {Map<number, Row>} */
  let rows = new Map();
  /** What was removed, the last one last. @type {Row[][]} */
  const removals = [];
  /** The rows that say the same, by what they say. @type {Map<string, Set<number>>} */
  const alike = new Map();
  /** @type {Set<(change: Change) => void>} */
  const listeners = new Set();
  // Larger than in earlier visits, whose rows are kept under their numbers.
  let last = now() * 1000;

  /** @param {Change} change */
  const tell = (change) => {
    if (change.added.length + change.removed.length > 0) for (const listener of listeners) listener(change);
  };
  /** @param {Row} row */
  const put = (row) => {
    rows.set(row.id, row);
    const key = keyOf(row);
    const ids = alike.get(key) ?? new Set();
    alike.set(key, ids.add(row.id));
  };
  /** @param {Row} row */
  const drop = (row) => {
    rows.delete(row.id);
    const key = keyOf(row);
    const ids = alike.get(key);
    ids?.delete(row.id);
    if (ids?.size === 0) alike.delete(key);
  };
  /** Puts rows where they were. @param {Row[]} back */
  const putBack = (back) => {
    back.forEach(put);
    rows = new Map([...rows].sort(([a], [b]) => a - b));
  };

  return {
    get all() {
      return [...rows.values()];
    },
    get size() {
      return rows.size;
    },
    /** How many rows the next `undo` brings back. */
    get undoable() {
      return removals.at(-1)?.length ?? 0;
    },
    /** @param {(change: Change) => void} listener */
    subscribe(listener) {
      listeners.add(listener);
    },
    /** The mark of a new list: later rows replace equal ones from before it. */
    begin: () => last,
    /**
     * Adds rows. Rows from before the mark that say the same go: they are these, scored again.
     * @param {NewRow[]} additions
     * @param {number} [mark]
     */
    add(additions, mark = last) {
      /** @type {Row[]} */
      const removed = [];
      const added = additions.map((addition) => {
        for (const id of [...(alike.get(keyOf(addition)) ?? [])]) {
          const row = rows.get(id);
          if (!row || id > mark) continue;
          drop(row);
          removed.push(row);
        }
        const row = { ...addition, id: ++last };
        put(row);
        return row;
      });
      tell({ added, removed });
    },
    /** Takes in rows that were kept elsewhere. @param {Row[]} kept */
    restore(kept) {
      const added = kept.filter(({ id }) => !rows.has(id));
      putBack(added);
      last = Math.max(last, ...added.slice(-1).map(({ id }) => id));
      tell({ added, removed: [], restored: true });
    },
    /** @param {Iterable<number>} ids */
    remove(ids) {
      const removed = [...ids].flatMap((id) => rows.get(id) ?? []);
      removed.forEach(drop);
      if (removed.length > 0) removals.push(removed);
      tell({ added: [], removed });
    },
    /** Brings back what was removed last. */
    undo() {
      const added = removals.pop() ?? [];
      putBack(added);
      tell({ added, removed: [] });
      return added.length;
    },
  };
}
