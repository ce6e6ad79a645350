// SPDX-License-Identifier: MIT
//
// A browser on the built page, which remembers every error that the page
// reports.

import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { serve } from '../serve.mjs';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const built = process.env.BASIN_PAGE ?? `${root}build/page`;
const LONG = 120000; // milliseconds: machines are slow, and shared

export async function start() {
  const server = await serve(built, 0);
  const url = `http://127.0.0.1:${server.address().port}/`;
  const browser = await chromium.launch({
    executablePath: process.env.BROWSER ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--enable-unsafe-swiftshader',
      '--js-flags=--expose-gc'] });
  const errors = [];

  async function open({ width = 1180, height = 820, hash = '', flat = false,
    ...options } = {}) {
    const context = await browser.newContext({ acceptDownloads: true,
      viewport: { width, height }, serviceWorkers: 'block', ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(LONG);
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(`${url}${flat ? '?flat' : ''}${hash}`);
    await page.waitForFunction(() => window.basin?.main.frame.value);
    return page;
  }

  return { url, open, errors, browser, async close() {
    await browser.close();
    server.close();
  } };
}

export const updates = (page) =>
  page.evaluate(() => window.basin.main.frame.value.updates);

/** Waits until an expression over `basin` holds. */
export const until = (page, test) =>
  page.waitForFunction(`(({main, others, view}) => ${test})(window.basin)`);

export const closePage = (page) => page.context().close();
