import { openDB } from 'idb';

/** @typedef {import('./form.js').Wishes} Wishes */
/**
 * A search as it was left: what was wished for, the settings of its scores, the
 * engine's state, and its rows so far.
 * @typedef {{ wishes: Wishes, request: Record<string, unknown>, state: string, done: number, total: number, aim: string, steps: import('./line.js').Step[] }} Kept
 */

const [DATABASE, VERSION, SEARCH, ROWS, NOW] = ['dextr-search', 1, 'search', 'rows', 'now'];

/** @param {any} kept @returns {kept is Kept} */
function isKept(kept) {
  return typeof kept?.state === 'string' && typeof kept.wishes === 'object' && Number.isSafeInteger(kept.done) && Array.isArray(kept.steps);
}

/**
 * Keeps the search under way, so that it goes on after a reload: state and rows
 * in one transaction, since neither says anything without the other.
 */
export class SearchKeeper {
  #onTrouble;
  #told = false;
  /** @type {Promise<import('idb').IDBPDatabase | null>} */
  #database;

  /** @param {(what: string) => void} onTrouble Hears once of storage that is forbidden or full. */
  constructor(onTrouble) {
    this.#onTrouble = onTrouble;
    this.#database = Promise.resolve().then(() => openDB(DATABASE, VERSION, { upgrade: (fresh) => {
      fresh.createObjectStore(SEARCH);
      fresh.createObjectStore(ROWS, { autoIncrement: true });
    } })).catch((error) => this.#trouble(error));
  }

  /** What an earlier visit left. @returns {Promise<{ kept: Kept, rows: unknown[] } | null>} */
  async left() {
    const database = await this.#database;
    const kept = await database?.get(SEARCH, NOW).catch(() => null);
    return database && isKept(kept) ? { kept, rows: await database.getAll(ROWS).catch(() => []) } : null;
  }

  /** @param {Kept} kept @param {unknown[]} rows Those since the last time. */
  async put(kept, rows) {
    const database = await this.#database;
    if (!database) return;
    try {
      const transaction = database.transaction([SEARCH, ROWS], 'readwrite');
      transaction.objectStore(SEARCH).put(kept, NOW).catch(() => {});
      for (const row of rows) transaction.objectStore(ROWS).add(row).catch(() => {});
      transaction.commit();
      await transaction.done;
    } catch (error) {
      this.#trouble(error);
    }
  }

  async forget() {
    const database = await this.#database;
    await Promise.all([SEARCH, ROWS].map((store) => database?.clear(store).catch(() => {})));
  }

  /** @param {unknown} error */
  #trouble(error) {
    if (!this.#told) {
      this.#told = true;
      const full = error instanceof Error && error.name === 'QuotaExceededError';
      this.#onTrouble(`${full ? 'The browser’s storage is full' : 'The browser does not let this page store anything'}: the search lasts until you leave the page.`);
    }
    return null;
  }
}
