// Cuts the wasm in two: what a first visit calls, and the rest, which is fetched
// when something asks for it. Run by build.sh: target/whole → dist/dextr.
//
// wasm-split (Binaryen) does the cutting, by a profile: the module is run with
// counters through a first visit (visit.js), on the CPU in Node and, where there
// is a Chromium, on WebGPU in it. What the profile misses costs a fetch, nothing else.
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { visit } from './visit.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const whole = (name) => join(root, 'target/whole', name);
const out = (name) => join(root, 'dist/dextr', name);

/** What the module uses: build.sh compiles it for these. */
const FEATURES = ['simd', 'bulk-memory', 'sign-ext', 'nontrapping-float-to-int', 'mutable-globals'].map((name) => `--enable-${name}`);
const split = (...options) => execFileSync('wasm-split', [...FEATURES, ...options], { stdio: 'inherit' });

/** The namespaces between the parts. */
const NAMES = ['--import-namespace=first', '--placeholder-namespace=rest'];

async function onCpu() {
  const glue = await import(pathToFileURL(whole('dextr.js')).href);
  return visit(glue, await readFile(whole('counting.wasm')), 'cpu');
}

async function onGpu(executablePath) {
  const { chromium } = createRequire(new URL('../package.json', import.meta.url))('playwright-core');
  const files = {
    '/': ['text/html', '<!doctype html><link rel="icon" href="data:,">'],
    '/dextr.js': ['text/javascript', await readFile(whole('dextr.js'))],
    '/visit.js': ['text/javascript', await readFile(new URL('visit.js', import.meta.url))],
    '/counting.wasm': ['application/wasm', await readFile(whole('counting.wasm'))],
  };
  const server = createServer((request, response) => {
    const [type, body] = files[request.url] ?? ['text/plain', ''];
    response.setHeader('content-type', type).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const profile = await page.evaluate(async () => {
      const [glue, { visit: visitHere }, wasm] = await Promise.all([import('/dextr.js'), import('/visit.js'), WebAssembly.compileStreaming(fetch('/counting.wasm'))]);
      return Array.from(await visitHere(glue, wasm, 'webgpu'));
    });
    return Uint8Array.from(profile);
  } finally {
    await browser.close();
    server.close();
  }
}

/** wasm-bindgen's JavaScript, with a way in for what answers calls of the rest. */
function withRest(glue) {
  const imports = '"./dextr_bg.js": import0,';
  if (glue.split(imports).length !== 2) throw new Error(`wasm-bindgen's JavaScript has no ${imports}: see www/npm/split.mjs`);
  return `${glue.replace(imports, `${imports}\n        rest: new Proxy({}, { get: (_, slot) => (...values) => missing(wasm, slot, values) }),`)}
let missing = (_exports, slot) => { throw new Error(\`function \${slot} is in the engine's second part\`); };
/** Whom to ask for a function of the second part. */
export function setMissing(call) { missing = call; }
`;
}

split('--instrument', whole('dextr_bg.wasm'), '-o', whole('counting.wasm'));
await writeFile(whole('cpu.profile'), await onCpu());
const profiles = [whole('cpu.profile')];
if (process.env.CHROMIUM) {
  await writeFile(whole('gpu.profile'), await onGpu(process.env.CHROMIUM));
  profiles.push(whole('gpu.profile'));
} else {
  console.log('no Chromium: what WebGPU needs goes into the second part');
}
split('--merge-profiles', ...profiles, '-o', whole('first.profile'));
split(`--profile=${whole('first.profile')}`, ...NAMES, whole('dextr_bg.wasm'), '-o1', out('dextr_bg.wasm'), '-o2', out('dextr_rest.wasm'));
await writeFile(out('dextr.js'), withRest(await readFile(whole('dextr.js'), 'utf8')));
await Promise.all(['counting.wasm', 'cpu.profile', 'gpu.profile', 'first.profile'].map((name) => rm(whole(name), { force: true })));
