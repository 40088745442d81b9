import { openDB } from 'idb';

/** @typedef {import('./row.js').Row} Row */

const [DATABASE, VERSION, ROWS] = ['dextr-list', 1, 'rows'];
/** Rows are written this long after they came in, in milliseconds. */
const DELAY = 300;
/** A list that has ended waits so long for its rows to be kept, in milliseconds. */
const PATIENCE = 1000;

/** @param {any} row @returns {row is Row} */
function isRow(row) {
  return Number.isSafeInteger(row?.id) && typeof row.own?.arch === 'string' && row.others instanceof Map;
}

/**
 * Keeps the rows of a store in the browser's database, and brings back those of
 * earlier visits. Where storage is forbidden or full, `onTrouble` hears of it
 * once and all else goes on.
 */
export class Keeper {
  #onTrouble;
  /** What is not yet written: a row, or null for one to be deleted. @type {Map<number, Row | null>} */
  #waiting = new Map();
  /** @type {import('idb').IDBPDatabase | null} */
  #database = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #failed = false;

  /** @param {import('./store.js').RowStore} store @param {(what: string) => void} onTrouble */
  constructor(store, onTrouble) {
    this.#onTrouble = onTrouble;
    store.subscribe((change) => this.#take(change));
    addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && this.#write());
    addEventListener('pagehide', () => this.#write());
    this.#open(store).catch((error) => this.#fail(error));
  }

  /** @param {import('./store.js').RowStore} store */
  async #open(store) {
    this.#database = await openDB(DATABASE, VERSION, { upgrade: (fresh) => void fresh.createObjectStore(ROWS, { keyPath: 'id' }) });
    store.restore((await this.#database.getAll(ROWS)).filter(isRow));
    await this.#write();
  }

  /** @param {import('./store.js').Change} change */
  #take({ added, removed, restored }) {
    if (this.#failed || restored) return;
    for (const { id } of removed) this.#waiting.set(id, null);
    for (const row of added) this.#waiting.set(row.id, row);
    this.#timer ??= setTimeout(() => this.#write(), DELAY);
  }

  /** Writes what waits; resolves when it is kept, or when the browser takes long over it. */
  async flush() {
    await Promise.race([this.#write(), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  }

  async #write() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#database || this.#waiting.size === 0) return;
    const batch = this.#waiting;
    this.#waiting = new Map();
    try {
      const transaction = this.#database.transaction(ROWS, 'readwrite');
      // One failure ends the transaction, and `done` tells it.
      for (const [id, row] of batch) (row ? transaction.store.put(row) : transaction.store.delete(id)).catch(() => {});
      // A page that is left does not live to commit by itself.
      transaction.commit();
      await transaction.done;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    if (this.#failed) return;
    this.#failed = true;
    clearTimeout(this.#timer);
    this.#waiting.clear();
    const full = error instanceof Error && error.name === 'QuotaExceededError';
    this.#onTrouble(full ? 'The browser’s storage is full' : 'The browser does not let this page store anything');
  }
}
