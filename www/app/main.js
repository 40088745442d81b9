import { Dextr, DextrError } from '../dextr/index.js';
import { answer } from './answer.js';
import { architecture } from './architecture.js';
import { deviceLine, deviceText } from './device.js';
import { byId, h } from './dom.js';
import { megabytes, sentence } from './format.js';
import { readLink, showLink, writeLink } from './link.js';
import { resultList } from './results.js';
import { runPanel } from './run.js';
import { settings } from './settings.js';

/** @typedef {import('../dextr/index.js').Progress} Progress */
/** @typedef {import('../dextr/index.js').DeviceChoice} DeviceChoice */
/** @typedef {import('./save.js').Result} Result */

/** The device asked for in the page's address: `?device=`. @returns {DeviceChoice} */
function deviceChoice() {
  const asked = new URLSearchParams(location.search).get('device');
  return asked === 'cpu' || asked === 'webgpu' ? asked : 'auto';
}

/** @param {Progress} progress @param {ReturnType<typeof runPanel>} run */
function showProgress(progress, run) {
  if (progress.stage === 'download') {
    const { loaded, total } = progress;
    const words = total ? `${megabytes(loaded)} of ${megabytes(total)}` : megabytes(loaded);
    run.progress(total ? loaded / total : 0, `Fetching the engine: ${words}`);
  } else if (progress.stage === 'start') {
    run.progress(1, 'Starting the engine');
  } else {
    run.progress(progress.done / progress.total, `Step ${progress.done} of ${progress.total}`);
  }
}

/**
 * Loads the engine on the device asked for. Where a GPU was asked for and there
 * is none, the page goes on with the CPU and says so.
 * @param {DeviceChoice} choice
 * @param {(progress: Progress) => void} onProgress
 */
async function load(choice, onProgress) {
  try {
    return { dextr: await Dextr.load({ device: choice, onProgress }), note: undefined };
  } catch (error) {
    const fault = DextrError.from(error);
    if (choice !== 'webgpu' || ['load-failed', 'unsupported'].includes(fault.code)) throw fault;
    return { dextr: await Dextr.load({ device: 'auto', onProgress }), note: sentence(fault.message) };
  }
}

/**
 * Everything that needs the engine.
 * @param {Dextr} dextr
 * @param {ReturnType<typeof runPanel>} run
 * @param {(abort: AbortController | null) => void} onRun Hears of the run's beginning and end.
 */
function scorePage(dextr, run, onRun) {
  const opening = readLink(location.hash);
  const space = dextr.spaces.find(({ name }) => name === opening.space) ?? dextr.spaces[0];
  if (!space) throw new Error('The engine knows no search space.');

  /** @param {string} arch */
  const setup = (arch) => writeLink({ space: space.name, arch, settings: options.changed() });
  const options = settings(space, () => editor.recheck());
  const editor = architecture(dextr, space, options.changedOptions, (arch) => showLink(setup(arch)));
  const show = (/** @type {Result} */ result) => {
    byId('answer').replaceChildren(answer(result));
  };
  const results = resultList((result) => {
    show(result);
    byId('answer-heading').focus();
  });
  byId('architecture').replaceChildren(editor.element);
  byId('settings').replaceChildren(options.element);
  byId('results').replaceChildren(results.element);

  /** @param {ReturnType<typeof readLink>} link */
  function reopen({ arch, settings }) {
    options.set(settings);
    editor.set(arch ?? space?.examples[0]?.arch ?? '');
  }
  reopen(opening);
  addEventListener('hashchange', () => {
    const link = readLink(location.hash);
    // Other anchors of the page are none of ours.
    if (link.arch) reopen(link);
  });

  /** @param {string} arch @param {AbortController} abort */
  async function score(arch, abort) {
    const picture = options.picture?.name;
    const link = setup(arch);
    const scored = await dextr.score(
      { space: space?.name ?? '', arch, ...options.request() },
      { signal: abort.signal, onProgress: (progress) => showProgress(progress, run) },
    );
    // What the GPU could not do was done on the CPU, and the score says why.
    const { device } = dextr;
    const used = deviceText(scored.device === device.kind ? device : { kind: 'cpu', name: 'CPU' });
    const result = { score: scored, picture, device: used, link };
    results.add(result);
    show(result);
    return scored;
  }

  let busy = false;
  byId('form').addEventListener('submit', async () => {
    // Enter in a field submits whatever the button's state.
    if (busy) return;
    busy = true;
    const abort = new AbortController();
    onRun(abort);
    run.begin('Scoring …');
    try {
      const arch = await editor.check().catch(() => null);
      if (arch === null) {
        // The box itself says what is wrong.
        run.end('Not scored: see the cell string.');
        editor.focus();
        return;
      }
      const { score: value } = await score(arch, abort);
      run.end(value === null ? 'Done: no score, see the answer.' : `Done: score ${value.toFixed(4)}.`);
    } catch (error) {
      const fault = DextrError.from(error);
      run.end(fault.code === 'cancelled' ? 'Cancelled. Earlier results are kept.' : 'Not scored.');
      if (fault.code !== 'cancelled') run.fail(fault);
    } finally {
      busy = false;
      onRun(null);
    }
  });
}

async function main() {
  /** @type {AbortController | null} */
  let current = null;
  const run = runPanel(() => current?.abort());
  run.begin('Loading …', { cancellable: false });
  byId('run').replaceChildren(run.element);
  byId('form').addEventListener('submit', (event) => event.preventDefault());
  const choice = deviceChoice();
  try {
    const { dextr, note } = await load(choice, (progress) => showProgress(progress, run));
    const showDevice = () => byId('device').replaceChildren(deviceLine(dextr.device, choice, dextr.version, note));
    showDevice();
    let shown = deviceText(dextr.device);
    scorePage(dextr, run, (abort) => {
      current = abort;
      // A device may be given up in a run. (The links keep the focus as long as nothing changes.)
      if (shown === deviceText(dextr.device)) return;
      shown = deviceText(dextr.device);
      showDevice();
    });
    run.end('Ready.');
  } catch (error) {
    run.end('The engine is not available.');
    run.ready(false);
    run.fail(DextrError.from(error));
    byId('architecture').replaceChildren(h('p', { class: 'quiet' }, 'Without the engine there is nothing to choose.'));
  }
}

main();
