import makeGlue from 'bundled:glue';
import { Host } from '../dextr/host.js';

new Host(self, { alone: true, newGlue: async () => makeGlue() });
postMessage('ready');
