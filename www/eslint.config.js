import js from '@eslint/js';
import globals from 'globals';

/** Imports that point the wrong way. */
function arrows(group, message) {
  return { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] };
}

/** Rooms of the page that another may not look into, nor into the page itself. */
function rooms(others) {
  return arrows(['../*.js', ...others.map((room) => `../${room}/*`), '**/element/*'], 'A room of the page knows nothing of the page, and few of the other rooms.');
}

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
  {
    // What is shipped keeps the style that app/main.js states.
    files: ['**/www/{app,dextr,element,ui}/**'],
    rules: {
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 50, skipComments: true }],
      'no-restricted-syntax': ['error', {
        selector: ':matches(ReturnStatement, ArrowFunctionExpression) > ObjectExpression > Property > :matches(FunctionExpression, ArrowFunctionExpression).value',
        message: 'What has state of its own is a class; see app/main.js.',
      }],
    },
  },
  // The arrows between the folders: dextr knows nobody, ui and element not the page.
  { files: ['**/www/dextr/**'], rules: arrows(['../*'], 'The client knows nothing of those who use it.') },
  { files: ['**/www/ui/**'], rules: arrows(['../*'], 'What is shared knows nothing of those who share it.') },
  { files: ['**/www/element/**'], rules: arrows(['../app/*'], 'What the element and the page share is in ui/.') },
  { files: ['**/www/app/**'], rules: arrows(['**/element/*'], 'The page does not use the element.') },
  // A room of the page knows nothing of the page, and few of the other rooms.
  { files: ['**/www/app/answer/**'], rules: rooms(['cell', 'form', 'onnx']) },
  { files: ['**/www/app/form/**'], rules: rooms(['answer', 'cell', 'network']) },
  { files: ['**/www/app/{cell,list,network,onnx}/**'], rules: rooms(['answer', 'cell', 'form', 'list', 'network', 'onnx']) },
  { files: ['**/www/{app,element,ui}/**', '**/www/offline.js', '**/www/npm/*.js'], languageOptions: { globals: globals.browser } },
  // The client runs on the page and in a worker: only what both have.
  { files: ['**/www/dextr/**'], languageOptions: { globals: { ...globals['shared-node-browser'], ...globals.worker, Worker: 'readonly', WebAssembly: 'readonly' } } },
  { files: ['**/www/sw.js'], languageOptions: { globals: globals.serviceworker, sourceType: 'script' } },
  { files: ['**/www/npm/*.mjs', '**/tests/node/**'], languageOptions: { globals: globals.node } },
  // Browser tests and benches run in node and send functions into a page.
  { files: ['**/tests/browser/**', '**/benches/**'], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
];
