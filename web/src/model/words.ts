// SPDX-License-Identifier: MIT
//
// What is seen, in words: for the line under the picture, and for those who
// hear the page instead of seeing it.

import type { Frame } from '../engine/protocol';
import { brief } from '../scene/ticks';

/** Flat is as the command says it: 5 % of the spread at the start. */
export const COLLAPSED = 0.05;

export interface Seen {
  frame: Frame;
  deviationFirst: number;
  highFirst: number;
  error: number;
  playing: boolean;
}

export function count(n: number): string {
  return Math.round(n).toLocaleString('en').replaceAll(',', ' ');
}

export type Shape = 'start' | 'collapsed' | 'basin' | 'rough' | 'broken';

export function shape({ frame, deviationFirst, error }: Seen): Shape {
  if (!Number.isFinite(frame.high) || !Number.isFinite(frame.loss))
    return 'broken';
  if (frame.updates === 0) return 'start';
  if (frame.deviation <= COLLAPSED * deviationFirst) return 'collapsed';
  return error < 0.03 ? 'basin' : 'rough';
}

export function words(seen: Seen): string {
  const { frame, deviationFirst, highFirst, error } = seen;
  const kind = shape(seen);
  const part = Math.round(100 * frame.deviation / deviationFirst);
  const grown = frame.high > 3 * highFirst && frame.ec > 0.3 * highFirst ?
    ` Wrong answers go on rising, to ${brief(frame.high)} by now; ` +
      'only differences count.' : '';
  switch (kind) {
    case 'start':
      return 'Untrained: a random surface. The lowest answer is nowhere near ' +
        'the samples.';
    case 'broken':
      return 'The numbers have left every range: training diverged. Reset, ' +
        'and try a lower rate.';
    case 'collapsed':
      return `Collapsed: the energies spread ${part} % of what they did at ` +
        'the start. Every answer is as good as the right one.';
    case 'basin':
      return 'The surface is a basin along the samples: its lowest answer is ' +
        `off by ${brief(error)} on average.${grown}`;
    case 'rough':
      return Number.isFinite(error) ?
        `Still moving: the lowest answer is off by ${brief(error)} on ` +
          `average.${grown}` : 'The surface has begun to move.';
  }
}
