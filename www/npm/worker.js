import makeGlue from 'bundled:glue';
import { serve } from '../dextr/host.js';

serve(self, { alone: true, newGlue: async () => makeGlue() });
postMessage('ready');
