// SPDX-License-Identifier: MIT
//
// The three charts beside the picture: the cut, the curves, the plane.

import { useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Frame, Start } from '../engine/protocol';
import type { Run } from '../model/run';
import { drawCurves } from '../plots/curves';
import { drawCut } from '../plots/cut';
import { drawPlane, planeReach, sides } from '../plots/plane';
import { Plot, watchSize } from '../plots/plot';
import { brief } from '../scene/ticks';
import { theme } from '../scene/theme';
import { painted } from './state';

type Draw = (plot: Plot, start: Start, frame: Frame) => void;

export function Chart({ run, words, draw }: { run: Run; words: string;
  draw: Draw }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const paint = () => {
    const start = run.start.peek(), frame = run.frame.peek();
    if (start && frame && ref.current)
      draw(new Plot(ref.current, theme()), start, frame);
  };
  useSignalEffect(() => {
    void painted.value;
    void run.start.value;
    void run.frame.value;
    paint();
  });
  useEffect(() => watchSize(ref.current!, paint), [run]);
  return <canvas ref={ref} class="chart" role="img" aria-label={words} />;
}

export function Card({ title, note, children, id }: { title: string;
  note?: string; children: ComponentChildren; id: string }) {
  return (
    <section class="card" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {note && <p>{note}</p>}
      </header>
      {children}
    </section>
  );
}

export function CutCard({ run }: { run: Run }) {
  const frame = run.frame.value, cut = frame?.cut;
  const epsilon = run.settings.value.epsilon;
  const words = cut ? `At X = ${brief(cut.x)} the lowest answer is ` +
    `Y = ${brief(cut.lowest[0])} with energy ${brief(cut.lowest[1])}; the ` +
    `right one is ${brief(cut.right)} with ${brief(cut.rightEnergy)}; the ` +
    `most offending wrong one is ${brief(cut.offender[0])} with ` +
    `${brief(cut.offender[1])}.` : '';
  return (
    <Card id="cut-title" title="A cut" note="all answers at one X">
      <Chart run={run} words={words} draw={(p, start, f) =>
        drawCut(p, start, f, epsilon)} />
      <label class="slider">
        <span><i>X</i></span>
        <input type="range" min={-1} max={1} step={0.01}
          value={run.cut.value} aria-label="Where the cut is, X"
          onInput={(e) => void run.look(Number(e.currentTarget.value))} />
        <output>{brief(run.cut.value)}</output>
      </label>
      <ul class="legend small">
        <li><i class="key low" />lowest</li>
        <li><i class="key ball" />right</li>
        <li><i class="key wrong" />most offending</li>
      </ul>
    </Card>
  );
}

export function CurvesCard({ run }: { run: Run }) {
  const frame = run.frame.value;
  const words = frame ? `After ${frame.updates} updates the loss is ` +
    `${brief(frame.loss)}, the mean energy of the right answers ` +
    `${brief(frame.ec)}, of the most offending ones ${brief(frame.ei)}.` : '';
  return (
    <Card id="curves-title" title="Loss and energies"
      note="by update">
      <Chart run={run} words={words} draw={(p) =>
        drawCurves(p, run.history.points)} />
      <ul class="legend small">
        <li><i class="key ink" />loss</li>
        <li><i class="key ball" />right</li>
        <li><i class="key wrong" />most offending</li>
      </ul>
    </Card>
  );
}

/** The margin of the loss, where it has one. */
export function marginOf(run: Run): number {
  return run.settings.value.lossSettings.margin ?? 0;
}

export function PlaneCard({ run }: { run: Run }) {
  const reach = useRef({ ec: 0, ei: 0 });
  const frame = run.frame.value, margin = marginOf(run);
  const [good, all] = frame ? sides(frame.pairs, 0) : [0, 0];
  return (
    <Card id="plane-title" title="Right against wrong"
      note={`${good} of ${all} win`}>
      <Chart run={run} words={'Each sample by the energy of its right ' +
        'answer and of its most offending one. ' +
        `The right one is lower for ${good} of ${all}.`}
        draw={(p, _, f) => {
          reach.current = planeReach(f.pairs, reach.current, margin);
          drawPlane(p, f, margin, reach.current);
        }} />
      <ul class="legend small">
        <li><i class="key good" />right below wrong
          {margin ? `, by ${brief(margin)}` : ''}</li>
        <li><i class="key bad" />not yet</li>
      </ul>
    </Card>
  );
}
