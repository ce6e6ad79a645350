// SPDX-License-Identifier: MIT
//
// The curves: loss, and the mean energies of the right and of the most
// offending answers, by update.

import type { Point } from '../model/history';
import { Plot, padded } from './plot';

export function drawCurves(p: Plot, points: Point[]) {
  const { theme } = p;
  const last = points[points.length - 1];
  let low = Infinity, high = -Infinity;
  for (const { loss, ec, ei } of points)
    for (const v of [loss, ec, ei])
      if (Number.isFinite(v)) {
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
  const log = low > 0 && high / low > 60;
  const y = log ? { low, high: high * 1.3 } : padded(Math.min(0, low), high);
  p.range({ low: 0, high: Math.max(last?.at ?? 1, 1) }, y, log);
  p.axes(log ? 'updates; log scale' : 'updates', '');
  p.clip(() => {
    const of = (pick: (point: Point) => number) =>
      points.map((q): [number, number] => [q.at, pick(q)]);
    p.line(of((q) => q.ei), theme.wrong, 1.75);
    p.line(of((q) => q.ec), theme.ball, 1.75);
    p.line(of((q) => q.loss), theme.ink, 2);
  });
  if (!last) return;
  p.dot(last.at, last.ei, theme.wrong, 3);
  p.dot(last.at, last.ec, theme.ball, 3);
  p.dot(last.at, last.loss, theme.ink, 3);
}
