// SPDX-License-Identifier: MIT
//
// The guide: a card with the stop's words, and back and on.

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icons';
import { closeCompare, main, others, view } from './state';
import { type Part, STOPS } from './stops';

export const stop = signal(-1);
const done = signal(false);
let turn = 0;

/** What the tour points at just now. */
export function pointed(part: Part): string {
  const at = STOPS[stop.value];
  return at && at.part === part ? ' pointed' : '';
}

export async function goTo(index: number) {
  const mine = ++turn, live = () => mine === turn;
  main.play(false);
  for (const run of others.value) run.play(false);
  if (view.value === 'compare') closeCompare();
  stop.value = index;
  done.value = false;
  const at = STOPS[index];
  if (!at) return;
  await at.act(live);
  if (live()) done.value = true;
}

export function endTour() {
  void goTo(-1);
}

export function Tour() {
  const at = STOPS[stop.value];
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (at) heading.current?.focus({ preventScroll: true });
  }, [at]);
  if (!at) return null;
  const last = stop.value === STOPS.length - 1;
  return (
    <aside class="tour" aria-labelledby="tour-title"
      data-done={done.value ? 'yes' : 'no'} data-stop={stop.value + 1}>
      <p class="where">{stop.value + 1} <span>of {STOPS.length}</span></p>
      <div class="said">
        <h2 id="tour-title" tabIndex={-1} ref={heading}>{at.title}</h2>
        <p aria-live="polite">{at.text}
          {done.value && at.after && <strong> {at.after}</strong>}</p>
      </div>
      <div class="buttons">
        <button onClick={() => void goTo(stop.value - 1)}
          disabled={stop.value === 0}>Back</button>
        <button class="primary" onClick={() =>
          last ? endTour() : void goTo(stop.value + 1)}>
          {last ? 'Finish' : 'Next'}</button>
        <button class="quiet" aria-label="End the tour" onClick={endTour}>
          <Icon name="close" /></button>
      </div>
      <div class="progress" aria-hidden="true">
        <i style={{ width: `${100 * (stop.value + 1) / STOPS.length}%` }} />
      </div>
    </aside>
  );
}
