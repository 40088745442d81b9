import { Host } from './host.js';

new Host(self, { alone: true, newGlue: () => import('./dextr.js') });
postMessage('ready');
