// SPDX-License-Identifier: MIT
//
// One's own samples: on the map by mouse, finger or keys; from functions; from
// a table that is dropped. What was done can be undone.

import { signal, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Run } from '../model/run';
import type { Data, FunctionName, Own } from '../model/settings';
import { FUNCTIONS, FUNCTION_WORDS } from '../model/settings';
import { HeatTile, drawMap } from '../plots/map';
import { Plot, watchSize } from '../plots/plot';
import { brief } from '../scene/ticks';
import { theme } from '../scene/theme';
import { Icon } from './icons';
import { painted } from './state';

const UNDO_MOST = 50;
const undone = signal<Data[]>([]);

function put(run: Run, data: Data, keep = true) {
  if (keep)
    undone.value = [...undone.value.slice(1 - UNDO_MOST), run.data.value];
  return run.supply(data);
}

export function undo(run: Run) {
  const before = undone.value[undone.value.length - 1];
  if (!before) return;
  undone.value = undone.value.slice(0, -1);
  void run.supply(before);
}

/** The samples as one's own, to be changed. */
function own(run: Run): Own {
  const start = run.start.value!;
  return { kind: 'own', x: [...start.x], y: [...start.y] };
}

export async function dropTable(run: Run, file: File) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const table = await run.readTable(bytes);
  if (!table) {
    const why = run.notice.value?.text ?? 'unreadable';
    run.notice.value = { kind: 'error', text: `${file.name}: ${why}` };
    return;
  }
  const { yLow, yHigh } = run.start.value!;
  const inside = table.x.filter((x, i) => x >= -1 && x <= 1 &&
    table.y[i] >= yLow && table.y[i] <= yHigh).length;
  if (inside < table.x.length) {
    run.notice.value = { kind: 'error', text: `${file.name}: ` +
      `${table.x.length - inside} of ${table.x.length} samples lie outside ` +
      `X from −1 to 1 and Y from ${brief(yLow)} to ${brief(yHigh)}; scale ` +
      'the table first' };
    return;
  }
  await put(run, { kind: 'own', x: table.x, y: table.y });
  run.notice.value = { kind: 'note',
    text: `${file.name}: ${table.x.length} samples.` };
}

// ---------------------------------------------------------------------- map

const NEAR = 14; // pixels

class Pad {
  plot: Plot | null = null;
  drag = -1;
  moved: Own | null = null;

  nearest(run: Run, px: number, py: number): number {
    const start = run.start.value, { plot } = this;
    if (!start || !plot) return -1;
    let best = -1, least = NEAR * NEAR;
    for (let i = 0; i < start.x.length; i++) {
      const d = (plot.px(start.x[i]) - px) ** 2 +
        (plot.py(start.y[i]) - py) ** 2;
      if (d < least) {
        least = d;
        best = i;
      }
    }
    return best;
  }
}

function clamp(v: number, low: number, high: number) {
  return Math.min(high, Math.max(low, v));
}

function remove(run: Run, index: number) {
  const data = own(run);
  if (data.x.length < 2) {
    run.notice.value = { kind: 'error',
      text: 'The last sample stays: training needs one.' };
    return;
  }
  data.x.splice(index, 1);
  data.y.splice(index, 1);
  void put(run, data);
}

function add(run: Run, x: number, y: number) {
  const { yLow, yHigh } = run.start.value!;
  const data = own(run);
  data.x.push(clamp(x, -1, 1));
  data.y.push(clamp(y, yLow, yHigh));
  void put(run, data);
}

function MapPad({ run }: { run: Run }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const pad = useRef(new Pad()).current;
  const tile = useRef<HeatTile | null>(null);
  const cursor = useSignal({ x: 0, y: 0.5, shown: false });
  const chosen = useSignal(-1);
  const paint = () => {
    const start = run.start.peek(), frame = run.frame.peek();
    if (!start || !frame || !ref.current) return;
    tile.current ??= new HeatTile();
    pad.plot = new Plot(ref.current, theme());
    const moved = pad.moved ? { ...start, x: new Float32Array(pad.moved.x),
      y: new Float32Array(pad.moved.y) } : start;
    drawMap(pad.plot, tile.current, moved, frame, cursor.peek(),
      pad.drag >= 0 ? pad.drag : chosen.peek());
  };
  useSignalEffect(() => {
    void painted.value;
    void run.start.value;
    void run.frame.value;
    void cursor.value;
    void chosen.value;
    paint();
  });
  useEffect(() => watchSize(ref.current!, paint), [run]);
  const at = (event: PointerEvent | MouseEvent): [number, number] => {
    const box = ref.current!.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0 || !pad.plot) return;
    const [px, py] = at(event);
    pad.drag = pad.nearest(run, px, py);
    chosen.value = pad.drag;
    pad.moved = pad.drag >= 0 ? own(run) : null;
    ref.current!.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent) => {
    const { plot, moved, drag } = pad;
    if (!plot || !moved || drag < 0) return;
    const [px, py] = at(event), { yLow, yHigh } = run.start.value!;
    moved.x[drag] = clamp(plot.fromX(px), -1, 1);
    moved.y[drag] = clamp(plot.fromY(py), yLow, yHigh);
    paint();
  };
  const onPointerUp = (event: PointerEvent) => {
    const { plot, moved, drag } = pad, start = run.start.value;
    pad.drag = -1;
    pad.moved = null;
    if (event.button !== 0 || !plot || !start) return;
    const [px, py] = at(event);
    if (moved) {
      const i = drag;
      if (Math.hypot(plot.px(moved.x[i]) - plot.px(start.x[i]),
        plot.py(moved.y[i]) - plot.py(start.y[i])) > 2)
        void put(run, moved);
    } else if (px > plot.box.left && px < plot.box.right &&
      py > plot.box.top && py < plot.box.bottom)
      add(run, plot.fromX(px), plot.fromY(py));
  };
  const onContextMenu = (event: MouseEvent) => {
    event.preventDefault();
    const index = pad.nearest(run, ...at(event));
    if (index >= 0) remove(run, index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const c = cursor.value, { plot } = pad, start = run.start.value;
    if (!plot || !start || event.ctrlKey || event.metaKey) return;
    const step = event.shiftKey ? 0.1 : 0.02;
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step],
      ArrowDown: [0, -step] };
    const move = moves[event.key];
    if (move)
      cursor.value = { shown: true, x: clamp(c.x + move[0], -1, 1),
        y: clamp(c.y + move[1], start.yLow, start.yHigh) };
    else if (event.key === 'Enter') add(run, c.x, c.y);
    else if (event.key === 'Delete' || event.key === 'Backspace') {
      const near = chosen.value >= 0 && chosen.value < start.x.length ?
        chosen.value : pad.nearest(run, plot.px(c.x), plot.py(c.y));
      chosen.value = -1;
      if (near >= 0) remove(run, near);
    } else return;
    event.preventDefault();
  };
  const show = (shown: boolean) => () => {
    cursor.value = { ...cursor.value, shown };
  };
  return <canvas ref={ref} class="map" tabIndex={0} role="application"
    aria-label={'The map of the energy with its samples. Arrow keys move a ' +
      'cross, Enter adds a sample there, Delete removes the nearest.'}
    onPointerDown={onPointerDown} onPointerMove={onPointerMove}
    onPointerUp={onPointerUp} onContextMenu={onContextMenu}
    onKeyDown={onKeyDown} onBlur={show(false)}
    onFocus={(e) => {
      if (e.currentTarget.matches(':focus-visible')) show(true)();
    }} />;
}

// -------------------------------------------------------------------- panel

function Functions({ run }: { run: Run }) {
  const data = run.data.value;
  const drawn = data.kind === 'function' ? data : null;
  const choose = (change: Partial<{ name: FunctionName; n: number;
    noise: number }>) => {
    const base = drawn ?? { kind: 'function' as const,
      name: 'square' as const, n: 200, noise: 0 };
    void put(run, { ...base, ...change });
  };
  return (
    <>
      <div class="field wide">
        <label for="function">Samples of</label>
        <select id="function" value={drawn ? drawn.name : 'own'}
          onChange={(e) => {
            const { value } = e.currentTarget;
            if (value !== 'own') choose({ name: value as FunctionName });
          }}>
          {FUNCTIONS.map((f) => <option key={f} value={f}>
            {FUNCTION_WORDS[f]}</option>)}
          <option value="own" disabled={!!drawn}>your own</option>
        </select>
      </div>
      <div class="pair">
        <label>how many
          <input class="number" inputMode="numeric" disabled={!drawn}
            value={drawn ? drawn.n : run.start.value?.x.length ?? 0}
            onChange={(e) => {
              const n = Math.round(Number(e.currentTarget.value));
              if (n >= 1 && n <= 1000) choose({ n });
              else e.currentTarget.value = String(drawn?.n ?? '');
            }} /></label>
        <label>noise
          <input class="number" inputMode="decimal" disabled={!drawn}
            value={drawn?.noise ?? ''}
            onChange={(e) => {
              const noise = Number(e.currentTarget.value);
              if (noise >= 0 && noise <= 1) choose({ noise });
              else e.currentTarget.value = String(drawn?.noise ?? '');
            }} /></label>
      </div>
    </>
  );
}

export function DataPanel({ run }: { run: Run }) {
  const file = useRef<HTMLInputElement>(null);
  const n = run.start.value?.x.length ?? 0;
  return (
    <section class="card data" aria-labelledby="data-title">
      <header><h2 id="data-title">Samples</h2>
        <p>{n} of them, seen from above</p></header>
      <MapPad run={run} />
      <p class="help">Click to add, drag to move, right-click or Delete to
        remove. Or drop a table of two columns, x and y.</p>
      <Functions run={run} />
      <div class="buttons">
        <button onClick={() => undo(run)} disabled={!undone.value.length}>
          <Icon name="undo" /><span>Undo</span></button>
        <button onClick={() => file.current!.click()}>Open a table</button>
        <input ref={file} type="file" accept=".csv,.txt,.tsv" hidden
          aria-label="A table of samples"
          onChange={(e) => {
            const [chosen] = e.currentTarget.files ?? [];
            if (chosen) void dropTable(run, chosen);
            e.currentTarget.value = '';
          }} />
      </div>
    </section>
  );
}
