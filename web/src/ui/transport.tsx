// SPDX-License-Identifier: MIT
//
// Train, pause, one step, reset, speed; and what it costs.

import type { Run } from '../model/run';
import { SPEEDS } from '../model/run';
import { count } from '../model/words';
import { brief } from '../scene/ticks';
import { Icon } from './icons';

export function speedWords(place: number): string {
  const n = SPEEDS[place];
  return n === Infinity ? 'as fast as it can' :
    n === 1 ? '1 update a frame' : `${n} updates a frame`;
}

export function Costs({ run }: { run: Run }) {
  const frame = run.frame.value, us = run.us.value;
  const second = run.perSecond.value;
  return (
    <dl class="costs">
      <div><dt>updates</dt>
        <dd data-test="updates">{count(frame?.updates ?? 0)}</dd></div>
      <div><dt>epoch</dt><dd>{frame ? brief(Math.floor(frame.epoch)) : 0}
      </dd></div>
      <div><dt>loss</dt>
        <dd data-test="loss">{frame ? brief(frame.loss) : '–'}</dd></div>
      <div><dt>µs a step</dt><dd>{us ? us.toFixed(us < 10 ? 1 : 0) : '–'}
      </dd></div>
      <div><dt>steps a second</dt><dd>{second ? count(second) : '–'}</dd></div>
    </dl>
  );
}

export function Transport({ runs, run }: { runs: Run[]; run: Run }) {
  const playing = runs.some((r) => r.playing.value);
  const speed = run.speed.value;
  const each = (act: (run: Run) => void) => () => runs.forEach(act);
  return (
    <div class="transport" role="group" aria-label="Training">
      <button class="primary" onClick={each((r) => r.play(!playing))}
        aria-keyshortcuts="Space">
        <Icon name={playing ? 'pause' : 'play'} />
        {playing ? 'Pause' : 'Train'}
      </button>
      <button onClick={each((r) => void r.step())} title="One update">
        <Icon name="step" /><span>Step</span>
      </button>
      <button onClick={each((r) => {
        r.playing.value = false;
        void r.restart();
      })} title="The same start again">
        <Icon name="reset" /><span>Reset</span>
      </button>
      <label class="speed">
        <span>Speed</span>
        <input type="range" min={0} max={SPEEDS.length - 1} step={1}
          value={speed} aria-valuetext={speedWords(speed)}
          onInput={(event) => {
            const place = Number(event.currentTarget.value);
            runs.forEach((r) => { r.speed.value = place; });
          }} />
        <output>{speedWords(speed)}</output>
      </label>
    </div>
  );
}
