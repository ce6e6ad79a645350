// SPDX-License-Identifier: MIT
//
// The curves: loss and mean energies by update. When there are too many points
// every second one goes, so memory does not grow however long one trains.

import type { Frame } from '../engine/protocol';

const MOST = 800;

export interface Point { at: number; loss: number; ec: number; ei: number }

export class History {
  points: Point[] = [];
  private every = 0;

  clear() {
    this.points = [];
    this.every = 0;
  }

  add({ updates, loss, ec, ei }: Frame) {
    const last = this.points[this.points.length - 1];
    if (last && updates < last.at) this.clear();
    if (last && updates === last.at) this.points.pop();
    const before = this.points[this.points.length - 2];
    if (before && last && last.at - before.at < this.every &&
      updates - last.at < this.every && updates !== last.at)
      this.points.pop(); // the last one moves on until it is far enough
    this.points.push({ at: updates, loss, ec, ei });
    if (this.points.length <= MOST) return;
    this.points = this.points.filter((_, i) => i % 2 === 0 ||
      i === this.points.length - 1);
    const [a, b] = this.points;
    this.every = Math.max(this.every * 2, b.at - a.at);
  }
}
