// SPDX-License-Identifier: MIT
//
// The cut: the energy of every answer at one x, with the lowest answer, the
// right one, and the wrong one that offends most.

import type { Frame, Start } from '../engine/protocol';
import { CUT } from '../engine/module';
import { Plot, padded } from './plot';

export function drawCut(p: Plot, start: Start, frame: Frame,
  epsilon: number) {
  const { cut } = frame, { theme, box } = p;
  const { yLow, yHigh } = start;
  let high = 0, low = 0;
  for (const e of cut.energies)
    if (Number.isFinite(e)) {
      high = Math.max(high, e);
      low = Math.min(low, e);
    }
  p.range({ low: yLow, high: yHigh }, padded(low, high || 1));
  const a = Math.max(p.px(cut.right - epsilon), box.left);
  const b = Math.min(p.px(cut.right + epsilon), box.right);
  p.c.fillStyle = theme.right;
  p.c.globalAlpha = 0.1;
  if (b > a) p.c.fillRect(a, box.top, b - a, box.bottom - box.top);
  p.c.globalAlpha = 1;
  p.axes('Y', 'E(Y)');
  const y = (i: number) => yLow + (yHigh - yLow) * i / (CUT - 1);
  p.clip(() => {
    p.line(Array.from(cut.energies, (e, i): [number, number] => [y(i), e]),
      theme.now, 2.25);
    p.line([[cut.right, low], [cut.right, high * 1.1 || 1]], theme.ball, 1,
      [3, 4]);
  });
  p.dot(cut.right, cut.rightEnergy, theme.ball, 5, theme.paper);
  p.dot(...cut.offender, theme.wrong, 5, theme.paper);
  p.dot(...cut.lowest, theme.paper, 4.5, theme.ink);
}
