// SPDX-License-Identifier: MIT
//
// Two or four surfaces from the same weights, each under a loss of its own.

import type { Run } from '../model/run';
import { count } from '../model/words';
import { brief } from '../scene/ticks';
import { DEFAULT_COMPARE, openCompare, others, tables, underLoss }
  from './state';
import { Surface } from './surface';
import { Transport } from './transport';
import { Badge, wordsOf } from './words';

/** What changes with every frame, apart from what does not. */
function Standing({ run }: { run: Run }) {
  const frame = run.frame.value, notice = run.notice.value;
  return (
    <>
      <p class="caption">{notice?.kind === 'error' ? notice.text :
        wordsOf(run)}</p>
      <dl class="costs small">
        <div><dt>right</dt><dd>{frame ? brief(frame.ec) : '–'}</dd></div>
        <div><dt>wrong</dt><dd>{frame ? brief(frame.ei) : '–'}</dd></div>
        <div><dt>µs a step</dt><dd>{run.us.value ?
          run.us.value.toFixed(1) : '–'}</dd></div>
        <div><dt>updates</dt><dd>{count(frame?.updates ?? 0)}</dd></div>
      </dl>
    </>
  );
}

function Panel({ run, place }: { run: Run; place: number }) {
  const loss = run.settings.value.loss;
  return (
    <section class="card panel" aria-label={`Surface under ${loss}`}>
      <header>
        <label class="unseen" for={`panel-loss-${place}`}>Loss of
          surface {place + 1}</label>
        <select id={`panel-loss-${place}`} value={loss}
          onChange={(e) => void run.load(underLoss(run.settings.value,
            e.currentTarget.value), run.data.value)}>
          {(tables.value?.loss ?? []).map((p) =>
            <option key={p.name} value={p.name}>{p.name}</option>)}
        </select>
        <Badge run={run} />
      </header>
      <Surface run={run} name={`Under ${loss}`} />
      <Standing run={run} />
    </section>
  );
}

export function Compare() {
  const runs = others.value;
  const losses = runs.map((run) => run.settings.value.loss);
  return (
    <main class="compare-view">
      <div class="compare-bar">
        <p>The same weights at the start; only the loss differs.</p>
        <div class="segmented" role="group" aria-label="How many">
          {[2, 4].map((n) => <button key={n} aria-pressed={runs.length === n}
            onClick={() => void openCompare([...losses,
              ...DEFAULT_COMPARE.filter((l) => !losses.includes(l))]
              .slice(0, n))}>{n}</button>)}
        </div>
        {runs.length > 0 && <Transport runs={runs} run={runs[0]} />}
      </div>
      <div class={`panels of-${runs.length}`}>
        {runs.map((run, i) => <Panel key={i + losses.length * 10} run={run}
          place={i} />)}
      </div>
    </main>
  );
}
