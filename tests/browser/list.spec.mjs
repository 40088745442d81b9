// Lists as a visitor uses them: paste, watch, compare, save.
import assert from 'node:assert/strict';
import { execFile as execute } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { browserTests, within } from './harness.mjs';
import { cells, counted, give, messages, openList, paste, results, rows, saved, SMALL } from './listpage.mjs';
import { root } from './site.mjs';

const execFile = promisify(execute);
const tests = browserTests({ webgpu: false });
const ended = (page) => page.locator('.list .progress').waitFor({ state: 'hidden' });

/** The shown correlations of so many rows, once they are there. */
async function shownCorrelations(page, count) {
  await page.waitForFunction((count) => {
    const region = document.querySelector('[aria-label="Correlations"]');
    return region?.getAttribute('aria-busy') === null && region.querySelector('[data-part="all rows"] td')?.textContent === String(count);
  }, count);
  return page.locator('tr[data-part]').evaluateAll((rows) => rows.map((row) => {
    const [spearman, kendall] = [...row.querySelectorAll('data')].map((data) => Number(data.value));
    const intervals = [...row.querySelectorAll('.interval')].map(({ dataset }) => ({ low: Number(dataset.low), high: Number(dataset.high) }));
    return { part: row.dataset.part, column: row.dataset.column, n: Number(row.querySelector('td').textContent), spearman, kendall, spearman_interval: intervals[0], kendall_interval: intervals[1] };
  }));
}

/** Asserts that what is shown is what is expected, to a tolerance for each column. */
function assertCorrelations(shown, expected, tolerance) {
  assert.deepEqual(shown.map(({ part, column, n }) => ({ part, column, n })), expected.map(({ part, column, n }) => ({ part, column, n })));
  const numbers = (of) => [of.spearman, of.kendall, of.spearman_interval.low, of.spearman_interval.high, of.kendall_interval.low, of.kendall_interval.high];
  shown.forEach((entry, index) => numbers(entry).forEach((value, at) => {
    const known = numbers(expected[index])[at];
    assert.ok(Math.abs(value - known) <= tolerance(entry.column), `${entry.part}, ${entry.column}, number ${at}: ${value} instead of ${known}`);
  }));
}

test('200 cells with accuracies: the correlations are those of scipy, their intervals those of the command line', async (context) => {
  const fixture = JSON.parse(await readFile(join(root, 'tests/browser/list-fixture.json'), 'utf8'));
  const { page, requests, problems } = await openList(tests, context);
  await paste(page, `arch,accuracy\n${fixture.cells.map((cell, index) => `${cell},${fixture.accuracies[index]}\n`).join('')}`);
  await page.getByText('200 rows', { exact: true }).waitFor();
  await ended(page);
  // Sizes are whole numbers. Scores that are all but equal may change places from one machine to the next.
  assertCorrelations(await shownCorrelations(page, 200), fixture.expected, (column) => (['params', 'macs'].includes(column) ? 1e-12 : 0.02));
  const dots = await page.locator('.scatter .points').getAttribute('d');
  assert.equal(dots.split('M').length - 1, 200, 'a dot for each row');

  // The same rows with the very numbers that scipy was given.
  const rows = (await saved(page)).map((row, index) => {
    const [score, s, k] = fixture.results[index];
    return JSON.stringify({ ...row, score, s, k });
  });
  await page.getByRole('button', { name: 'Clear' }).click();
  await give(page, rows.join('\n'), 'saved.jsonl');
  assertCorrelations(await shownCorrelations(page, 200), fixture.expected, () => 1e-12);
  assert.deepEqual(requests.filter((url) => !url.startsWith(tests.site) && !url.startsWith('data:')), []);
  assert.deepEqual(problems, []);
});

test('saved results are loaded as they were, from CSV and from JSON lines', async (context) => {
  const { page } = await openList(tests, context);
  await give(page, 'arch,accuracy,params,note\n431204,90.5,1,"a, ""quoted"" one"\n999999,1,2,x\n000000,10,3,disconnected\n', 'cells.csv');
  const before = await saved(page);
  assert.deepEqual(before.map(({ status }) => status), ['ok', 'error', 'disconnected']);
  assert.deepEqual([before[0].note, before[0].accuracy, before[0].input_params], ['a, "quoted" one', '90.5', '1']);
  assert.match(before[1].message, /^row 2: /);
  const csv = await saved(page, 'Save as CSV');
  const json = `${before.map((row) => JSON.stringify(row)).join('\n')}\n`;
  assert.match(csv, /^arch,space,status,score,score_std,s,k,curvature,ratio_sum,params,macs,seed,seeds,protocol,observe,device,version,shard,seconds,message,image_seed,curve_seed,curves,image,options,swap_size,proxies,accuracy,input_params,note\n/);
  assert.ok(before.every(({ device, version, options, seed }) => device === 'cpu' && version && options !== undefined && seed === 0));

  for (const [text, name] of [[csv, 'dextr.csv'], [json, 'dextr.jsonl'], [`[${before.map((row) => JSON.stringify(row)).join()}]`, 'dextr.json']]) {
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Nothing scored yet.').waitFor();
    await give(page, text, name);
    assert.deepEqual(await saved(page), before, name);
    assert.equal(await saved(page, 'Save as CSV'), csv, name);
    await messages(page).getByText(`3 saved results of ${name}: shown as saved, not scored again.`).waitFor();
  }
});

test('a row saved by any face is read by every other', async (context) => {
  const dextr = async (...args) => {
    const { stdout, stderr } = await execFile(join(root, 'target/release/dextr'), args);
    return { stdout, stderr };
  };
  const folder = await mkdtemp(join(tmpdir(), 'dextr-'));
  context.after(() => rm(folder, { recursive: true }));
  const list = join(folder, 'cells.csv');
  await writeFile(list, 'arch,accuracy,params,note\n431204,90.5,1,"a, ""quoted"" one"\n222222,80,2,x\n000000,10,3,disconnected\n');
  const settings = ['score', '--space', 'nasbench201', '--device', 'cpu', '--observe', 'flow', '--curves', '1', '--set', 'stem_width=4', '--set', 'cells=1', '--set', 'size=8', '--input', list];
  const { page } = await openList(tests, context);

  // The page's files: the command line goes on with them, and correlates them.
  await give(page, await readFile(list, 'utf8'), 'cells.csv');
  const own = await saved(page);
  for (const [button, name] of [['Save as CSV', 'page.csv'], ['Save as JSON lines', 'page.jsonl']]) {
    const file = join(folder, name);
    const text = await saved(page, button);
    await writeFile(file, typeof text === 'string' ? text : text.map((row) => `${JSON.stringify(row)}\n`).join(''));
    assert.match((await dextr(...settings, '--out', file)).stderr, /3 rows, 3 of them were there before/, name);
    const { stdout } = await dextr('correlate', file, '--score', 'score', '--truth', 'accuracy', '--format', 'json');
    assert.equal(JSON.parse(stdout).used, 3);
  }
  // The command line's files: the page shows them as they are, and what it scores takes their place.
  for (const name of ['own.csv', 'own.jsonl']) {
    await dextr(...settings, '--out', join(folder, name));
    await page.getByRole('button', { name: 'Clear' }).click();
    await give(page, await readFile(join(folder, name), 'utf8'), name);
    const read = await saved(page);
    const told = (rows) => rows.map(({ arch, status, params, options, proxies, accuracy, input_params, note }) => [arch, status, params, options, proxies, accuracy, input_params, note]);
    assert.deepEqual(told(read), told(own), name);
    // To rounding: two machines, as it were.
    read.forEach(({ score, s }, index) => assert.ok(Math.abs(score - own[index].score) < 1e-3 && Math.abs(s - own[index].s) < 1e-3, `${name}: ${score}, ${s}`));
    await give(page, await readFile(list, 'utf8'), 'cells.csv');
    assert.equal((await saved(page)).length, 3, 'the same experiments');
  }
});

test('an error row goes when the same is scored without an error', async (context) => {
  const { page } = await openList(tests, context);
  await page.evaluate(async () => {
    const { score } = Object.getPrototypeOf(globalThis.dextr);
    globalThis.dextr.score = () => Promise.reject(Object.assign(new Error('refused'), { code: 'too-large' }));
    await globalThis.mounted.scoreText('431204');
    globalThis.dextr.score = score;
  });
  const [failed] = await saved(page);
  assert.equal(failed.status, 'error');
  await give(page, '431204');
  const [row, ...others] = await saved(page);
  assert.deepEqual([row.status, others.length], ['ok', 0]);
  for (const name of ['options', 'observe', 'curves', 'image', 'proxies', 'arch']) assert.equal(failed[name], row[name], name);
});

test('bad rows are named, and the others are scored', async (context) => {
  const { page, problems } = await openList(tests, context);
  await give(page, 'arch;accuracy\n431204;90\n|nor_conv_9x9~0|;80\n;70\n333333;n/a\n431204;90;1\n222222;60\n', 'mine.csv');
  assert.deepEqual((await saved(page)).map(({ status }) => status), ['ok', 'error', 'error', 'ok', 'error', 'ok']);
  const told = (await saved(page)).map(({ message }) => message);
  assert.match(told[1], /^row 2: .*nor_conv_9x9.*;/);
  assert.equal(told[2], 'row 3: has no \'arch\'; give an architecture there');
  assert.match(told[4], /^row 5: has 3 cells where the header has 2; quote/);
  await messages(page).getByText('mine.csv: row 4: “n/a” in accuracy is not a number; scored, but left out of its correlations.').waitFor();
  await page.getByText('2 rows; left out: 3 with the status error, 1 without a number for accuracy.').waitFor();
  await messages(page).getByText('6 of 6 rows are done, 3 of them with errors (the table says which).').waitFor();

  await page.getByRole('button', { name: 'Clear' }).click();
  await give(page, '# a comment\n431204\n\nwrong\n431204\n');
  assert.match((await saved(page))[1].message, /^line 4: /);
  await messages(page).getByText('1 row repeats an earlier architecture: computed once, kept as a row.').waitFor();
  assert.equal((await saved(page)).length, 3);

  await page.getByRole('button', { name: 'Clear' }).click();
  await give(page, '"431204"\n{"arch": 5\n{"arch": "222222", "x": 1}\n17\n'.replace('"431204"\n', '{"arch": "431204"}\n'));
  assert.deepEqual((await saved(page)).map(({ status, message }) => [status, message.slice(0, 6)]), [['ok', 'the nu'], ['error', 'row 2:'], ['ok', 'the nu'], ['error', 'row 4:']]);
  assert.deepEqual(problems, []);
});

test('what cannot be a list is refused with its reason, and the rows stay', async (context) => {
  const { page } = await openList(tests, context);
  await give(page, results(3));
  for (const [text, name, what] of [
    ['name,accuracy\nx,1\n', undefined, 'The list has no column \'arch\', and none that has architectures in it; its columns are: name, accuracy. Name the column'],
    ['achitecture;top1\nresnet;90\n', 'nets.csv', 'its columns are: achitecture, top1. If \'achitecture\' has the architectures, name it \'arch\'.'],
    ['', undefined, 'The list has no architecture in it. Give at least one, one a line.'],
    ['arch,accuracy\n', 'x.csv', '“x.csv” has no architecture in it.'],
    ['[{"arch": "431204"', undefined, 'The JSON cannot be read'],
  ]) {
    await give(page, text, name);
    const shown = await messages(page).textContent();
    assert.ok(shown.includes(what), `${text}: ${shown}`);
    assert.equal(await rows(page).count(), 3);
  }
});

test('an architecture is read from the columns of its space, whatever space is picked', async (context) => {
  const { page } = await openList(tests, context);
  const read = (text, space, fileName) => page.evaluate(async ([text, space, fileName]) => {
    const { readList, RowSchema } = globalThis;
    const schema = new RowSchema(globalThis.dextr.columns);
    try {
      const { items } = await readList(globalThis.dextr, text, { space, fileName, schema });
      return items.map(({ place, space, arch, wrong, others }) => [place, space, arch, wrong, Object.fromEntries(others)]);
    } catch ({ message, hint }) {
      return [message, hint];
    }
  }, [text, space, fileName]);

  const pairs = "[('none', 0), ('skip_connect', 0)]";
  const genotype = `Genotype(normal=${pairs}, normal_concat=[2], reduce=${pairs}, reduce_concat=[2])`;
  for (const space of ['darts', 'nasbench201']) {
    assert.deepEqual(await read(`genotype,valid_acc\n"${genotype}",97.1\n`, space), [['row 1', 'darts', genotype, null, { valid_acc: '97.1' }]]);
  }
  const columns = 'adjacency_7x7_rowmajor,op0,op1,op2,op3,op4,op5,op6,acc';
  assert.match((await read(`${columns}\n01,input,a,b,c,d,e,output,90\n`, 'darts'))[1], /those of nasbench101: choose that search space/);
  assert.deepEqual(await read(`${columns.replaceAll(',', ';')}\n01;input;a;b;c;d;e;output;90\n01;;;;;;;;80\n`, 'nasbench101'),
    [['row 1', 'nasbench101', '01,input,a,b,c,d,e,output', null, { acc: '90' }], ['row 2', 'nasbench101', '01,,,,,,,', 'has no \'op0\'; give an architecture there', { acc: '80' }]]);
  // A space of its own for each row; the picked one where there is none.
  assert.deepEqual((await read('space,arch\nnasbench201,431204\n,x\n', 'darts')).map((item) => item.slice(1, 3)), [['nasbench201', '431204'], ['darts', 'x']]);
  // Commas make no table of a plain list.
  assert.deepEqual((await read(`${genotype}\n(1, 0, 0, 2, 1, 0)\n[1, 0, 0]\n`, 'darts')).map((item) => item.slice(1, 3)),
    [['darts', genotype], ['nasbench201', '(1, 0, 0, 2, 1, 0)'], ['darts', '[1, 0, 0]']]);
});

const [FIRST, SECOND] = ['|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_1x1~2|', '|skip_connect~0|+|nor_conv_1x1~0|none~1|+|skip_connect~0|none~1|avg_pool_3x3~2|'];
const layout = (page) => page.locator('.layout');

test('what a list is read as is shown, and can be changed', async (context) => {
  const { page, problems } = await openList(tests, context);
  await give(page, `nr;cell;other;test_acc;top1\n1;${FIRST};${SECOND};93,1;1,5\n2;${SECOND};${FIRST};73,7;2,5\n`, 'excel.csv');
  await layout(page).getByText('“excel.csv” is read as: semicolons between cells, architectures in \'cell\', accuracies in \'test_acc\', decimal commas in \'test_acc\', \'top1\', row numbers in \'nr\'.').waitFor();
  assert.deepEqual((await saved(page)).map(({ arch, test_acc }) => [arch, test_acc]), [[FIRST, '93.1'], [SECOND, '73.7']]);
  assert.equal(await page.getByLabel('Accuracy', { exact: true }).inputValue(), 'test_acc');
  assert.deepEqual(await page.getByLabel('Accuracy', { exact: true }).locator('option').allTextContents(), ['none', 'test_acc', 'top1'], 'row numbers are no accuracy');

  await page.getByText('Read it otherwise').click();
  const done = page.waitForFunction((first) => globalThis.mounted && document.querySelector('.list-table tbody tr[aria-rowindex] .link')?.textContent === first, SECOND);
  await layout(page).getByLabel('Architectures in').selectOption('other');
  await within(done, 'the rows in their new reading');
  await page.waitForFunction(() => !globalThis.mounted.busy);
  assert.deepEqual((await saved(page)).map(({ arch, cell }) => [arch, cell]), [[SECOND, FIRST], [FIRST, SECOND]], 'the rows are read anew, none is there twice');
  await layout(page).getByLabel('Accuracies in').selectOption('top1');
  await page.waitForFunction(() => document.querySelector('.truth') && !globalThis.mounted.busy);
  await page.getByRole('columnheader', { name: 'top1' }).waitFor();
  await layout(page).getByLabel('Decimals').selectOption('point');
  await page.waitForFunction(() => !globalThis.mounted.busy);
  await counted(page).getByText('2 rows', { exact: true }).waitFor();
  assert.equal((await saved(page))[0].test_acc, '93,1');
  assert.deepEqual(problems, []);
});

test('a second list with another name for its accuracy is plotted too', async (context) => {
  const { page } = await openList(tests, context);
  await give(page, `arch,acc\n${FIRST},90\n${SECOND},80\n`);
  await give(page, '{"what": {"333333": {"val_accuracy": 95}, "222222": {"val_accuracy": 70}}}', 'zc.json');
  await page.getByText('4 rows. A filter holds here too.').waitFor();
  const accuracy = page.getByLabel('Accuracy', { exact: true });
  assert.equal((await accuracy.locator('option:checked').textContent()), 'each list’s own (acc, val_accuracy)');
  assert.equal((await page.locator('.scatter .points').getAttribute('d')).split('M').length - 1, 4);
  await accuracy.selectOption('acc');
  await page.getByText('2 rows; left out: 2 without a number for acc.').waitFor();
});

test('a list of several spaces gives each row its own', async (context) => {
  const { page } = await openList(tests, context, { settings: { space: 'nasbench201', curves: 1 } });
  await give(page, `${FIRST}\n8:8:8:8:8\nwrong\n`);
  await layout(page).getByText('The list is read as: 2 of nasbench201, 1 of nats-size.').waitFor();
  assert.deepEqual((await saved(page)).map(({ space, status }) => [space, status]), [['nasbench201', 'ok'], ['nats-size', 'ok'], ['nasbench201', 'error']]);
  await page.getByText('Read it otherwise').click();
  await layout(page).getByLabel('Search space').selectOption('picked');
  await page.waitForFunction(() => !globalThis.mounted.busy);
  await page.waitForFunction(() => /2 with errors/.test(document.querySelector('.counted').textContent));
  assert.deepEqual((await saved(page)).map(({ space, status }) => [space, status]), [['nasbench201', 'ok'], ['nasbench201', 'error'], ['nasbench201', 'error']]);
});

test('numbers that mean several cells say which was taken, and the order can be changed', async (context) => {
  const { page } = await openList(tests, context);
  await give(page, '(4, 0, 3, 1, 4, 3)\n444444\n');
  await layout(page).getByText('numbers in the order of NAS-Bench-201 and NATS-Bench (1 row)').waitFor();
  const [nats] = await saved(page);
  assert.match(nats.message, /naslib:/);
  await page.getByText('Read it otherwise').click();
  await layout(page).getByLabel('Numbers in the order of').selectOption('naslib');
  await layout(page).getByText('numbers in the order of NASLib (1 row)').waitFor();
  await page.waitForFunction(() => !globalThis.mounted.busy);
  const rows = await saved(page);
  assert.deepEqual(rows.map(({ arch, message }) => [arch, message]), [['|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|', ''], [rows[1].arch, rows[1].message]]);
  assert.notEqual(rows[0].arch, nats.arch);
});

test('files: spreadsheets, other encodings, archives and what is too large', async (context) => {
  const { page } = await openList(tests, context);
  const open = async (name, bytes) => page.getByLabel('Open a list').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(bytes) });
  for (const [name, bytes, what] of [
    ['x.csv', [0x1f, 0x8b, 8, 0], '“x.csv” is compressed (gzip). Unpack it first.'],
    ['x.xlsx', [0x50, 0x4b, 3, 4], '“x.xlsx” is a zip archive or a spreadsheet.'],
    ['x.txt', [...Buffer.from('431204\n'), 0xe4, 0x0a], '“x.txt”, line 2, is not in UTF-8.'],
    ['x.bin', [0x41, 0, 0x41], '“x.bin” is not text'],
  ]) {
    await open(name, bytes);
    await messages(page).getByText(what).waitFor();
  }
  const huge = await page.evaluate(async () => {
    let read = false;
    const file = new File(['431204'], 'huge.csv');
    Object.defineProperty(file, 'size', { value: 4 * 2 ** 30 });
    file.arrayBuffer = async () => {
      read = true;
      return new ArrayBuffer(0);
    };
    await globalThis.mounted.scoreFile(file);
    return read;
  });
  assert.equal(huge, false, 'its size is looked at first');
  await messages(page).getByText('“huge.csv” has 4295 MB, and at most 67 MB are read here. Cut it into parts, or use the command line.').waitFor();

  await open('excel.txt', [0xff, 0xfe, ...Buffer.from('arch\taccuracy\r\n431204\t90\r\n', 'utf16le')]);
  await counted(page).getByText('1 row', { exact: true }).waitFor();
  await open('bom.csv', '\ufeffarch,accuracy\r\n222222,80\r\n');
  await counted(page).getByText('2 rows', { exact: true }).waitFor();
  assert.deepEqual((await saved(page)).map(({ status, accuracy }) => [status, accuracy]), [['ok', '90'], ['ok', '80']]);
});

test('hostile text is text', async (context) => {
  const { page, requests, problems } = await openList(tests, context);
  const markup = '<img src=x onerror=alert(1)>';
  await give(page, `arch,"${markup}",__proto__,constructor\n${markup},1,2,3\n431204,2,${markup},4\n222222,3,5,5\n`, `${markup}.csv`);
  const kept = await saved(page);
  assert.deepEqual(kept.map((row) => [row.arch === markup, row[markup], Object.getOwnPropertyDescriptor(row, '__proto__').value, row.constructor]),
    [[true, '1', '2', '3'], [false, '2', markup, '4'], [false, '3', '5', '5']]);
  await page.getByLabel('Accuracy').selectOption(markup);
  await page.getByRole('columnheader', { name: markup }).waitFor();
  assert.equal(await page.locator('img').count(), 0);
  assert.deepEqual(requests.filter((url) => /\/x$/.test(url)), []);
  assert.deepEqual(problems, []);
});

test('pause, resume and cancel keep what is done', async (context) => {
  const { page } = await openList(tests, context);
  await paste(page, cells(2000).join('\n'));
  await page.waitForFunction(() => /^[1-9]\d* of 2,000 rows, .* left$/.test(document.querySelector('.list .step').textContent));
  await page.getByRole('button', { name: 'Pause' }).click();
  const step = page.locator('.list .step');
  await step.getByText(/, paused$/).waitFor();
  // A row that was under way may still come in.
  await page.waitForTimeout(300);
  const [held] = (await step.textContent()).split(' ');
  await page.waitForTimeout(400);
  assert.equal((await step.textContent()).split(' ')[0], held, 'nothing is scored in a pause');
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.waitForFunction((held) => document.querySelector('.list .step').textContent.split(' ')[0] !== held, held);
  await page.getByRole('button', { name: 'Cancel the list' }).click();
  await ended(page);
  await messages(page).getByText(/^Cancelled; [1-9][\d,]* of 2,000 rows are done\. They are kept\.$/).waitFor();
  const kept = await saved(page);
  assert.ok(kept.length > Number(held) && kept.length < 2000);
  assert.ok(kept.every(({ status }) => status === 'ok' || status === 'disconnected'));

  // Cancelled in a pause; the next list is none the worse for it.
  await paste(page, cells(2000).join('\n'));
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Cancel the list' }).click();
  await ended(page);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Scored architectures', 'the focus is not lost');
  await page.getByRole('button', { name: 'Clear' }).click();
  await give(page, '431204\n222222');
  assert.equal((await saved(page)).length, 2);
});

test('on the page: a row opens its architecture with its settings, and scores the same', async (context) => {
  const { page, problems } = await tests.open(context, '?device=cpu#set.stem_width=4&set.cells=1&set.size=8&curves=1&seed=5');
  await paste(page, '431204\n|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_1x1~2|\n');
  await page.getByText(/^[23] rows$/).waitFor();
  await ended(page);
  const row = (await saved(page)).find(({ arch }) => arch.startsWith('|nor_conv_3x3~0|+|none~0|'));
  await page.locator('.list-table').getByRole('button', { name: row.arch, exact: true }).click();
  const value = page.locator('#answer .score data');
  await page.waitForFunction((score) => document.querySelector('#answer .score data')?.value === String(score), row.score);
  assert.equal(Number(await value.getAttribute('value')), row.score);
  assert.equal(row.seed, 5);
  assert.deepEqual(problems, []);
});

test('a score from elsewhere takes its row’s place; a second list of the same is no second copy', async (context) => {
  const { page } = await openList(tests, context);
  await give(page, '431204\n222222\n');
  await give(page, '431204\n222222\n');
  assert.equal((await saved(page)).length, 2);
  await page.evaluate(async (request) => {
    for (const seed of [0, 0, 1]) globalThis.mounted.add(await globalThis.dextr.score({ ...request, seed }));
  }, { ...SMALL, arch: '431204' });
  assert.deepEqual((await saved(page)).map(({ seed }) => seed), [0, 0, 1]);
});

test('a list that a reload cuts off goes on where it was, and one can forget it', async (context) => {
  const { page, visit } = await openList(tests, context);
  page.on('dialog', (dialog) => void dialog.accept());
  const asked = cells(400).join('\n');
  await page.evaluate((text) => void globalThis.mounted.scoreText(text, 'long.txt'), asked);
  await page.waitForFunction(() => document.querySelectorAll('#list .list-table tbody tr[aria-rowindex]').length > 3);
  // What is done is written a moment later.
  await page.waitForTimeout(700);
  await visit();
  const offer = page.getByText(/^long\.txt was cut off when the page went: \d+ of 400 rows are done and kept\./);
  const done = Number(/(\d+) of 400/.exec(await offer.textContent())[1]);
  assert.ok(done > 0 && done < 400, String(done));
  await page.getByRole('button', { name: `Go on with the other ${400 - done}` }).click();
  await page.getByText(/^400 rows/).waitFor();
  await visit();
  await counted(page).waitFor();
  assert.equal(await offer.count(), 0, 'a list that has ended is offered no more');
});

test('a filter that cannot be read is told; a ranking over several spaces offers each', async (context) => {
  const { page, problems } = await openList(tests, context);
  const row = (space, arch, params) => JSON.stringify({ arch, space, status: 'ok', score: params, s: 1, k: 1, params, macs: 1, seed: 0, seeds: 1, protocol: 'refined', observe: 'flow', device: 'cpu', version: '0.1.0' });
  await give(page, [row('nasbench201', '431204', 400_000), row('nats-size', '8:8:8:8:8', 600_000)].join('\n'));
  await page.getByText('These rows are of 2 search spaces, whose scores cannot be compared: a rank says something within one alone.').waitFor();
  const filter = page.getByLabel('Filter', { exact: true });
  await filter.fill('parms<1');
  await page.getByText(/^There is no column “parms”\. There are .*params/).waitFor();
  assert.match(await counted(page).textContent(), /^2 of 2 rows/);
  await filter.fill('params<500k');
  await page.getByText(/^1 of 2 rows/).waitFor();
  await filter.fill('');
  await page.getByRole('button', { name: 'Rank nats-size alone' }).click();
  await page.getByText(/^1 of 2 rows/).waitFor();
  assert.equal(await filter.inputValue(), 'space=nats-size');
  assert.deepEqual(problems, []);
});

test('where a model file is picked, a list of cells is of its space all the same', async (context) => {
  const { page, problems } = await openList(tests, context, { settings: { space: 'onnx', observe: 'flow', curves: 1 } });
  await give(page, '431204\n000000\n');
  assert.deepEqual((await saved(page)).map(({ space, status }) => [space, status]), [['nasbench201', 'ok'], ['nasbench201', 'disconnected']]);
  assert.deepEqual(problems, []);
});
