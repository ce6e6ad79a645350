// SPDX-License-Identifier: MIT
//
// Every button, knob and key, and the page on a telephone.

import { closePage, until, updates } from './browser.mjs';
import { equal, holds, test } from './tap.mjs';

const button = (page, name) => page.getByRole('button', { name,
  exact: true });

async function transport(page) {
  await button(page, 'Train').click();
  await until(page, 'main.frame.value.updates > 0');
  await button(page, 'Pause').click();
  await page.waitForTimeout(300);
  const before = await updates(page);
  await page.waitForTimeout(300);
  equal(await updates(page), before, 'paused, it stays');
  await button(page, 'Step').click();
  await until(page, `main.frame.value.updates === ${before + 1}`);
  await button(page, 'Reset').click();
  await until(page, 'main.frame.value.updates === 0');
}

async function presets(page) {
  for (const id of ['collapse', 'margin', 'nll', 'regression']) {
    await page.click(`[data-preset=${id}]`);
    await page.waitForSelector(`[data-preset=${id}][aria-pressed=true]`);
    const loss = await page.evaluate(() =>
      window.basin.main.settings.value.loss);
    equal(await page.inputValue('#loss'), loss, 'the knob follows');
  }
}

async function everyLoss(page) {
  const names = await page.evaluate(() =>
    window.basin.tables.value.loss.map((l) => l.name));
  equal(await page.locator('#loss option').count(), names.length, 'losses');
  for (const name of names) {
    await page.selectOption('#loss', name);
    await until(page, `main.settings.value.loss === '${name}'`);
    const params = await page.evaluate((n) => window.basin.tables.value.loss
      .find((l) => l.name === n).params.map((p) => p.name), name);
    for (const param of params)
      await page.waitForSelector(`#loss-${param}`);
  }
  const notice = await page.evaluate(() =>
    window.basin.main.notice.value?.text ?? '');
  equal(notice, '', 'no complaint');
}

async function verdict(page) {
  for (const [loss, margin] of [['energy', 'none'], ['hinge', 'm']]) {
    await page.selectOption('#loss', loss);
    await page.waitForSelector(`.verdict[data-margin="${margin}"]`);
  }
}

async function knobs(page) {
  await page.selectOption('#loss', 'hinge');
  await page.fill('#loss-margin', '0.5');
  await page.press('#loss-margin', 'Enter');
  await until(page, 'main.settings.value.lossSettings.margin === 0.5');
  await page.fill('#loss-margin', '-3');
  await page.press('#loss-margin', 'Enter');
  await page.waitForSelector('#loss-margin[aria-invalid]');
  equal(await page.evaluate(() =>
    window.basin.main.settings.value.lossSettings.margin), 0.5, 'it stays');
  for (const title of ['Model', 'Training', 'Inference'])
    await page.locator('summary', { hasText: title }).click();
  for (const [id, value, key] of [['hidden', '7', 'hidden'],
    ['seed', '3', 'seed'], ['rate', '0.004', 'rate'], ['batch', '8', 'batch'],
    ['points', '51', 'points'], ['epsilon', '0.2', 'epsilon'],
    ['beta', '2', 'beta'], ['epochs', '80', 'epochs']]) {
    await page.fill(`#knob-${id}`, value);
    await page.press(`#knob-${id}`, 'Enter');
    await until(page, `main.settings.value.${key} === ${value}`);
  }
  await page.selectOption('#knob-nets', '1');
  await until(page, 'main.settings.value.nets === 2');
  await page.selectOption('#optimiser', 'adam');
  await page.waitForSelector('#optimiser-beta1');
  await button(page, 'Step').click();
  await until(page, 'main.frame.value.updates === 1');
}

async function keys(page) {
  await page.click('[data-preset=regression]');
  await page.locator('.stage h1, .words').first().click();
  await page.keyboard.press('Space');
  await until(page, 'main.frame.value.updates > 0');
  await page.evaluate(() => window.basin.main.play(false));
  await page.locator('canvas.scene-canvas').focus();
  for (const key of ['ArrowLeft', 'ArrowUp', '+', '-', 'Home'])
    await page.keyboard.press(key);
  const slider = page.getByLabel('Where the cut is, X');
  await slider.focus();
  await page.keyboard.press('ArrowRight');
  await until(page, 'Math.abs(main.cut.value - 0.51) < 1e-9');
  await page.mouse.move(500, 400);
  await page.mouse.down();
  await page.mouse.move(600, 430);
  await page.mouse.up();
}

async function words(page) {
  await page.click('[data-preset=regression]');
  await page.waitForFunction(() =>
    document.querySelector('.badge').textContent === 'untrained');
  await page.evaluate(async () => {
    const { main } = window.basin;
    await main.advance(60000, Infinity);
    await main.judge();
  });
  await page.waitForFunction(() =>
    document.querySelector('.badge').textContent === 'a basin');
  await page.waitForFunction(() => /basin along the samples/.test(
    document.querySelector('[aria-live]').textContent));
}

async function scheme(page) {
  await button(page, 'Dark colours').click();
  await page.waitForSelector('html[data-scheme=dark]');
  await button(page, 'Light colours').click();
  await page.waitForSelector('html[data-scheme=light]');
}

async function compare(page) {
  await button(page, 'Compare').click();
  await button(page, 'Train').click(); // before the workers have begun
  await until(page, 'others.value.length === 4 && ' +
    'others.value.every((r) => r.frame.value?.updates > 0)');
  await button(page, 'Pause').click();
  await page.selectOption('#panel-loss-0', 'hinge');
  await until(page, "others.value[0].settings.value.loss === 'hinge'");
  const same = await page.evaluate(() => {
    const firsts = window.basin.others.value.map((r) =>
      Array.from(r.first.value).join());
    return firsts.every((f) => f === firsts[0]);
  });
  holds(same, 'all start from the same weights');
  await button(page, '2').click();
  await until(page, 'others.value.length === 2');
  await button(page, 'Compare').click();
  await until(page, "view.value === 'one'");
}

async function telephone(host) {
  const page = await host.open({ width: 390, height: 844, isMobile: true,
    hasTouch: true, flat: true });
  const wide = await page.evaluate(() =>
    document.documentElement.scrollWidth);
  holds(wide <= 390, `nothing is wider than the screen (${wide})`);
  await page.locator('[data-preset=margin]').tap();
  await page.getByRole('button', { name: 'Train', exact: true }).tap();
  await until(page, 'main.frame.value.updates > 0');
  await closePage(page);
}

export async function controls(host) {
  const page = await host.open();
  await test('train, pause, step, reset', () => transport(page));
  await test('the four demonstrations', () => presets(page));
  await test('every loss of the registry, with its knobs', () =>
    everyLoss(page));
  await test('the page by keys, and the surface by mouse', () => keys(page));
  await test('what happens is said in words', () => words(page));
  await test('light and dark', () => scheme(page));
  await test('the verdict of the check stands beside the loss', () =>
    verdict(page));
  await test('the other knobs, and values that cannot be', () => knobs(page));
  await test('two and four surfaces beside each other', () => compare(page));
  await closePage(page);
  await test('on a telephone', () => telephone(host));
}
