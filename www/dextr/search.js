import { DextrError } from './error.js';
import { cancelled } from './link.js';
import { Scoring } from './scoring.js';

/**
 * @typedef {import('./dextr.js').Candidate} Candidate
 * @typedef {import('./dextr.js').Found} Found
 * @typedef {import('./dextr.js').ScoreRequest} ScoreRequest
 * @typedef {import('./dextr.js').OptionValue} OptionValue
 * @typedef {import('./index.js').Dextr} Dextr
 * @typedef {Omit<import('./dextr.js').Score, 'layers' | 'phases'> | import('./scoring.js').Failed} Scored A row without its evidence: a long search keeps many.
 * @typedef {Scored & { step: number, round: number, aim: number | null }} SearchRow A candidate's row, with its number, its round, and the value that it is ranked by.
 *
 * What is searched for. `proxies` are measured besides what is aimed at, and
 * `weightSeed` is the first weight seed of every score: `seed` is the search's own.
 * @typedef {Partial<Omit<ScoreRequest, 'arch' | 'seed' | 'proxies' | 'reading'>> & import('./dextr.js').SearchWish & { weightSeed?: number, proxies?: string }} SearchRequest
 *
 * What a search that goes by accuracies waits for: the candidates that are to be trained, what became of those that were told last, and whether all of them are the same so far.
 * @typedef {{ waiting: Candidate[], taken: import('./dextr.js').Taken[], flat: boolean }} Wanted
 *
 * @typedef {object} SearchOptions
 * @property {(wanted: Wanted) => import('./dextr.js').Accuracy[] | Promise<import('./dextr.js').Accuracy[]>} [train] Gives accuracies of some of them, or of other architectures; may take as long as training takes. Needed where the aim is `accuracy`.
 * @property {AbortSignal} [signal]
 * @property {string} [state] What an earlier step gave: the search goes on from there.
 * @property {number} [best] How many of the best each step has; 10.
 *
 * @typedef {object} SearchStep
 * @property {SearchRow[]} rows The candidates that were scored since the last step.
 * @property {Found['best']} best The best so far, the best first.
 * @property {Found['front']} front What nothing found is better than in both aims, the smallest first.
 * @property {Found['largest']} largest The one with the most parameters, to hold the best against.
 * @property {Found['decided']} decided What a projection has decided, one network after the other.
 * @property {Found['undecided']} undecided What a projection has under test.
 * @property {number} done How many rows there are.
 * @property {number} total How many there will be.
 * @property {string} state All of the search, to be stored: give it to go on.
 */

/** Between two steps, in milliseconds: the search is told what is there. */
const PAUSE = 100;

/** Candidates at hand for each that scores. */
const AHEAD = 4;

/** Candidates that are asked to be trained at a time, where a strategy has no rounds. */
const MOST_WAITING = 100;

/** What a score has beside its row. */
const EVIDENCE = ['layers', 'phases'];

/** What decides which candidates there are; the rest of a request is about their scores. */
const OF_SEARCH = /** @type {const} */ (['space', 'paper', 'strategy', 'candidates', 'seed', 'minParams', 'maxParams', 'minMacs', 'maxMacs', 'aim', 'against', 'population', 'sample', 'lag', 'starts', 'stages', 'criterion', 'inputs', 'pool', 'circles', 'first', 'each', 'warm', 'preset']);

/** @param {Record<string, OptionValue>} options */
function texts(options) {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]));
}

/**
 * The search, and the request that all its scores have in common.
 * @param {SearchRequest} asked
 */
function split({ proxies, weightSeed = 0, options = {}, ...asked }) {
  const given = Object.entries(asked).filter(([, value]) => value !== undefined);
  const isOwn = (/** @type {string} */ name) => /** @type {readonly string[]} */ (OF_SEARCH).includes(name);
  const { stages, ...wish } = Object.fromEntries(given.filter(([name]) => isOwn(name)));
  const score = Object.fromEntries(given.filter(([name]) => !isOwn(name)));
  return {
    wish: { ...wish, options: texts(options), also: proxies ?? '', ...(stages === undefined ? {} : { stages: String(stages) }) },
    request: { ...score, space: asked.space ?? asked.paper ?? '', options, seed: weightSeed },
  };
}

/**
 * Scores candidates, each once.
 * @extends {Scoring<Candidate>}
 */
class Candidates extends Scoring {
  /** Those that are asked for and not told, by their steps. @type {Set<number>} */
  known = new Set();

  /**
   * @param {Dextr} dextr
   * @param {object} request What all scores have in common.
   * @param {AbortSignal} [signal]
   */
  constructor(dextr, request, signal) {
    const { curveSeed = 0 } = /** @type {ScoreRequest} */ (request);
    super(dextr, ({ space, arch, proxies, seeds, circle }) => ({
      ...request, space, arch, proxies, ...(seeds === null ? {} : { seeds }), ...(circle > 0 ? { curveSeed: curveSeed + circle } : {}),
    }), { signal });
    this.wanted = AHEAD * dextr.parallel;
  }

  /** Those of the candidates that are new. @override @param {Candidate[]} candidates */
  take(candidates) {
    const news = candidates.filter(({ step }) => !this.known.has(step));
    for (const { step } of news) this.known.add(step);
    super.take(news);
  }

  /** What was scored since the last time. @returns {{ candidate: Candidate, row: Scored }[]} */
  scored() {
    return this.ready.splice(0).map(({ job, row }) => ({
      candidate: job,
      row: /** @type {Scored} */ (Object.fromEntries(Object.entries(row).filter(([name]) => !EVIDENCE.includes(name)))),
    }));
  }
}

/**
 * Searches a space: `for await (const { rows, best, state } of …)`. Ends when
 * all candidates are scored. The same request is the same search however many
 * score, with or without a pause: a state has the candidates that were under
 * way, and they come first.
 *
 * Nothing of it lives in an instance of the engine: every step hands over the
 * state and what was scored, and takes the next one. An instance that breaks
 * costs the score that broke it.
 * @param {Dextr} dextr
 * @param {(argument: { wish: object, request: object, state?: string, told: object[], accuracies?: import('./dextr.js').Accuracy[], ask: number, best: number }) => Promise<import('./dextr.js').Asked>} engine
 * @param {SearchRequest} asked
 * @param {SearchOptions} [options]
 * @returns {AsyncGenerator<SearchStep, void, void>}
 */
export async function* search(dextr, engine, asked, { signal, state, best = 10, train } = {}) {
  if (signal?.aborted) throw cancelled();
  const { wish, request } = split(asked);
  const scoring = new Candidates(dextr, request, signal);
  try {
    let answer = await engine({ wish, request, state, told: [], ask: scoring.wanted, best });
    scoring.take(answer.candidates);
    // What a state has done already is said at once.
    if (state !== undefined || answer.found.progress.done) yield step([], answer);
    /** Candidates that are scored and wait for their accuracies. @type {Map<string, { candidate: Candidate, row: Scored }>} */
    const waiting = new Map();
    /** @type {import('./dextr.js').Taken[]} */
    let taken = [];
    while (!answer.found.progress.done) {
      if (scoring.isIdle && waiting.size > 0) {
        // A round is trained together: what is still to come of it is looked at first.
        answer = await engine({ wish, request, state: answer.state, told: [], ask: Math.max(waiting.size, Math.min(waiting.size + scoring.wanted, MOST_WAITING)), best });
        scoring.take(answer.candidates);
        if (!scoring.isIdle) continue;
        // Training takes its time: the state is there to be stored.
        yield step([], answer);
        const candidates = [...waiting.values()].map(({ candidate }) => candidate);
        const accuracies = await trained(train, { waiting: candidates, taken, flat: answer.found.flat }, signal);
        answer = await engine({ wish, request, state: answer.state, told: [], accuracies, ask: scoring.wanted, best });
        ({ taken } = answer);
        const rows = taken.flatMap(({ arch, accuracy, told }) => {
          const one = told === 'asked' ? waiting.get(arch) : undefined;
          if (!one) return [];
          waiting.delete(arch);
          scoring.known.delete(one.candidate.step);
          return [{ step: one.candidate.step, round: one.candidate.round, aim: accuracy, ...one.row }];
        });
        scoring.take(answer.candidates);
        yield step(rows, answer);
        continue;
      }
      await scoring.wait(PAUSE);
      const { open, scored } = parted(scoring.scored());
      open.forEach((one) => waiting.set(one.candidate.arch, one));
      if (scored.length === 0) continue;
      const told = scored.map(({ candidate: { step, stage }, row }) => ({ step, stage, row }));
      answer = await engine({ wish, request, state: answer.state, told, ask: scoring.wanted, best });
      scored.forEach(({ candidate }) => scoring.known.delete(candidate.step));
      scoring.take(answer.candidates);
      yield step(scored.map(({ candidate, row }, i) => ({ step: candidate.step, round: candidate.round, aim: answer.aims[i] ?? null, ...row })), answer);
    }
  } finally {
    scoring.close();
  }
}

/**
 * Those whose accuracy is told, and those whose row says it all.
 * @param {{ candidate: Candidate, row: Scored }[]} all
 */
function parted(all) {
  const waits = (/** @type {{ candidate: Candidate, row: Scored }} */ { candidate, row }) => candidate.told && row.status !== 'error';
  return { open: all.filter(waits), scored: all.filter((one) => !waits(one)) };
}

/**
 * What somebody tells, unless the search is given up before.
 * @param {SearchOptions['train']} train
 * @param {Wanted} wanted
 * @param {AbortSignal} [signal]
 */
async function trained(train, wanted, signal) {
  if (!train) {
    throw new DextrError({
      code: 'usage', message: `this search waits for the accuracies of ${wanted.waiting.length} architectures, and nobody tells them`,
      hint: 'give search(request, { train }), which is asked for them',
    });
  }
  if (signal?.aborted) throw cancelled();
  let stop = () => {};
  const givenUp = /** @type {Promise<never>} */ (new Promise((_, reject) => {
    stop = () => reject(cancelled());
    signal?.addEventListener('abort', stop, { once: true });
  }));
  try {
    return await Promise.race([train(wanted), givenUp]);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** @param {SearchRow[]} rows @param {import('./dextr.js').Asked} answer @returns {SearchStep} */
function step(rows, { state, found: { best, front, largest, decided, undecided, progress } }) {
  return { rows, best, front, largest, decided, undecided, done: progress.told, total: progress.total, state };
}
