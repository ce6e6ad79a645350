// SPDX-License-Identifier: MIT
//
// The surface from above, as a map of heat with its samples: where samples are
// drawn, and what is seen where there is no WebGL.

import type { Frame, Start } from '../engine/protocol';
import { GRID } from '../engine/module';
import type { Theme } from '../scene/theme';
import { Plot } from './plot';

function rgb(colour: string): [number, number, number] {
  const c = document.createElement('canvas').getContext('2d')!;
  c.fillStyle = colour;
  const n = parseInt(c.fillStyle.slice(1), 16);
  return [n >> 16, (n >> 8) & 255, n & 255];
}

/** The tile of the map, kept between frames. */
export class HeatTile {
  private readonly canvas = document.createElement('canvas');
  private readonly context = this.canvas.getContext('2d')!;
  private readonly image: ImageData;
  private ends: [[number, number, number], [number, number, number]] | null =
    null;
  private key = '';

  constructor() {
    this.canvas.width = this.canvas.height = GRID;
    this.image = this.context.createImageData(GRID, GRID);
  }

  paint(z: Float32Array, low: number, high: number, theme: Theme) {
    const key = theme.now + theme.paper;
    if (key !== this.key) {
      this.key = key;
      this.ends = [rgb(theme.now), rgb(theme.paper)];
    }
    const [a, b] = this.ends!, { data } = this.image;
    const span = high - low || 1;
    for (let i = 0; i < GRID; i++)
      for (let j = 0; j < GRID; j++) {
        const part = (z[i * GRID + j] - low) / span;
        const t = Math.sqrt(part < 1 ? Math.max(0, part) : 1);
        const at = 4 * ((GRID - 1 - j) * GRID + i);
        for (let k = 0; k < 3; k++) data[at + k] = a[k] + (b[k] - a[k]) * t;
        data[at + 3] = 255;
      }
    this.context.putImageData(this.image, 0, 0);
    return this.canvas;
  }
}

export interface Mark { x: number; y: number; shown: boolean }

export function drawMap(p: Plot, tile: HeatTile, start: Start, frame: Frame,
  cursor: Mark, chosen: number) {
  const { box, c, theme } = p, { yLow, yHigh } = start;
  p.range({ low: -1, high: 1 }, { low: yLow, high: yHigh });
  const flat = frame.high - frame.low;
  const picture = tile.paint(frame.surface, Math.min(frame.low, 0),
    Math.max(frame.low + Math.max(flat, 1e-6), 0.05), theme);
  c.imageSmoothingEnabled = true;
  c.drawImage(picture, box.left, box.top, box.right - box.left,
    box.bottom - box.top);
  p.axes('X', 'Y');
  p.clip(() => {
    p.line([[frame.cut.x, yLow], [frame.cut.x, yHigh]], theme.cut, 1.25,
      [4, 4]);
    const n = start.x.length, radius = n > 400 ? 2 : n > 120 ? 2.6 : 4;
    for (let i = 0; i < n; i++)
      p.dot(start.x[i], start.y[i], theme.ball, radius,
        n > 120 ? '' : theme.paper);
    if (chosen >= 0 && chosen < n)
      p.dot(start.x[chosen], start.y[chosen], theme.ball, 7, theme.ink);
    if (!cursor.shown) return;
    const x = p.px(cursor.x), y = p.py(cursor.y);
    c.strokeStyle = theme.ink;
    c.lineWidth = 1.5;
    c.beginPath();
    c.moveTo(x - 10, y);
    c.lineTo(x + 10, y);
    c.moveTo(x, y - 10);
    c.lineTo(x, y + 10);
    c.stroke();
  });
}
