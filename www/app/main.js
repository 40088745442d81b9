import { DextrError } from '../dextr/index.js';
import { deviceLine, deviceText } from './device.js';
import { byId, h } from './dom.js';
import { deviceChoice, load, progressWords } from './load.js';
import { scorePage } from './page.js';
import { runPanel } from './run.js';
import { themeButton } from './theme.js';
import { keepOffline } from './update.js';

async function main() {
  // `?live=off`: nothing is scored before it is asked for.
  const panel = runPanel({ live: new URLSearchParams(location.search).get('live') !== 'off' });
  panel.begin('Loading …', { cancellable: false });
  byId('run').replaceChildren(panel.element);
  byId('theme').replaceChildren(themeButton());
  byId('form').addEventListener('submit', (event) => event.preventDefault());
  const choice = deviceChoice();
  try {
    const { dextr, note } = await load(choice, (progress) => panel.progress(...progressWords(progress, false)));
    let shown = '';
    const showDevice = () => {
      // A device may be given up in a run. (The line is read out when it changes.)
      const now = deviceText(dextr.device);
      if (shown === now) return;
      shown = now;
      byId('device').replaceChildren(deviceLine(dextr.device, dextr.version, note));
    };
    showDevice();
    panel.end('');
    scorePage(dextr, panel, { choice, onDevice: showDevice });
    // Not before the engine is here: the two would fetch it side by side.
    keepOffline(byId('update'));
  } catch (error) {
    panel.end('The engine is not available.');
    panel.ready(false);
    panel.fail(DextrError.from(error));
    byId('device').replaceChildren();
    byId('space').replaceChildren(h('p', { class: 'quiet' }, 'Without the engine there is nothing to choose; the example below is a picture.'));
  }
}

main();
