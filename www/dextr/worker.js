import { serve } from './host.js';

serve(self, { alone: true });
postMessage('ready');
