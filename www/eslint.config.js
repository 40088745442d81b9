import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['**/node_modules/', '**/*.d.ts'] },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-implicit-globals': 'error',
      // What comes from outside is text: markup is never built from a string.
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'Use textContent.' },
        { property: 'outerHTML', message: 'Use textContent.' },
        { property: 'insertAdjacentHTML', message: 'Use append.' },
      ],
    },
  },
  { files: ['**/www/app/**', '**/www/element/**', '**/www/offline.js', '**/www/npm/*.js'], languageOptions: { globals: globals.browser } },
  // The client runs on the page and in a worker: only what both have.
  { files: ['**/www/dextr/**'], languageOptions: { globals: { ...globals['shared-node-browser'], ...globals.worker, Worker: 'readonly', WebAssembly: 'readonly' } } },
  { files: ['**/www/sw.js'], languageOptions: { globals: globals.serviceworker, sourceType: 'script' } },
  { files: ['**/www/npm/*.mjs', '**/tests/node/**'], languageOptions: { globals: globals.node } },
  // Browser tests and benches run in node and send functions into a page.
  { files: ['**/tests/browser/**', '**/benches/**'], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
];
