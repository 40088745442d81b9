import { arrange } from './arrange.js';

addEventListener('message', ({ data }) => postMessage(arrange(data)));
