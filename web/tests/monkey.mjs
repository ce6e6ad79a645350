// SPDX-License-Identifier: MIT
//
// Random clicks, drags and keys, by a seed: nothing may break, no NaN be shown
// without a word about it, and memory stays what it is.
//
//     node web/tests/monkey.mjs 20      (./run monkey builds the page first)

import { fileURLToPath } from 'node:url';
import { closePage, start } from './browser.mjs';
import { equal, finish, holds, test } from './tap.mjs';

/** xorshift32. */
function dice(seed) {
  let s = (seed * 2654435761) >>> 0 || 1;
  return (n) => {
    s ^= s << 13;
    s >>>= 0;
    s ^= s >>> 17;
    s ^= s << 5;
    s >>>= 0;
    return s % n;
  };
}

const TARGETS = 'button:not([disabled]), select, input:not([hidden]), ' +
  'summary, canvas';

/** One thing at random on something that is there. */
async function act(page, roll) {
  const all = await page.$$(TARGETS);
  const one = all[roll(all.length)];
  const box = await one?.boundingBox().catch(() => null);
  if (!box || box.width < 2) return;
  const at = [box.x + roll(Math.ceil(box.width)),
    box.y + roll(Math.ceil(box.height))];
  const { width, height } = page.viewportSize();
  if (at[0] < 0 || at[1] < 0 || at[0] >= width || at[1] >= height) {
    await page.mouse.wheel(0, roll(2) ? 400 : -400);
    return;
  }
  switch (roll(6)) {
    case 0:
      await page.mouse.move(...at);
      await page.mouse.down();
      await page.mouse.move(roll(width), roll(height), { steps: 3 });
      await page.mouse.up();
      break;
    case 1:
      await page.keyboard.press(['Tab', 'Space', 'ArrowUp', 'ArrowLeft',
        'Enter', 'Escape', 'Delete', 'End'][roll(8)]);
      break;
    case 2:
      await page.mouse.click(...at, { button: 'right' });
      break;
    default:
      await page.mouse.click(...at);
  }
}

/** What is on the page that must not be. */
function wrong(page) {
  return page.evaluate(() => {
    const text = document.querySelector('#app').innerText;
    if (/NaN|undefined|\[object/.test(text))
      return text.match(/.{0,40}(NaN|undefined|\[object).{0,40}/)[0];
    const { frame } = window.basin.main;
    const broken = frame.value && !Number.isFinite(frame.value.high);
    const said = /diverged/.test(text);
    return broken && !said && window.basin.view.value === 'one' ?
      'a surface of NaN without a word' : '';
  });
}

const heap = (page) => page.evaluate(() => {
  window.gc?.();
  return performance.memory?.usedJSHeapSize ?? 0;
});

async function monkey(host, seed, seconds) {
  const page = await host.open({ flat: true });
  page.on('download', (file) => void file.cancel().catch(() => undefined));
  page.on('filechooser', () => undefined);
  const roll = dice(seed), end = Date.now() + 1000 * seconds;
  let early = 0;
  while (Date.now() < end) {
    await act(page, roll);
    if (!early && Date.now() > end - 500 * seconds) early = await heap(page);
    equal(await wrong(page), '', 'shown');
  }
  const late = await heap(page);
  holds(late < early + 24e6, `memory: ${early} bytes, then ${late}`);
  await closePage(page);
}

export async function monkeys(host, seeds, seconds) {
  for (const seed of seeds)
    await test(`${seconds} s of random clicks and drags, seed ${seed}`, () =>
      monkey(host, seed, seconds));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const n = Number(process.argv[2] ?? 20);
  const host = await start();
  await monkeys(host, Array.from({ length: n }, (_, i) => i + 1), 60);
  await test('no error was reported by the page', () =>
    equal(host.errors.join('\n'), '', 'errors'));
  await host.close();
  process.exit(finish());
}
