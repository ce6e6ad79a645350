// SPDX-License-Identifier: MIT
//
// The page computes what the command computes, to the bit.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closePage, root } from './browser.mjs';
import { equal, holds, test } from './tap.mjs';

const exe = process.env.BASIN_EXE ?? `${root}build/basin`;
const native = `${process.env.BASIN_BUILD ?? `${root}build`}/web/web-native`;
const EPOCHS = 10; // of 200 samples: 2,000 updates

/** Train in the page; losses of the epochs, and the model's bytes. */
function inPage(page, id) {
  return page.evaluate(async ([name, epochs]) => {
    const { main, presets, data } = window.basin;
    const settings = { ...presets.find((p) => p.id === name).settings,
      epochs };
    const { losses } = await main.bits(settings, data, 200 * epochs, 200);
    await main.load(settings, data);
    await main.advance(200 * epochs, Infinity);
    return { losses, model: Array.from(await main.model()) };
  }, [id, EPOCHS]);
}

function inCommand(id, folder) {
  execFileSync(exe, ['demo', id, '--epochs', EPOCHS, '--backend', 'portable',
    '--quiet', '--out', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  const lines = readFileSync(join(folder, id, 'history.csv'), 'utf8');
  return { losses: lines.trim().split('\n').slice(2).map((line) =>
    Number(line.split(',')[1])),
  model: readFileSync(join(folder, id, 'model.safetensors')) };
}

async function demonstration(page, id, folder) {
  const ours = await inPage(page, id), theirs = inCommand(id, folder);
  equal(ours.losses.length, EPOCHS, 'epochs');
  ours.losses.forEach((loss, i) =>
    equal(Math.fround(loss), Math.fround(theirs.losses[i]),
      `the loss of epoch ${i + 1}`));
  holds(Buffer.from(ours.model).equals(theirs.model),
    'model.safetensors has the same bytes');
}

async function everyLoss(page) {
  const lines = execFileSync(native, ['bits', 'portable'],
    { encoding: 'utf8' }).trim().split('\n').map((line) => JSON.parse(line));
  const found = await page.evaluate(async () => {
    const { main, presets, data, tables } = window.basin;
    const base = { ...presets[2].settings };
    const out = [];
    for (const part of tables.value.loss) {
      const { losses, weights } = await main.bits({ ...base, rateEnd: 0.02,
        loss: part.name, lossSettings: {} }, data, 200, 200);
      let hash = 2166136261;
      for (const b of new Uint8Array(weights.buffer))
        hash = Math.imul(hash ^ b, 16777619) >>> 0;
      out.push({ loss: part.name, value: losses[0], weights: hash });
    }
    return out;
  });
  equal(found.length, lines.length, 'losses in the registry');
  lines.forEach((line, i) =>
    equal(JSON.stringify(found[i]), JSON.stringify(line), line.loss));
}

/** The page's reader of JSON and the command's agree on what is a model. */
async function corpus(page) {
  const wrong = [];
  for (const kind of ['model', 'safetensors']) {
    const folder = `${root}tests/fuzz/corpus/${kind}`;
    for (const name of readdirSync(folder)) {
      let command = true;
      try {
        execFileSync(exe, ['inspect', join(folder, name)],
          { stdio: 'ignore' });
      } catch {
        command = false;
      }
      const bytes = Array.from(readFileSync(join(folder, name)));
      const said = await page.evaluate(async (all) => {
        const { main } = window.basin;
        const good = await main.openModel(Uint8Array.from(all), 'a file');
        return good ? '' : main.notice.value.text;
      }, bytes);
      // what is right, but of other spaces than the page can draw
      const reads = said === '' || said.startsWith('a model, but not one') ||
        said.startsWith('the box of Y') || said.startsWith('epsilon =') ||
        said.includes("the inference 'grid'");
      if (reads !== command) wrong.push(`${kind}/${name}: the page says ` +
        `"${said}", the command ${command ? 'reads' : 'refuses'} it`);
    }
  }
  equal(wrong.join('\n'), '', 'where they differ');
}

export async function bits(host) {
  const page = await host.open({ flat: true });
  const folder = mkdtempSync(join(tmpdir(), 'basin-page-'));
  try {
    for (const id of ['regression', 'collapse', 'margin', 'nll'])
      await test(`2,000 updates of ${id}: the bits of the command`, () =>
        demonstration(page, id, folder));
    await test('200 updates under every loss: the bits of the machine', () =>
      everyLoss(page));
    await test('models: read and refused as the command does', () =>
      corpus(page));
  } finally {
    rmSync(folder, { recursive: true });
    await closePage(page);
  }
}
