import { serve } from './host.js';

// A trap inside an asynchronous call rejects a promise that nobody holds: pass
// it on as an error, which the page hears of.
addEventListener('unhandledrejection', (event) => reportError(event.reason));
serve(self);
postMessage('ready');
