// `dextr/element`: the element with the engine's files beside it.
import { Dextr, DextrError } from '../dextr/index.js';
import { defineDextrScore } from './element.js';

defineDextrScore({ load: (options) => Dextr.load(options), toError: DextrError.from, refuse: (fault) => new DextrError(fault) });
