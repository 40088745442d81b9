import type { Progress, Score } from './index.js';
import { DextrError } from './index.js';

/**
 * `<dextr-score space arch seed device src theme>`: scores one architecture when
 * it comes into view, and again when an attribute changes.
 */
export interface DextrScoreElement extends HTMLElement {
  addEventListener(type: 'progress', listener: (event: CustomEvent<Progress>) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: 'score', listener: (event: CustomEvent<Score>) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: 'error', listener: (event: CustomEvent<DextrError>) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'dextr-score': DextrScoreElement;
  }
}
