// SPDX-License-Identifier: MIT
//
// A surface on the page: the picture in three dimensions, or the map where
// there is no WebGL; its legend; the keys that turn it.

import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Run } from '../model/run';
import { HeatTile, drawMap } from '../plots/map';
import { Plot, watchSize } from '../plots/plot';
import { Picture, webgl } from '../scene/scene';
import { theme } from '../scene/theme';
import { painted, pictures } from './state';
import { wordsOf } from './words';

export const hasWebGL = webgl();

const KEYS: Record<string, [number, number, number]> = {
  ArrowLeft: [-0.12, 0, 1], ArrowRight: [0.12, 0, 1],
  ArrowUp: [0, -0.1, 1], ArrowDown: [0, 0.1, 1],
  '+': [0, 0, 0.9], '=': [0, 0, 0.9], '-': [0, 0, 1.1],
};

function Flat({ run, name }: { run: Run; name: string }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const tile = useRef<HeatTile | null>(null);
  const paint = () => {
    const start = run.start.peek(), frame = run.frame.peek();
    if (!start || !frame || !ref.current) return;
    tile.current ??= new HeatTile();
    drawMap(new Plot(ref.current, theme()), tile.current, start, frame,
      { x: 0, y: 0, shown: false }, -1);
  };
  useSignalEffect(() => {
    void painted.value;
    void run.start.value;
    void run.frame.value;
    paint();
  });
  useEffect(() => watchSize(ref.current!, paint), [run]);
  return <canvas ref={ref} class="scene-canvas flat" role="img"
    aria-label={`${name}: the energy from above, as a map. ${wordsOf(run)}`} />;
}

function Deep({ run, name }: { run: Run; name: string }) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const picture = new Picture(ref.current!);
    pictures.set(run, picture);
    const start = run.start.peek(), frame = run.frame.peek();
    if (start && frame) {
      picture.begin(start, run.first.peek());
      picture.show(frame);
    }
    return () => {
      pictures.delete(run);
      picture.dispose();
    };
  }, [run]);
  useSignalEffect(() => {
    const start = run.start.value, first = run.first.value;
    const frame = run.frame.value, picture = pictures.get(run);
    if (!start || !frame || !picture) return;
    picture.begin(start, first);
    picture.show(frame);
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const picture = pictures.get(run), key = KEYS[event.key];
    if (!picture || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Home') picture.home();
    else if (key) picture.turn(...key);
    else return;
    event.preventDefault();
  };
  return <canvas ref={ref} class="scene-canvas" tabIndex={0} role="img"
    onKeyDown={onKeyDown}
    aria-label={`${name}: the energy over X and Y. Arrow keys turn it, plus ` +
      'and minus zoom, Home returns.'} />;
}

export function Surface({ run, name }: { run: Run; name: string }) {
  return (
    <div class="scene">
      {hasWebGL ? <Deep run={run} name={name} /> :
        <Flat run={run} name={name} />}
    </div>
  );
}

export function Legend() {
  return (
    <ul class="legend" aria-label="Legend">
      <li><i class="key first" />at the start</li>
      <li><i class="key now" />now</li>
      <li><i class="key ball" />samples</li>
      <li><i class="key cut" />the cut</li>
    </ul>
  );
}
