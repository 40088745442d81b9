/** The one-file build: `<dextr-score>`, and `Dextr` as a global name. */
import { Dextr, DextrError } from '../dextr/index.js';
import '../element/dextr-score.js';

Object.assign(globalThis, { Dextr, DextrError });
