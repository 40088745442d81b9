// As much of WebDriver (https://www.w3.org/TR/webdriver2/) as the tests need:
// one session with one page. Selenium's client would bring a download manager.
import { setTimeout as sleep } from 'node:timers/promises';
import { within } from './site.mjs';

/** How the protocol marks an element. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

async function command(method, address, body) {
  const response = await fetch(address, { method, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`WebDriver: ${value.error}: ${value.message}`);
  return value;
}

/** Waits until the driver at an address listens. */
async function listening(driver) {
  for (;;) {
    const status = await command('GET', `${driver}/status`).catch(() => null);
    if (status?.ready) return;
    await sleep(50);
  }
}

/** Opens a session, which is a tab as in `browsers.mjs`; `close` ends it with its browser. */
export async function openSession(driver, capabilities) {
  await listening(driver);
  const { sessionId } = await command('POST', `${driver}/session`, { capabilities: { alwaysMatch: capabilities } });
  const session = `${driver}/session/${sessionId}`;
  return {
    goto: async (url) => void await command('POST', `${session}/url`, { url }),
    async run(code, argument = null) {
      const script = `const [argument, done] = arguments;
        (async () => (${code})(argument))().then((value) => done({ value }), (error) => done({ error: [error, error?.stack].join('\\n') }));`;
      const { value, error } = await within(command('POST', `${session}/execute/async`, { script, args: [argument] }), 'computing in the page');
      if (error !== undefined) throw new Error(error);
      return value;
    },
    async files(selector, paths) {
      const { [ELEMENT]: element } = await command('POST', `${session}/element`, { using: 'css selector', value: selector });
      await command('POST', `${session}/element/${element}/value`, { text: paths.join('\n') });
    },
    close: () => command('DELETE', session),
  };
}
