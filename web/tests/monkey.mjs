// SPDX-License-Identifier: MIT
//
// Random clicks, drags and keys, by a seed: nothing may break, no NaN be shown
// without a word about it, and memory does not grow.
//
//     node web/tests/monkey.mjs 20      (./run monkey builds the page first)

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { closePage, start, until } from './browser.mjs';
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

/** Brings the page to rest in one same state, so that what it holds can be
 *  compared. */
async function rest(page) {
  await page.keyboard.press('Escape');
  await page.evaluate(() => {
    location.hash = '';
    location.hash = 'demo=regression';
  });
  await until(page, "view.value === 'one' && !main.playing.value && " +
    'main.frame.value.updates === 0');
}

/** Bytes of the page's processes that no file backs: its heap, its workers',
 *  their WebAssembly. @return 0 where the system does not tell */
async function resident(host) {
  const cdp = await host.browser.newBrowserCDPSession();
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  await cdp.detach();
  let kb = 0;
  for (const { type, id } of processInfo) {
    if (type !== 'renderer') continue;
    const text = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
    kb += Number(/RssAnon:\s*(\d+)/.exec(text)?.[1] ?? 0);
  }
  return 1024 * kb;
}

/** Bytes that the page holds when all that was done is undone. */
async function memory(host, page) {
  await rest(page);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('HeapProfiler.collectGarbage');
  const heap = await page.evaluate(() => performance.memory.usedJSHeapSize);
  await cdp.detach();
  return { heap, resident: await resident(host) };
}

/** From here on the page may grow by no more than what its compiler keeps of
 *  code that ran for the first time, and what the allocator rounds to. */
const SETTLED = 10; // seconds
const GROWTH = { heap: 2e6, resident: 40e6 }; // bytes

async function monkey(host, seed, seconds) {
  const page = await host.open({ flat: true });
  page.on('download', (file) => void file.cancel().catch(() => undefined));
  page.on('filechooser', () => undefined);
  const roll = dice(seed), begin = Date.now();
  const settled = begin + 1000 * Math.min(SETTLED, seconds / 2);
  let early;
  while (Date.now() < begin + 1000 * seconds) {
    await act(page, roll);
    if (!early && Date.now() > settled) early = await memory(host, page);
    equal(await wrong(page), '', 'shown');
  }
  const late = await memory(host, page);
  for (const [what, most] of Object.entries(GROWTH))
    holds(late[what] < early[what] + most,
      `${what}: ${early[what]} bytes, then ${late[what]}`);
  console.log(`# seed ${seed}: heap ${early.heap}, then ${late.heap} bytes; ` +
    `resident ${early.resident}, then ${late.resident}`);
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
