// SPDX-License-Identifier: MIT
//
// No test, for it measures time: us an update of the whole batch in the
// browser, beside the same session natively in the same run; and how long the
// page's own thread is ever busy while four surfaces train.
//
//     ./run bench page

import { execFileSync } from 'node:child_process';
import { root, start, until } from './browser.mjs';

const native = `${root}build/web/web-native`;
const ROUNDS = 5, TRACE = 20000;
const CASES = { regression: 400, collapse: 200, margin: 60, nll: 40 };

function natively(backend) {
  const lines = execFileSync(native, ['speed', backend],
    { encoding: 'utf8' }).trim().split('\n').map((l) => JSON.parse(l));
  return Object.fromEntries(lines.map((l) => [l.case, l.us]));
}

function inPage(page) {
  return page.evaluate(async (cases) => {
    const { main, presets, data } = window.basin;
    const out = {};
    for (const [id, n] of Object.entries(cases)) {
      const settings = { ...presets.find((p) => p.id === id).settings,
        batch: 200 };
      let best = Infinity;
      for (let i = 0; i < 5; i++)
        best = Math.min(best, (await main.bits(settings, data, n, n)).us);
      out[id] = best;
    }
    return out;
  }, CASES);
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

async function speeds(host) {
  const page = await host.open({ flat: true });
  const rounds = [];
  for (let i = 0; i < ROUNDS; i++)
    rounds.push({ page: await inPage(page), portable: natively('portable'),
      vector: natively('vector') });
  console.log('| us an update of 200 samples | browser | portable, native | ' +
    'browser / portable | vector, native |');
  console.log('|:--|--:|--:|--:|--:|');
  for (const id of Object.keys(CASES)) {
    const of = (which) => rounds.map((r) => r[which][id]);
    const ratios = rounds.map((r) => r.page[id] / r.portable[id]);
    console.log(`| ${id} | ${median(of('page')).toFixed(1)} | ` +
      `${median(of('portable')).toFixed(1)} | ${median(ratios).toFixed(2)} ` +
      `| ${median(of('vector')).toFixed(1)} |`);
  }
}

async function tasks(host, flat) {
  const page = await host.open({ flat });
  await page.getByRole('button', { name: 'Compare' }).click();
  await until(page, 'others.value.length === 4 && ' +
    'others.value.every((r) => r.frame.value)');
  await page.waitForTimeout(2000);
  await page.evaluate(() => {
    window.tasks = [];
    new PerformanceObserver((list) => window.tasks.push(...list.getEntries()
      .map((e) => e.duration))).observe({ entryTypes: ['longtask'] });
  });
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await page.waitForTimeout(TRACE);
  const found = await page.evaluate(() => window.tasks);
  const most = found.length ? Math.max(...found) : 0;
  console.log(`tasks over 50 ms in ${TRACE / 1000} s of training four ` +
    `surfaces (${flat ? 'maps of heat' : 'WebGL, in software here'}): ` +
    `${found.length}, the longest ${most.toFixed(0)} ms`);
}

const host = await start();
await speeds(host);
await tasks(host, true);
await tasks(host, false);
await host.close();
