import type { DextrError, Progress, Score } from '../dextr/index.js';
import type { DextrScore } from './dextr-score.js';

export { DextrScore } from './dextr-score.js';

/** The element's events, with what their `detail` is. */
export interface DextrScoreEventMap {
  progress: CustomEvent<Progress>;
  score: CustomEvent<Score>;
  error: CustomEvent<DextrError>;
}

declare global {
  interface HTMLElementTagNameMap {
    'dextr-score': DextrScore & HTMLElement;
  }
}
