// What a visitor does on the page, in any engine's tab (`browsers.mjs`).
import { setTimeout as sleep } from 'node:timers/promises';
import { COMPUTATION, WAIT, within } from './site.mjs';

/** What `code` gives in the page, once it gives something. */
export async function until(tab, what, code, argument, limit = WAIT) {
  let over = false;
  const asked = async () => {
    while (!over) {
      const found = await tab.run(code, argument);
      if (found) return found;
      await sleep(50);
    }
  };
  try {
    return await within(asked(), what, limit);
  } catch (error) {
    over = true;
    const shown = await tab.run(() => document.body.innerText).catch(String);
    throw new Error(`${error.message}; the page shows:\n${shown}`, { cause: error });
  }
}

/** Waits for a status of the page, and gives its text. */
export function status(tab, pattern, limit) {
  return until(tab, `the status ${pattern}`, (source) => [...document.querySelectorAll('[role=status]')].map(({ textContent }) => textContent.trim()).find((text) => new RegExp(source).test(text)), pattern.source, limit);
}

/** The page at an address with its engine ready; gives the line on its device. */
export async function open(tab, address) {
  // Another fragment alone would load nothing.
  await tab.goto('about:blank');
  await tab.goto(address);
  return status(tab, /^Ready\./);
}

/** Presses the button of that name. */
export function press(tab, name) {
  return until(tab, `the button ${name}`, (name) => {
    const button = [...document.querySelectorAll('button')].find((button) => button.textContent.trim() === name && !button.disabled && button.checkVisibility());
    button?.click();
    return button !== undefined;
  }, name);
}

/** Writes into the field that has that label. */
export function fill(tab, label, text) {
  return until(tab, `the field ${label}`, ([label, text]) => {
    const field = [...document.querySelectorAll('label')].find(({ textContent }) => textContent.trim() === label)?.control;
    if (!field) return false;
    field.value = text;
    for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
    return true;
  }, [label, text]);
}

/** The answer once no score is under way: the number, and as it is shown. */
export async function shown(tab) {
  const [text, value] = await until(tab, 'the answer', () => {
    const answer = document.querySelector('#answer[aria-busy=false] .score data');
    return answer && [answer.textContent, answer.getAttribute('value')];
  }, null, COMPUTATION);
  return { text, value: Number(value) };
}

/** Presses Score, and gives the answer. */
export async function score(tab) {
  await press(tab, 'Score');
  await status(tab, /^(Done|Not scored)/, COMPUTATION);
  return shown(tab);
}
