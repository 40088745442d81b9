import { serve } from './host.js';

serve(self, { alone: true, newGlue: () => import('./dextr.js') });
postMessage('ready');
