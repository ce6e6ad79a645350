// SPDX-License-Identifier: MIT
//
// The tour from end to end: what each stop says comes true.

import { closePage, until } from './browser.mjs';
import { equal, holds, test } from './tap.mjs';

const spread = (page) => page.evaluate(() => {
  const { main } = window.basin;
  return main.frame.value.deviation / main.deviationFirst.value;
});
const done = (page, n) =>
  page.waitForSelector(`.tour[data-stop="${n}"][data-done=yes]`);

export async function tour(host) {
  const page = await host.open({ flat: true });
  const error = () => page.evaluate(() => window.basin.main.error.value);
  const next = () => page.locator('.tour').getByRole('button',
    { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Tour' }).click();
  const checks = {
    3: async () => holds(await error() < 0.02, 'the valley is found'),
    4: async () => holds(await spread(page) <= 0.05, 'it collapsed'),
    5: async () => holds(await spread(page) <= 0.05, 'still flat'),
    6: async () => holds(await page.evaluate(() =>
      window.basin.main.frame.value.ei) > 0.5, 'it rose'),
    7: async () => holds(await error() < 0.03, 'a basin'),
    8: async () => holds(await page.evaluate(() => {
      const { frame, first } = window.basin.main;
      return frame.value.high > 3 * Math.max(...first.value);
    }), 'the walls grow'),
    9: async () => holds(await page.evaluate(() => {
      const [energy, , square] = window.basin.others.value.map((r) =>
        r.frame.value.deviation / r.deviationFirst.value);
      return energy < 0.15 && square > 0.15;
    }), 'energy went flat, square-square did not'),
    10: async () => equal(await page.evaluate(() =>
      window.basin.main.data.value.name), 'circle', 'the samples'),
  };
  for (let n = 1; n <= 10; n++) {
    await test(`the tour, stop ${n}`, async () => {
      await done(page, n);
      await checks[n]?.();
    });
    if (n < 10) await next();
  }
  await test('the tour ends', async () => {
    await page.locator('.tour').getByRole('button', { name: 'Finish' })
      .click();
    await page.waitForSelector('.tour', { state: 'detached' });
    await until(page, 'main.frame.value');
  });
  await closePage(page);
}
