import { openDB } from '../vendor/idb.js';

/** @typedef {import('./row.js').Row} Row */
/** @typedef {ReturnType<typeof import('./store.js').rowStore>} Store */

const [DATABASE, VERSION, ROWS] = ['dextr-list', 1, 'rows'];
/** Rows are written this long after they came in, in milliseconds. */
const DELAY = 300;

/**
 * Keeps the rows in the browser's database, and brings back those of earlier
 * visits. Where storage is forbidden or full, `onTrouble` hears of it once and
 * all else goes on.
 * @param {Store} store
 * @param {(what: string) => void} onTrouble
 */
export async function keepRows(store, onTrouble) {
  /** What is not yet written: a row, or null for one to be deleted. @type {Map<number, Row | null>} */
  let waiting = new Map();
  /** @type {import('../vendor/idb.js').IDBPDatabase | null} */
  let database = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let failed = false;

  /** @param {unknown} error */
  const fail = (error) => {
    if (failed) return;
    failed = true;
    clearTimeout(timer);
    waiting.clear();
    const full = error instanceof Error && error.name === 'QuotaExceededError';
    onTrouble(full ? 'The browser’s storage is full' : 'The browser does not let this page store anything');
  };
  const write = async () => {
    clearTimeout(timer);
    timer = undefined;
    if (!database || waiting.size === 0) return;
    const batch = waiting;
    waiting = new Map();
    try {
      const transaction = database.transaction(ROWS, 'readwrite');
      // One failure ends the transaction, and `done` tells it.
      for (const [id, row] of batch) (row ? transaction.store.put(row) : transaction.store.delete(id)).catch(() => {});
      await transaction.done;
    } catch (error) {
      fail(error);
    }
  };

  store.subscribe(({ added, removed, restored }) => {
    if (failed || restored) return;
    for (const { id } of removed) waiting.set(id, null);
    for (const row of added) waiting.set(row.id, row);
    timer ??= setTimeout(write, DELAY);
  });
  addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && write());

  try {
    database = await openDB(DATABASE, VERSION, { upgrade: (fresh) => void fresh.createObjectStore(ROWS, { keyPath: 'id' }) });
    store.restore((await database.getAll(ROWS)).filter(isRow));
    await write();
  } catch (error) {
    fail(error);
  }
}

/** @param {any} row @returns {row is Row} */
function isRow(row) {
  return Number.isSafeInteger(row?.id) && typeof row.own?.arch === 'string' && row.others instanceof Map;
}
