// SPDX-License-Identifier: MIT
//
// All tests of the page, in TAP: tests/page.sh runs them. Names of groups as
// arguments run only those.

import { access } from './access.mjs';
import { bits } from './bits.mjs';
import { start } from './browser.mjs';
import { controls } from './controls.mjs';
import { files } from './files.mjs';
import { monkeys } from './monkey.mjs';
import { sizes } from './sizes.mjs';
import { equal, finish, test } from './tap.mjs';
import { tour } from './tour.mjs';

const groups = { sizes, bits, controls, files, access, tour,
  monkey: (host) => monkeys(host, [1, 2], 20) };
const chosen = process.argv.slice(2);

const host = await start();
for (const [name, run] of Object.entries(groups))
  if (!chosen.length || chosen.includes(name)) await run(host);
await test('no error was reported by the page', () =>
  equal(host.errors.join('\n'), '', 'errors'));
await host.close();
process.exit(finish());
