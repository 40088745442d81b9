// One style for all of www: what has state of its own is a class with private
// fields; all else is plain functions, and what several share is a `State` that
// they are given. No function returns an object of closures.
import { DextrError } from '../dextr/index.js';
import { byId, h } from '../ui/dom.js';
import { progressWords } from '../ui/progress.js';
import { citation } from './citation.js';
import { deviceLine, deviceText } from './form/device.js';
import { RunPanel } from './form/runpanel.js';
import { deviceChoice, load } from './load.js';
import { startPage } from './page.js';
import { themeButton } from './theme.js';
import { keepOffline } from './update.js';

/** Shows the device; the line is read out when it changes. @param {import('../dextr/index.js').Dextr} dextr @param {string} [note] */
function showDevice(dextr, note) {
  const place = byId('device');
  const now = deviceText(dextr.device);
  if (place.dataset.shown === now) return;
  place.dataset.shown = now;
  place.replaceChildren(deviceLine(dextr.device, dextr.version, note));
}

/** @param {RunPanel} panel @param {unknown} error */
function sayMissing(panel, error) {
  panel.end('The engine is not available.');
  panel.forbid();
  panel.fail(DextrError.from(error));
  byId('device').replaceChildren();
  byId('space').replaceChildren(h('p', { class: 'quiet' }, 'Without the engine there is nothing to choose; the example below is a picture.'));
}

async function main() {
  // `?live=off`: nothing is scored before it is asked for.
  const panel = new RunPanel({ live: new URLSearchParams(location.search).get('live') !== 'off' });
  panel.begin('Loading …', { cancellable: false });
  byId('run').replaceChildren(panel.element);
  byId('theme').replaceChildren(themeButton());
  byId('citation').replaceChildren(citation());
  byId('form').addEventListener('submit', (event) => event.preventDefault());
  const choice = deviceChoice();
  try {
    const { dextr, note } = await load(choice, (progress) => panel.progress(progressWords(progress)));
    const onDevice = () => showDevice(dextr, note);
    onDevice();
    panel.end('');
    // A device may be given up in a run.
    startPage(dextr, panel, { choice, onDevice });
    // Not before the engine is here: the two would fetch it side by side.
    keepOffline(byId('update'));
  } catch (error) {
    sayMissing(panel, error);
  }
}

main();
