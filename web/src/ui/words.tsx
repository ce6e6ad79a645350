// SPDX-License-Identifier: MIT
//
// The line under the picture, and the same said aloud now and then.

import { useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Run } from '../model/run';
import { type Shape, shape, words } from '../model/words';

function seen(run: Run) {
  const frame = run.frame.value;
  if (!frame) return null;
  const first = run.first.value;
  let highFirst = 1;
  if (first) highFirst = first.reduce((a, b) => Math.max(a, b), 0);
  return { frame, deviationFirst: run.deviationFirst.value, highFirst,
    error: run.error.value, playing: run.playing.value };
}

export function wordsOf(run: Run): string {
  const what = seen(run);
  return what ? words(what) : '';
}

export function shapeOf(run: Run): Shape {
  const what = seen(run);
  return what ? shape(what) : 'start';
}

const BADGES: Record<Shape, string> = { start: 'untrained',
  collapsed: 'collapsed', basin: 'a basin', rough: 'moving',
  broken: 'diverged' };

export function Badge({ run }: { run: Run }) {
  const kind = shapeOf(run);
  return <span class={`badge ${kind}`}>{BADGES[kind]}</span>;
}

const PAUSE = 4000; // milliseconds between what is said while training

export function Words({ run }: { run: Run }) {
  const said = useSignal('');
  const at = useRef(0);
  useSignalEffect(() => {
    const text = wordsOf(run), playing = run.playing.value;
    const now = performance.now();
    if (playing && now - at.current < PAUSE) return;
    at.current = now;
    said.value = text;
  });
  return (
    <div class="words">
      <Badge run={run} />
      <p>{wordsOf(run)}</p>
      <p class="unseen" aria-live="polite">{said}</p>
    </div>
  );
}
