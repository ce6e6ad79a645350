// SPDX-License-Identifier: MIT
//
// Where the page begins.

import { render } from 'preact';
import { DEMO_DATA, PRESETS } from './model/settings';
import { App } from './ui/app';
import { failed, followAddress, main, others, startFrames, startFromAddress,
  startScheme, tables, view } from './ui/state';
import './style/page.css';

async function begin() {
  startScheme();
  render(<App />, document.getElementById('app')!);
  try {
    await main.open();
    tables.value = main.tables;
    await startFromAddress(location.hash);
  } catch (error) {
    failed.value = 'The page could not start: ' +
      `${error instanceof Error ? error.message : String(error)}. It needs ` +
      'WebAssembly with 128-bit vectors, which every current browser has, ' +
      'and has to come from a web server: ./run page starts one.';
    return;
  }
  startFrames();
  followAddress();
  if ('serviceWorker' in navigator && location.protocol !== 'file:')
    navigator.serviceWorker.register('sw.js').catch(() => undefined);
}

// For tests, and for the curious: what the page knows of itself.
Object.assign(window, { basin: { main, others, view, tables,
  presets: PRESETS, data: DEMO_DATA } });
void begin();
