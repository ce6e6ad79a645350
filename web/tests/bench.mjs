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

/** The events of a trace. The processor's time counts: by the clock, a task
 *  also waits while other programs run. */
async function traced(host, act) {
  const session = await host.browser.newBrowserCDPSession();
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  const complete = new Promise((resolve) =>
    session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.start', { transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', 'devtools.timeline',
      'disabled-by-default-devtools.timeline', '__metadata'] } });
  await act();
  await session.send('Tracing.end');
  await complete;
  return events;
}

async function tasks(host, flat) {
  const page = await host.open({ flat });
  await page.getByRole('button', { name: 'Compare' }).click();
  await until(page, 'others.value.length === 4 && ' +
    'others.value.every((r) => r.frame.value)');
  await page.waitForTimeout(2000);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  const events = await traced(host, () => page.waitForTimeout(TRACE));
  const thread = events.find((e) => e.name === 'thread_name' &&
    e.args.name === 'CrRendererMain' && events.some((o) => o.tid === e.tid &&
      o.pid === e.pid && o.name === 'FunctionCall'));
  const found = events.filter((e) => e.name.endsWith('RunTask') &&
    e.pid === thread?.pid && e.tid === thread?.tid);
  const over = (key) => found.filter((e) => e[key] > 50000);
  const most = (key) => (found.reduce((m, e) => Math.max(m, e[key] ?? 0), 0) /
    1000).toFixed(0);
  console.log(`${TRACE / 1000} s of training four surfaces ` +
    `(${flat ? 'maps of heat' : 'WebGL, in software here'}): ` +
    `${found.length} tasks of the page's thread, over 50 ms of processor ` +
    `time ${over('tdur').length}, the longest ${most('tdur')} ms; over 50 ms ` +
    `by the clock ${over('dur').length}, the longest ${most('dur')} ms`);
  await page.context().close();
}

const host = await start();
if (!process.argv.includes('tasks')) await speeds(host);
await tasks(host, true);
await tasks(host, false);
await host.close();
