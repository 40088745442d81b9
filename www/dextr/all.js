import { DextrError } from './error.js';
import { cancelled } from './link.js';
import { Model } from './model.js';
import { failed, Scoring } from './scoring.js';

/**
 * @typedef {import('./dextr.js').Score} Score
 * @typedef {import('./dextr.js').ScoreRequest} ScoreRequest
 * @typedef {import('./scoring.js').Failed} Failed
 * @typedef {import('./index.js').Dextr} Dextr
 * @typedef {import('./index.js').Request} Request
 * @typedef {{ index: number } & (Score | Failed)} Row
 * @typedef {import('./model.js').ModelRequest} ModelRequest
 * @typedef {string | Model | ModelRequest | (Partial<ScoreRequest> & { arch: string })} Item
 * @typedef {(method: string, argument: object) => Promise<any>} Ask The engine.
 * @typedef {{ request: Request, key: string, note: string | null, fault: DextrError | null }} Candidate What is asked for, and what is equal to it; none where it cannot be.
 * @typedef {{ asked: Uint32Array, ready: Uint32Array }} Step
 */

/** So many times what is computed at a time is at hand: the next are ready when one is done. */
const AHEAD = 2;

/** So many texts are read in one go: a running score gives way to no more than these. */
const READ = 1000;

let lists = 0;

/** @param {Item} item @param {string} space @returns {Request & { space: string, arch: string }} */
function requestOf(item, space) {
  if (typeof item === 'string') return { space, arch: item };
  const request = item instanceof Model ? { model: item } : item;
  if (!('model' in request) || !request.model) return { space, .../** @type {{ arch: string }} */ (request) };
  return { arch: request.model.name, ...request, space: Model.space, model: request.model };
}

/** @param {ReturnType<typeof requestOf>} request @param {{ arch: string, note: string | null, fault: import('./dextr.js').Fault | null }} read @returns {Candidate} */
function candidateOf(request, { arch, note, fault }) {
  if (fault) return { request, key: '', note: null, fault: new DextrError(fault) };
  const model = 'model' in request ? request.model?.source?.id : undefined;
  const canonical = { ...request, arch };
  // What no request may hold, the engine says.
  const key = JSON.stringify({ ...canonical, model }, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
  return { request: canonical, key, note, fault: null };
}

/**
 * @param {Ask} engine
 * @param {ReturnType<typeof requestOf>[]} requests
 * @param {string} [reading]
 * @param {AbortSignal} [signal]
 * @returns {Promise<Candidate[]>}
 */
async function readAll(engine, requests, reading, signal) {
  /** @type {Candidate[]} */
  const candidates = [];
  for (let i = 0; i < requests.length; i += READ) {
    if (signal?.aborted) throw cancelled();
    const some = requests.slice(i, i + READ);
    // A file says of itself what it is.
    const texts = some.map(({ space, arch, ...rest }) => ('model' in rest && rest.model ? null : { space, arch: String(arch), reading: /** @type {{ reading?: string }} */ (rest).reading ?? reading }));
    const read = await engine('parseAll', { texts });
    candidates.push(...some.map((request, j) => candidateOf(request, read[j] ?? { arch: request.arch, note: null, fault: null })));
  }
  return candidates;
}

/**
 * The order of a list and what is equal in it: the engine's runner, as the
 * command line has it (`src/run/runner.rs`). It lives in an instance, and where
 * that one was replaced it is made again of what was not handed out.
 */
class Order {
  #engine;
  #keys;
  #id = ++lists;
  /** How many were handed out before this runner was made. */
  #before = 0;
  #handed = 0;
  /** Which of the runner's candidates it asked for, by their keys. @type {Map<string, number>} */
  #asked = new Map();

  /** @param {Ask} engine @param {string[]} keys */
  constructor(engine, keys) {
    this.#engine = engine;
    this.#keys = keys;
  }

  get isDone() {
    return this.#handed === this.#keys.length;
  }

  /**
   * Tells what has its row, by keys. Gives at most `n` that are to be scored now, and those whose turn it is, as numbers of the list.
   * @param {string[]} done
   * @param {number} n
   * @returns {Promise<{ asked: number[], ready: number[] }>}
   */
  async step(done, n) {
    const told = done.flatMap((key) => this.#asked.get(key) ?? []);
    /** @type {Step} */
    const { asked, ready } = (await this.#engine('list', { id: this.#id, told, n })) ?? (await this.#again(n));
    for (const candidate of asked) this.#asked.set(/** @type {string} */ (this.#keys[this.#before + candidate]), candidate);
    this.#handed += ready.length;
    const numbers = (/** @type {Uint32Array} */ own) => Array.from(own, (candidate) => this.#before + candidate);
    return { asked: numbers(asked), ready: numbers(ready) };
  }

  /** @param {number} n @returns {Promise<Step>} */
  #again(n) {
    this.#before = this.#handed;
    this.#asked.clear();
    return this.#engine('list', { id: this.#id, keys: this.#keys.slice(this.#before), told: [], n });
  }

  /** Nothing more is asked. */
  end() {
    this.#engine('list', { id: this.#id, end: true }).catch(() => {});
  }
}

/**
 * Scores a list in its order, identical architectures once. A wrong architecture
 * is a row of its own; a cancelled list ends with that error.
 * @param {Pick<Dextr, 'parallel' | 'score' | 'unscored'>} dextr
 * @param {Ask} engine
 * @param {Item[]} list
 * @param {import('./index.js').RunOptions & Partial<ScoreRequest>} options
 * @returns {AsyncGenerator<Row, void, void>}
 */
export async function* scoreAll(dextr, engine, list, { space = '', signal, onProgress, ...settings }) {
  const candidates = await readAll(engine, list.map((item) => requestOf(item, space)), settings.reading, signal);
  const all = (/** @type {Request} */ request) => /** @type {Request} */ ({ ...request, ...settings });
  const at = (/** @type {number} */ i) => /** @type {Candidate} */ (candidates[i]);
  const order = new Order(engine, candidates.map(({ key }) => key));
  const scoring = new Scoring(dextr, (/** @type {Candidate} */ { request }) => all(request), { signal, onProgress });
  const ahead = dextr.parallel === 1 ? 1 : AHEAD * dextr.parallel;
  /** What is under way, and then its row. @type {Map<string, Score | Failed | null>} */
  const rows = new Map();
  /** Whose rows the order has not heard of. @type {string[]} */
  let done = [];
  try {
    while (!order.isDone) {
      const { asked, ready } = await order.step(done, ahead - scoring.open);
      // An order that was made again asks once more for what is known here.
      const news = asked.map(at).filter(({ key }) => !rows.has(key));
      done = asked.map((i) => at(i).key).filter((key) => rows.get(key));
      for (const { key } of news) rows.set(key, null);
      scoring.take(news);
      for (const index of ready) {
        if (signal?.aborted) throw cancelled();
        const { request, key, note, fault } = at(index);
        const row = fault ? await failed(dextr, all(request), fault) : /** @type {Score | Failed} */ (rows.get(key));
        // The maps of a long list are not kept for what may come again.
        if (row.status !== 'error') rows.set(key, { ...row, layers: [] });
        yield row.status === 'error' ? { index, ...row } : { index, ...row, message: [note, row.message].filter(Boolean).join('; ') };
      }
      if (done.length || order.isDone) continue;
      await scoring.wait();
      for (const { job, row } of scoring.ready.splice(0)) {
        rows.set(job.key, row);
        done.push(job.key);
      }
    }
  } finally {
    scoring.close();
    order.end();
  }
}
