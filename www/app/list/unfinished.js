import { openDB } from 'idb';

/** @typedef {import('./queue.js').Work} Work */
/**
 * What was left of a list when the page went.
 * @typedef {{ id: string, items: Work['items'], settings: Work['settings'], fileName?: string, done: number }} Left
 */

const [DATABASE, VERSION, LISTS, DONE] = ['dextr-unfinished', 1, 'lists', 'done'];
/** How far a list is, is written at most this often, in milliseconds. */
const DELAY = 500;

/** @param {any} left @returns {left is Left} */
function isLeft(left) {
  return typeof left?.id === 'string' && Array.isArray(left.items) && Number.isSafeInteger(left.done);
}

/**
 * Remembers the lists under way, so that they can go on after a reload. Where
 * storage is forbidden nothing is remembered; the rows' keeper says so.
 */
export class Unfinished {
  /** @type {Promise<import('idb').IDBPDatabase | null>} */
  #database = Promise.resolve().then(() => openDB(DATABASE, VERSION, { upgrade: (fresh) => {
    fresh.createObjectStore(LISTS, { keyPath: 'id' });
    // Apart from the lists, which may be long.
    fresh.createObjectStore(DONE);
  } })).catch(() => null);
  /** @type {Left | null} */
  #now = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Lets other tabs know that a list is still under way. */
  #release = () => {};

  constructor() {
    addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && void this.#write());
    addEventListener('beforeunload', (event) => this.#now && event.preventDefault());
  }

  /** A list begins. Model files cannot be remembered. @param {Work} work */
  begin({ items, settings, fileName }) {
    if (items.some((item) => 'model' in item && item.model)) return;
    // Not every page may have random UUIDs.
    const id = `${Date.now()}-${Math.random()}`;
    this.#now = { id, items, settings, fileName, done: 0 };
    void navigator.locks?.request(`dextr-list-${id}`, () => new Promise((resolve) => {
      this.#release = () => resolve(undefined);
    })).catch(() => {});
    void this.#put(LISTS, this.#now);
  }

  /** One more row is done. */
  advance() {
    if (!this.#now) return;
    this.#now = { ...this.#now, done: this.#now.done + 1 };
    this.#timer ??= setTimeout(() => void this.#write(), DELAY);
  }

  /** The list has ended, by itself or by the user. */
  end() {
    const { id } = this.#now ?? {};
    this.#now = null;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#release();
    if (id) void this.forget(id);
  }

  /** @param {string} id */
  async forget(id) {
    const database = await this.#database;
    await Promise.all([LISTS, DONE].map((store) => database?.delete(store, id).catch(() => {})));
  }

  /** The lists that ended with their page: not those of tabs that are open. @returns {Promise<Left[]>} */
  async left() {
    const database = await this.#database;
    const all = (await database?.getAll(LISTS).catch(() => [])) ?? [];
    const counted = await Promise.all(all.map(async (list) => ({ ...list, done: (await database?.get(DONE, list.id).catch(() => 0)) ?? 0 })));
    const found = counted.filter(isLeft).filter(({ items, done, id }) => done < items.length && id !== this.#now?.id);
    const free = await Promise.all(found.map(({ id }) => navigator.locks
      ? navigator.locks.request(`dextr-list-${id}`, { ifAvailable: true }, async (lock) => lock !== null).catch(() => true) : true));
    return found.filter((_, index) => free[index]);
  }

  async #write() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = this.#now;
    if (now) await this.#put(DONE, now.done, now.id);
  }

  /** @param {string} store @param {unknown} value @param {string} [key] */
  async #put(store, value, key) {
    await (await this.#database)?.put(store, value, key).catch(() => {});
  }
}
