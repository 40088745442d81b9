/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('./row.js').NewRow} NewRow */
/** @typedef {{ added: Row[], removed: Row[], restored?: boolean }} Change */

/** All rows, in the order they came in. */
export class RowStore {
  #schema;
  /** @type {Map<number, Row>} */
  #rows = new Map();
  /** What was removed, the last one last. @type {Row[][]} */
  #removals = [];
  /** The rows that say the same, by what they say. @type {Map<string, Set<number>>} */
  #alike = new Map();
  /** @type {((change: Change) => void)[]} */
  #listeners = [];
  // Larger than in earlier visits, whose rows are kept under their numbers.
  #last = Date.now() * 1000;

  /** @param {import('./schema.js').RowSchema} schema */
  constructor(schema) {
    this.#schema = schema;
  }

  /** The columns that decide whether two rows are the same experiment. */
  get identity() {
    return this.#schema.identity;
  }

  get all() {
    return [...this.#rows.values()];
  }

  /** How many rows the next `undo` brings back. */
  get undoable() {
    return this.#removals.at(-1)?.length ?? 0;
  }

  /** The mark of a new list: later rows replace equal ones from before it. */
  get mark() {
    return this.#last;
  }

  /** @param {(change: Change) => void} listener */
  subscribe(listener) {
    this.#listeners.push(listener);
  }

  /**
   * Adds rows. Rows from before the mark that say the same go: they are these, scored again.
   * @param {NewRow[]} additions
   * @param {number} [mark]
   */
  add(additions, mark = this.#last) {
    /** @type {Row[]} */
    const removed = [];
    const added = additions.map((addition) => {
      for (const id of [...(this.#alike.get(this.#schema.keyOf(addition)) ?? [])]) {
        const row = this.#rows.get(id);
        if (!row || id > mark) continue;
        this.#drop(row);
        removed.push(row);
      }
      const row = { ...addition, id: ++this.#last };
      this.#put(row);
      return row;
    });
    this.#tell({ added, removed });
    return added;
  }

  /** Takes in rows that were kept elsewhere. @param {Row[]} kept */
  restore(kept) {
    const fresh = kept.filter(({ id }) => !this.#rows.has(id));
    // An earlier version may have had other columns.
    const added = fresh.map((row) => ({ ...row, own: this.#schema.own(new Map(Object.entries(row.own))) }));
    this.#putBack(added);
    this.#last = Math.max(this.#last, ...added.slice(-1).map(({ id }) => id));
    this.#tell({ added, removed: [], restored: true });
  }

  /** Takes rows out for good: others come in their place. @param {Iterable<number>} ids */
  replace(ids) {
    const removed = [...ids].flatMap((id) => this.#rows.get(id) ?? []);
    for (const row of removed) this.#drop(row);
    this.#tell({ added: [], removed });
  }

  /** @param {Iterable<number>} ids */
  remove(ids) {
    const removed = [...ids].flatMap((id) => this.#rows.get(id) ?? []);
    for (const row of removed) this.#drop(row);
    if (removed.length > 0) this.#removals.push(removed);
    this.#tell({ added: [], removed });
  }

  /** Brings back what was removed last. */
  undo() {
    const added = this.#removals.pop() ?? [];
    this.#putBack(added);
    this.#tell({ added, removed: [] });
    return added.length;
  }

  /** @param {Change} change */
  #tell(change) {
    if (change.added.length + change.removed.length > 0) for (const listener of this.#listeners) listener(change);
  }

  /** @param {Row} row */
  #put(row) {
    this.#rows.set(row.id, row);
    const key = this.#schema.keyOf(row);
    const ids = this.#alike.get(key) ?? new Set();
    this.#alike.set(key, ids.add(row.id));
  }

  /** @param {Row} row */
  #drop(row) {
    this.#rows.delete(row.id);
    const key = this.#schema.keyOf(row);
    const ids = this.#alike.get(key);
    ids?.delete(row.id);
    if (ids?.size === 0) this.#alike.delete(key);
  }

  /** Puts rows where they were. @param {Row[]} back */
  #putBack(back) {
    for (const row of back) this.#put(row);
    this.#rows = new Map([...this.#rows].sort(([a], [b]) => a - b));
  }
}
