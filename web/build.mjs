// SPDX-License-Identifier: MIT
//
// Bundles the page: node build.mjs OUT. The module is there already
// (wasm/build.sh).

import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, '../build/page');

const common = { bundle: true, minify: true, format: 'esm',
  target: 'es2022', legalComments: 'linked', logLevel: 'warning' };
await build({ ...common, jsx: 'automatic', jsxImportSource: 'preact',
  entryPoints: { main: join(here, 'src/main.tsx') }, outdir: out });
await build({ ...common,
  entryPoints: { worker: join(here, 'src/engine/worker.ts') }, outdir: out });
for (const file of ['index.html', 'icon.svg'])
  cpSync(join(here, 'src', file), join(out, file));

// The files that work without a network, under a name that changes with them.
const files = ['index.html', 'main.js', 'main.css', 'worker.js',
  'basin.wasm', 'icon.svg'];
const hash = createHash('sha256');
for (const file of files) hash.update(readFileSync(join(out, file)));
const worker = readFileSync(join(here, 'src/sw.js'), 'utf8')
  .replace('"@FILES@"', JSON.stringify(['./', ...files]))
  .replace('@VERSION@', hash.digest('hex').slice(0, 16));
writeFileSync(join(out, 'sw.js'), worker);
