// SPDX-License-Identifier: MIT
//
// What the whole page shares: the main surface, those to compare, the view,
// and the scheme of colours.

import { effect, signal } from '@preact/signals';
import { WEIGHTS_MOST, decode, encode } from '../model/address';
import { Run } from '../model/run';
import { PRESETS, type Settings, preset, presetOf } from '../model/settings';
import { defaults, type Tables } from '../model/tables';
import type { Picture } from '../scene/scene';

export const main = new Run();
export const tables = signal<Tables | null>(null);
export const others = signal<Run[]>([]);
export const view = signal<'one' | 'compare'>('one');
export const failed = signal('');
/** Counts up whenever the colours have changed. */
export const painted = signal(0);
export const pictures = new Map<Run, Picture>();

// ------------------------------------------------------------------- scheme

export type Scheme = 'light' | 'dark' | 'auto';
export const scheme = signal<Scheme>('auto');

export function setScheme(to: Scheme) {
  scheme.value = to;
  if (to === 'auto') delete document.documentElement.dataset.scheme;
  else document.documentElement.dataset.scheme = to;
  try {
    localStorage.setItem('basin-scheme', to);
  } catch {
    // a page from a file may not remember
  }
  painted.value++;
}

export function startScheme() {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem('basin-scheme');
  } catch {
    // as above
  }
  setScheme(kept === 'light' || kept === 'dark' ? kept : 'auto');
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change',
    () => painted.value++);
}

// ------------------------------------------------------------------ compare

export const DEFAULT_COMPARE = ['energy', 'perceptron', 'square-square',
  'nll'];

/** The main settings under another loss, with that loss's defaults. */
export function underLoss(settings: Settings, loss: string): Settings {
  if (loss === settings.loss) return settings;
  const part = tables.value?.loss.find((l) => l.name === loss);
  const kept = part ? defaults(part) : {};
  if (loss === 'energy') kept.power = 2;
  return { ...settings, loss, lossSettings: kept };
}

export async function openCompare(losses: string[]) {
  closeCompare();
  view.value = 'compare';
  main.play(false);
  // with one net the losses hardly differ, which is the first thing to learn,
  // but not what one comes here for
  if (presetOf(main.settings.value)?.id === 'regression')
    await main.load(preset('margin').settings, main.data.value);
  const runs = losses.map((loss) => {
    const run = new Run();
    run.settings.value = underLoss(main.settings.value, loss);
    run.data.value = main.data.value;
    run.speed.value = main.speed.value;
    return run;
  });
  others.value = runs;
  await Promise.all(runs.map((run) => run.open()));
  if (others.value !== runs) return;
  await Promise.all(runs.map((run) => run.restart()));
}

export function closeCompare() {
  for (const run of others.value) run.close();
  others.value = [];
  view.value = 'one';
}

// ------------------------------------------------------------------ address

export async function address(): Promise<{ url: string; note: string }> {
  const updates = main.frame.value?.updates ?? 0;
  const weights = main.pure.value ? undefined : await main.weights();
  const long = (weights?.length ?? 0) > WEIGHTS_MOST;
  const hash = encode({ settings: main.settings.value,
    data: main.data.value, updates, weights, cut: main.cut.value,
    compare: others.value.map((run) => run.settings.value.loss) });
  const url = new URL(location.href);
  url.hash = hash;
  return { url: url.href, note: long ? 'The weights are too many for an ' +
    'address: download the model to keep them.' : '' };
}

export async function startFromAddress(hash: string) {
  let state;
  try {
    state = decode(hash);
  } catch {
    await main.load(PRESETS[0].settings);
    main.notice.value = { kind: 'error',
      text: 'The address is damaged; this is the first demonstration ' +
        'instead.' };
    return;
  }
  if (!state) {
    await main.load(PRESETS[0].settings);
    return;
  }
  const before = main.settings.value, data = main.data.value;
  const stood = main.start.value;
  main.settings.value = state.settings;
  main.data.value = state.data;
  main.cut.value = state.cut;
  await main.restart(state.updates, state.weights);
  const refused = main.notice.value;
  if (main.start.value === stood && refused?.kind === 'error') {
    await main.load(before, data);
    main.notice.value = { kind: 'error',
      text: `The address asks for what cannot be: ${refused.text}` };
  } else if (state.compare.length)
    await openCompare(state.compare.slice(0, 4));
}

/** An address that is put into the open page is followed as at its start. */
export function followAddress() {
  addEventListener('hashchange', () => {
    main.play(false);
    closeCompare();
    void startFromAddress(location.hash);
  });
}

// -------------------------------------------------------------------- frames

export function startFrames() {
  const frame = () => {
    main.tick();
    for (const run of others.value) run.tick();
    for (const picture of pictures.values()) picture.draw();
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  effect(() => {
    void painted.value;
    for (const picture of pictures.values()) picture.repaint();
  });
}
