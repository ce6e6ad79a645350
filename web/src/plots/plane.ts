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

/** How far the axes go: what holds nearly all, steady between frames. */
export interface Reach { ec: number; ei: number }

function most(pairs: Float32Array, offset: number): number {
  const all = Array.from(pairs).filter((v, i) => i % 2 === offset &&
    Number.isFinite(v)).sort((a, b) => a - b);
  return Math.max(all[Math.floor(0.99 * (all.length - 1))] ?? 1, 0.02);
}

export function planeReach(pairs: Float32Array, before: Reach,
  margin: number): Reach {
  const steady = (now: number, was: number) =>
    was > now && was < 2.5 * now ? was : now * 1.25;
  const ei = steady(Math.max(most(pairs, 1), 1.2 * margin), before.ei);
  const ec = steady(Math.max(most(pairs, 0), 0.4 * ei), before.ec);
  return { ec, ei: Math.max(ei, 0.5 * ec) };
}

/** One of the half planes, to be filled. */
function half(p: Plot, { ec, ei }: Reach, margin: number, good: boolean) {
  const { c, box } = p;
  const end = Math.min(ec, ei - margin); // where the line leaves the box
  c.beginPath();
  c.moveTo(box.left, p.py(margin));
  c.lineTo(p.px(end), p.py(end + margin));
  if (good) {
    if (end === ec) c.lineTo(box.right, box.top);
    c.lineTo(box.left, box.top);
  } else {
    if (end < ec) c.lineTo(box.right, box.top);
    c.lineTo(box.right, box.bottom);
    c.lineTo(box.left, box.bottom);
  }
  c.closePath();
  c.fill();
}

export function drawPlane(p: Plot, frame: Frame, margin: number,
  reach: Reach) {
  const { theme, c } = p;
  p.range({ low: 0, high: reach.ec }, { low: 0, high: reach.ei });
  c.globalAlpha = theme.dark ? 0.14 : 0.11;
  c.fillStyle = theme.now;
  half(p, reach, margin, true);
  c.fillStyle = theme.wrong;
  half(p, reach, margin, false);
  c.globalAlpha = 1;
  p.axes('E_C', 'E_I');
  p.clip(() => {
    const end = Math.min(reach.ec, reach.ei - margin);
    p.line([[0, margin], [end, end + margin]], theme.faint, 1.25, [5, 4]);
    const n = Math.min(frame.pairs.length / 2, MOST);
    c.globalAlpha = 0.6;
    for (let i = 0; i < n; i++)
      p.dot(frame.pairs[2 * i], frame.pairs[2 * i + 1], theme.ball, 2.4);
    c.globalAlpha = 1;
    p.dot(frame.ec, frame.ei, theme.ball, 6, theme.paper);
  });
}
