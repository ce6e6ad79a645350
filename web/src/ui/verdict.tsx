// SPDX-License-Identifier: MIT
//
// What the check of the conditions says of the loss, beside it: the verdict of
// basin check-loss. It can take seconds, so a worker of its own looks for it,
// once for each loss and setting.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Client } from '../engine/client';
import type { Verdict } from '../model/tables';
import { brief } from '../scene/ticks';

const known = new Map<string, Verdict>();
let judge: Client | null = null;
let opened: Promise<unknown> = Promise.resolve();
let busy = 0;

/** A new worker where the last one is still busy with another loss. */
async function ask(loss: string, lossSettings: Record<string, number>) {
  const key = JSON.stringify([loss, lossSettings]);
  const before = known.get(key);
  if (before) return before;
  if (busy && judge) {
    judge.close();
    judge = null;
    busy = 0;
  }
  if (!judge) {
    judge = new Client();
    const wasm = new URL('basin.wasm', document.baseURI).href;
    opened = judge.ask('open', { wasm, backend: 'fastest' });
  }
  const mine = judge;
  busy++;
  await opened;
  const verdict = await mine.ask('verdict', { loss, lossSettings });
  if (mine === judge) busy--;
  known.set(key, verdict);
  return verdict;
}

const MEANING: Record<Verdict['margin'], string> = {
  'none': 'need not make the right answer win',
  '0': 'makes the right answer win, but barely: no margin is kept',
  'm': 'makes the right answer win, by every margin below ',
  '>0': 'makes the right answer win, by every margin',
};

function words(v: Verdict): string {
  let text = MEANING[v.margin];
  if (v.margin === 'm') text += brief(Number(v.largest));
  text += '.';
  if (!v.pushesUp) text += ' It pushes no wrong answer up.';
  if (v.alwaysFlat) text += ' A flat surface stays flat.';
  else if (v.flat >= 0)
    text += ` A surface that is ${brief(v.flat)} everywhere stays so.`;
  return text;
}

export function VerdictLine({ loss, values }: { loss: string;
  values: Record<string, number> }) {
  const verdict = useSignal<Verdict | null>(null);
  const key = JSON.stringify([loss, values]);
  useEffect(() => {
    let live = true;
    verdict.value = null;
    // after the first view, and after a slider has come to rest
    const timer = setTimeout(() => void ask(loss, values).then((found) => {
      if (live) verdict.value = found;
    }, () => undefined), 250);
    return () => {
      live = false;
      clearTimeout(timer);
    };
  }, [key]);
  const found = verdict.value;
  return (
    <p class="verdict" data-margin={found?.margin ?? ''}
      title="Condition 3 of the tutorial, as basin check-loss judges it">
      {found ? <><strong>{found.margin === '>0' ? '> 0' : found.margin}
      </strong><span>{words(found)}</span></> :
        <span>Checking the conditions …</span>}
    </p>
  );
}
