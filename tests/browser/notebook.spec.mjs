// The widget of notebooks, as anywidget runs it: a module out of a text, with
// traits that the kernel and the page both write.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { BEST, browserTests, SPACE, within } from './harness.mjs';
import { root } from './site.mjs';

const tests = browserTests({ webgpu: false });
const SETTINGS = { device: 'cpu', curves: 1, set: 'stem_width=4 cells=1 size=8' };

/** An empty page with the widget on it; `widget` there has the traits. */
async function widget(context, traits) {
  const page = await tests.blank(context);
  await page.goto(`${tests.site}icon.svg`);
  await page.goto('about:blank');
  await page.setContent('<!doctype html><title>A notebook</title><div id="cell"></div>');
  const text = await readFile(join(root, 'dist/npm/notebook.js'), 'utf8');
  await within(page.evaluate(async ([text, traits]) => {
    const { default: module } = await import(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
    const listeners = new Map();
    globalThis.widget = {
      values: { space: '', arch: '', archs: [], settings: {}, onnx: new DataView(new ArrayBuffer(0)), ...traits },
      saved: 0,
      change(name, value) {
        this.values[name] = name === 'onnx' ? new DataView(Uint8Array.from(value).buffer) : value;
        for (const listener of listeners.get(`change:${name}`) ?? []) listener();
      },
    };
    const model = {
      get: (name) => globalThis.widget.values[name],
      set: (name, value) => { globalThis.widget.values[name] = value; },
      save_changes: () => { globalThis.widget.saved++; },
      on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
      off: (event, listener) => listeners.set(event, (listeners.get(event) ?? []).filter((other) => other !== listener)),
    };
    globalThis.widget.end = module.render({ model, el: document.querySelector('#cell') });
    globalThis.widget.listening = () => [...listeners.values()].flat().length;
  }, [text, traits]), 'starting the widget');
  return page;
}

const value = (page, name) => page.evaluate((name) => globalThis.widget.values[name], name);
const given = (page, name, last = undefined) => page.waitForFunction(([name, last]) => {
  const value = globalThis.widget.values[name];
  return value !== undefined && JSON.stringify(value) !== last;
}, [name, JSON.stringify(last)]);

test('an architecture, another one, and a file, with the numbers for the kernel', async (context) => {
  const page = await widget(context, { space: SPACE, arch: BEST, settings: SETTINGS });
  await given(page, 'result');
  const first = await value(page, 'result');
  assert.ok(first.score > 0 && first.arch === BEST && first.device === 'cpu', JSON.stringify(first).slice(0, 200));
  await page.locator('dextr-score').getByText(first.score.toFixed(3)).first().waitFor();
  await page.evaluate(([arch]) => globalThis.widget.change('arch', arch), [BEST.replace('nor_conv_3x3~2', 'none~2')]);
  await given(page, 'result', first);
  assert.notEqual((await value(page, 'result')).score, first.score);
  const before = await value(page, 'result');
  const bytes = await readFile(join(root, 'tests/onnx/residual.onnx'));
  await page.evaluate(([bytes, settings]) => {
    globalThis.widget.change('settings', settings);
    globalThis.widget.change('onnx', bytes);
  }, [[...bytes], { device: 'cpu' }]);
  await given(page, 'result', before);
  assert.equal((await value(page, 'result')).space, 'onnx');
  await page.evaluate(() => globalThis.widget.change('onnx', [1, 2, 3]));
  await page.waitForFunction(() => globalThis.widget.values.error);
  assert.match(await value(page, 'error'), /cannot be read as an ONNX model/);
  await page.evaluate(() => globalThis.widget.end());
  assert.equal(await page.evaluate(() => globalThis.widget.listening()), 0);
});

test('a list, with a wrong row, and what is wrong with its settings', async (context) => {
  const page = await widget(context, { space: SPACE, archs: [BEST, 'no cell'], settings: SETTINGS });
  await given(page, 'rows');
  const rows = await value(page, 'rows');
  assert.deepEqual(rows.map(({ status }) => status), ['ok', 'error']);
  assert.match(await page.locator('#cell table').innerText(), new RegExp(rows[0].score.toFixed(4)));
  assert.match(await page.getByRole('status').innerText(), /2 of 2 rows/);
  await page.evaluate(() => globalThis.widget.change('settings', { device: 'cpu', sed: 1 }));
  await given(page, 'rows', rows);
  const [wrong] = await value(page, 'rows');
  assert.equal(wrong.status, 'error');
  assert.match(`${wrong.message} ${wrong.hint}`, /sed.*seed/);
});
