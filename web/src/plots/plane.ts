// SPDX-License-Identifier: MIT
//
// The plane of E_C and E_I: each sample is a point. Above the line
// E_I = E_C + m the right answer wins with the margin m; below, it does not.

import type { Frame } from '../engine/protocol';
import { Plot } from './plot';

const MOST = 300;

/** @return how many samples lie on the good side, and of how many */
export function sides(pairs: Float32Array, margin: number): [number, number] {
  let good = 0;
  for (let i = 0; i < pairs.length; i += 2)
    if (pairs[i + 1] > pairs[i] + margin) good++;
  return [good, pairs.length / 2];
}

export function planeReach(pairs: Float32Array, before: number): number {
  const all = Array.from(pairs).filter(Number.isFinite).sort((a, b) => a - b);
  const most = Math.max(all[Math.floor(0.99 * (all.length - 1))] ?? 1, 0.02);
  const steady = before > most && before < 3 * most;
  return steady ? before : most * 1.25;
}

export function drawPlane(p: Plot, frame: Frame, margin: number,
  reach: number) {
  const { theme, c, box } = p;
  const high = Math.max(reach, margin * 1.15);
  p.range({ low: 0, high }, { low: 0, high });
  c.save();
  c.beginPath();
  c.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  c.clip();
  const line = (upper: boolean) => {
    c.beginPath();
    c.moveTo(box.left, p.py(margin));
    c.lineTo(box.left + (box.right - box.left) * (high - margin) / high,
      box.top);
    if (upper) c.lineTo(box.left, box.top);
    else {
      c.lineTo(box.right, box.top);
      c.lineTo(box.right, box.bottom);
      c.lineTo(box.left, box.bottom);
    }
    c.closePath();
  };
  c.globalAlpha = theme.dark ? 0.14 : 0.11;
  c.fillStyle = theme.now;
  line(true);
  c.fill();
  c.fillStyle = theme.wrong;
  line(false);
  c.fill();
  c.globalAlpha = 1;
  c.restore();
  p.axes('E_C', 'E_I');
  p.clip(() => {
    p.line([[0, margin], [high, high + margin]], theme.faint, 1.25, [5, 4]);
    const n = Math.min(frame.pairs.length / 2, MOST);
    c.globalAlpha = 0.6;
    for (let i = 0; i < n; i++)
      p.dot(frame.pairs[2 * i], frame.pairs[2 * i + 1], theme.ball, 2.4);
    c.globalAlpha = 1;
    p.dot(frame.ec, frame.ei, theme.ball, 6, theme.paper);
  });
}
