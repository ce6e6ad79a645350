// SPDX-License-Identifier: MIT
//
// One's own samples, and what comes and goes as files and addresses.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { closePage, root, until } from './browser.mjs';
import { equal, holds, test } from './tap.mjs';

const exe = process.env.BASIN_EXE ?? `${root}build/basin`;
const count = (page) =>
  page.evaluate(() => window.basin.main.start.value.x.length);
const notice = (page) =>
  page.evaluate(() => window.basin.main.notice.value?.text ?? '');
const samples = (n) => `main.start.value.x.length === ${n}`;

async function map(page) {
  const pad = page.locator('canvas.map');
  await page.waitForSelector('.verdict:not([data-margin=""])'); // it is tall
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  const at = (x, y) => [box.x + x * box.width, box.y + y * box.height];
  const n = await count(page);
  await page.mouse.click(...at(0.5, 0.12));
  await until(page, samples(n + 1));
  await page.mouse.move(...at(0.5, 0.12));
  await page.mouse.down();
  await page.mouse.move(...at(0.6, 0.3), { steps: 4 });
  await page.mouse.up();
  await until(page, 'main.start.value.y.at(-1) < 1.2');
  equal(await count(page), n + 1, 'moved, not added');
  await page.mouse.click(...at(0.6, 0.3), { button: 'right' });
  await until(page, samples(n));
  await page.getByRole('button', { name: 'Undo' }).click();
  await until(page, samples(n + 1));
  await pad.focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await until(page, samples(n + 2));
  await page.keyboard.press('Delete');
  await until(page, samples(n + 1));
}

async function functions(page) {
  for (const name of ['sine', 'step', 'circle', 'square']) {
    await page.selectOption('#function', name);
    await until(page, `main.data.value.name === '${name}'`);
    await page.evaluate(() => window.basin.main.advance(50, Infinity));
    equal(await notice(page), '', 'no complaint');
  }
}

const table = (page, name, text) => page.locator('.data input[type=file]')
  .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

async function tables(page) {
  await table(page, 'good.csv', 'x,y\n-0.5,0.25\n0,0\n0.5,0.25\n');
  await until(page, samples(3));
  await table(page, 'bad.csv', 'x,y\n0.5,0.25\n0.5,zebra\n');
  await page.waitForSelector('.notice.error');
  const said = await notice(page);
  holds(/bad\.csv.*zebra/.test(said), `what is wrong, and where: ${said}`);
  await table(page, 'wide.csv', '1,2,3\n4,5,6\n');
  await until(page, "main.notice.value?.text.includes('3 columns')");
  await table(page, 'far.csv', '5,0\n0,0\n');
  await until(page, "main.notice.value?.text.includes('outside')");
  equal(await count(page), 3, 'the samples stay');
  await page.evaluate(() => window.basin.main.advance(10, Infinity));
  await page.getByRole('button', { name: 'Dismiss' }).click();
}

async function drop(page) {
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['0.1 0.2\n0.3 0.4\n'], 'dropped.csv'));
    document.querySelector('.page').dispatchEvent(new DragEvent('drop',
      { bubbles: true, cancelable: true, dataTransfer: data }));
  });
  await until(page, samples(2));
}

async function download(page, name) {
  await page.locator('nav').getByRole('button', { name: 'Share' }).click();
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name }).click();
  const file = await (await waiting).path();
  await page.keyboard.press('Escape');
  return file;
}

async function models(page) {
  await page.click('[data-preset=margin]');
  await page.evaluate(() => window.basin.main.advance(400, Infinity));
  const file = await download(page, 'Download the model');
  const said = execFileSync(exe, ['inspect', file], { encoding: 'utf8' });
  holds(/x-net\.hidden/.test(said), 'basin inspect reads it');
  await page.click('[data-preset=regression]');
  const open = (name, buffer) =>
    page.locator('dialog input[type=file]').setInputFiles({ name, buffer,
      mimeType: 'application/octet-stream' });
  await page.locator('nav').getByRole('button', { name: 'Share' }).click();
  await open('mine.safetensors', readFileSync(file));
  await until(page, "main.opened.value === 'mine.safetensors'");
  const weights = await page.evaluate(async () =>
    Array.from(await window.basin.main.model()));
  holds(Buffer.from(weights).equals(readFileSync(file)), 'the same bytes');
  await page.locator('nav').getByRole('button', { name: 'Share' }).click();
  await open('broken.safetensors', readFileSync(file).subarray(0, 700));
  await page.waitForSelector('.notice.error');
  const why = await notice(page);
  holds(/broken\.safetensors.*cut off/.test(why), why);
  await page.evaluate(() => window.basin.main.advance(10, Infinity));
}

async function pictures(page) {
  const file = await download(page, 'Save the picture');
  equal(readFileSync(file).subarray(1, 4).toString(), 'PNG', 'a PNG');
  await page.locator('nav').getByRole('button', { name: 'Share' }).click();
  const waiting = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Record the training' }).click();
  await until(page, 'main.frame.value.updates > 200');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  const film = readFileSync(await (await waiting).path());
  equal(film.subarray(0, 4).toString('hex'), '1a45dfa3', 'a WebM');
}

async function state(page) {
  return page.evaluate(async () => {
    const { main } = window.basin;
    return JSON.stringify({ settings: main.settings.value,
      n: main.start.value.x.length, updates: main.frame.value.updates,
      cut: main.cut.value, weights: Array.from(await main.weights()) });
  });
}

async function shared(host, page) {
  await page.locator('nav').getByRole('button', { name: 'Share' }).click();
  const field = page.locator('[data-test=address]');
  await page.waitForFunction(() =>
    document.querySelector('[data-test=address]').value);
  const url = await field.inputValue();
  await page.keyboard.press('Escape');
  const other = await host.open({ flat: true, hash: new URL(url).hash });
  await until(other, `main.frame.value.updates === ${await page.evaluate(
    () => window.basin.main.frame.value.updates)}`);
  equal(await state(other), await state(page), 'the state');
  await closePage(other);
  await followed(host, page, new URL(url).hash);
}

/** An address that is put into a page which is open already. */
async function followed(host, page, hash) {
  const other = await host.open({ flat: true });
  await other.click('nav >> text=Compare');
  await other.waitForFunction(() => window.basin.others.value.length);
  await other.evaluate((to) => { location.hash = to; }, hash);
  await until(other, `main.frame.value.updates === ${await page.evaluate(
    () => window.basin.main.frame.value.updates)}`);
  equal(await state(other), await state(page), 'the state, followed');
  await other.evaluate(() => { location.hash = 'demo=margin&h=100000'; });
  await other.waitForSelector('.notice.error');
  equal(await other.evaluate(() => window.basin.main.settings.value.hidden),
    await page.evaluate(() => window.basin.main.settings.value.hidden),
    'what was there before');
  await closePage(other);
}

async function addresses(host, page) {
  await page.click('[data-preset=margin]');
  await page.evaluate(async () => {
    const { main } = window.basin;
    await main.change({ seed: 5, lossSettings: { margin: 1.5 } });
    await main.look(-0.25);
    await main.advance(777, Infinity);
  });
  await shared(host, page);
  await page.evaluate(async () => {
    const { main } = window.basin;
    await main.change({ loss: 'log', lossSettings: {} });
    await main.supply({ kind: 'own', x: [0.1, -0.4], y: [0.2, 1.1] });
    await main.advance(123, Infinity);
  });
  await shared(host, page);
}

async function damaged(host) {
  for (const hash of ['#demo=margin&w=%25%25', '#demo=margin&h=abc',
    '#demo=margin&h=100000', '#demo=nll&loss=none', '#demo=x&own=AAA']) {
    const page = await host.open({ flat: true, hash });
    await page.waitForSelector('.notice.error');
    await page.evaluate(() => window.basin.main.advance(10, Infinity));
    await closePage(page);
  }
}

export async function files(host) {
  const page = await host.open();
  await test('samples by mouse and by keys, and undo', () => map(page));
  await test('the functions', () => functions(page));
  await test('tables, good and bad', () => tables(page));
  await test('a table that is dropped', () => drop(page));
  await test('models: downloaded, inspected, opened, broken', () =>
    models(page));
  await test('a picture and a recording', () => pictures(page));
  await test('the address brings the same state, to the bit', () =>
    addresses(host, page));
  await closePage(page);
  await test('damaged addresses are said, and the page goes on', () =>
    damaged(host));
}
