import { DextrError } from '../dextr/index.js';

/** An edit is scored once the user pauses this long, in milliseconds. */
const PAUSE = 400;

/**
 * When scores are computed: on request, and after edits where the panel says so.
 * One at a time: a newer wish cancels the one under way.
 * @param {ReturnType<typeof import('./run.js').runPanel>} panel
 * @param {object} work
 * @param {() => Promise<string>} work.check The architecture, or throws.
 * @param {(arch: string, signal: AbortSignal) => Promise<{ score: number | null }>} work.score
 * @param {() => void} work.onRefused After a wish for an architecture that is wrong.
 * @param {(busy: boolean) => void} work.onBusy
 */
export function runner(panel, { check, score, onRefused, onBusy }) {
  /** @type {AbortController | null} */
  let current = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  panel.onCancel(() => {
    clearTimeout(timer);
    current?.abort();
  });

  /** @param {boolean} asked By the user, not by an edit. */
  async function start(asked) {
    clearTimeout(timer);
    current?.abort();
    const own = new AbortController();
    current = own;
    // What a newer run has taken over is its to tell.
    const mine = () => current === own;
    onBusy(true);
    panel.begin('Scoring …');
    let end = 'Not scored: see the architecture’s text.';
    /** @type {DextrError | null} */
    let fault = null;
    try {
      const arch = await check().catch((thrown) => {
        if (DextrError.from(thrown).code !== 'bad-architecture') throw thrown;
        return null;
      });
      if (!mine()) return;
      if (arch !== null) {
        const { score: value } = await score(arch, own.signal);
        end = value === null ? 'Done: no score, see the answer.' : `Done: score ${value.toFixed(4)}.`;
      } else if (asked) {
        onRefused();
      }
    } catch (error) {
      const thrown = DextrError.from(error);
      end = thrown.code === 'cancelled' ? 'Cancelled. Earlier results are kept.' : 'Not scored.';
      if (thrown.code !== 'cancelled') fault = thrown;
    } finally {
      if (mine()) {
        current = null;
        panel.end(end);
        if (fault) panel.fail(fault);
        onBusy(false);
      }
    }
  }

  return {
    /** Scores what is in the form. */
    ask: () => start(true),
    /** Scores soon, where scores follow the edits. */
    follow() {
      clearTimeout(timer);
      if (panel.live && !current) timer = setTimeout(() => start(false), PAUSE);
    },
    /** What is being scored is not what the form says any more. */
    outdate() {
      clearTimeout(timer);
      if (!panel.live || !current) return;
      const old = current;
      current = null;
      old.abort();
      panel.end('Edited: the score follows.');
      onBusy(false);
    },
  };
}
