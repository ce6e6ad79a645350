// SPDX-License-Identifier: MIT
//
// What the first view needs, compressed; and the types.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { built, root } from './browser.mjs';
import { holds, test } from './tap.mjs';

const KIB = 1024;
const packed = (name) =>
  gzipSync(readFileSync(join(built, name)), { level: 9 }).length;

export async function sizes() {
  const names = ['index.html', 'main.js', 'main.css', 'worker.js',
    'basin.wasm', 'icon.svg'];
  const all = names.reduce((sum, name) => sum + packed(name), 0);
  const wasm = packed('basin.wasm');
  await test(`the first view takes ${Math.round(all / KIB)} KiB, of 350`, () =>
    holds(all <= 350 * KIB, `${all} bytes`));
  await test(`the module takes ${Math.round(wasm / KIB)} KiB, of 100`, () =>
    holds(wasm <= 100 * KIB, `${wasm} bytes`));
  await test('the module imports nothing', () => {
    const module = new WebAssembly.Module(
      readFileSync(join(built, 'basin.wasm')));
    holds(WebAssembly.Module.imports(module).length === 0, 'no imports');
  });
  await test('the types fit', () => {
    execFileSync(process.execPath, [join(root,
      'web/node_modules/typescript/bin/tsc'), '--noEmit', '-p', 'web'],
    { cwd: root, encoding: 'utf8' });
  });
}
