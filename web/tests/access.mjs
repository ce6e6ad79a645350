// SPDX-License-Identifier: MIT
//
// axe-core on every view, light and dark; and the page without WebGL, with
// little motion, and without a network.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { closePage, root, until } from './browser.mjs';
import { equal, holds, test } from './tap.mjs';

const axe = readFileSync(join(root, 'web/node_modules/axe-core/axe.min.js'),
  'utf8');

async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations: list } = await window.axe.run(document);
    return list.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) =>
      n.target.join(' ')).join('; ')}`);
  });
  equal(found.join('\n'), '', 'violations');
}

const VIEWS = {
  'the first view': async () => {},
  'all knobs open': (page) => page.evaluate(() => {
    for (const group of document.querySelectorAll('details'))
      group.open = true;
  }),
  'the tour': async (page) => {
    await page.getByRole('button', { name: 'Tour' }).click();
    await page.waitForSelector('.tour');
  },
  'sharing': async (page) => {
    await page.locator('nav').getByRole('button', { name: 'Share' }).click();
    await page.waitForSelector('dialog[open]');
  },
  'comparing': async (page) => {
    await page.getByRole('button', { name: 'Compare' }).click();
    await until(page, 'others.value.length === 4 && ' +
      'others.value.every((r) => r.frame.value)');
  },
};

async function offline(host) {
  const page = await host.open({ flat: true, serviceWorkers: 'allow' });
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(async () => (await caches.keys()).length === 1 &&
    (await (await caches.open((await caches.keys())[0])).keys()).length >= 7);
  await page.reload();
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await page.context().setOffline(true);
  await page.reload();
  await until(page, 'main.frame.value');
  await closePage(page);
}

export async function access(host) {
  for (const colorScheme of ['light', 'dark'])
    for (const [name, go] of Object.entries(VIEWS))
      await test(`axe-core, ${colorScheme}: ${name}`, async () => {
        const page = await host.open({ flat: true, colorScheme,
          reducedMotion: 'reduce' });
        await go(page);
        await violations(page);
        await closePage(page);
      });
  await test('without WebGL there is a map of heat', async () => {
    const page = await host.open({ flat: true });
    await page.waitForSelector('canvas.flat');
    const inked = await page.evaluate(() => {
      const canvas = document.querySelector('canvas.flat');
      const { data } = canvas.getContext('2d').getImageData(0, 0,
        canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
    holds(inked > 50, `${inked} colours`);
    await closePage(page);
  });
  await test('without a network, once loaded', () => offline(host));
}
