// SPDX-License-Identifier: MIT
//
// A small plane to draw in: axes with ticks, lines, points, on a canvas of the
// screen's own resolution.

import { label, ticks } from '../scene/ticks';
import type { Theme } from '../scene/theme';

export interface Range { low: number; high: number }

const FONT = '"Inter", system-ui, "Segoe UI", Roboto, sans-serif';

/** Sizes of canvases as their observer last saw them: asking the page anew at
 *  every frame would make it lay itself out each time. */
const sizes = new WeakMap<HTMLCanvasElement, [number, number]>();

/** Watch the size; `paint` is called when it has changed. */
export function watchSize(canvas: HTMLCanvasElement, paint: () => void) {
  const observer = new ResizeObserver(() => {
    sizes.set(canvas, [canvas.clientWidth, canvas.clientHeight]);
    paint();
  });
  observer.observe(canvas);
  return () => observer.disconnect();
}

export class Plot {
  readonly c: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly box: { left: number; right: number; top: number; bottom: number };
  private x: Range = { low: 0, high: 1 };
  private y: Range = { low: 0, high: 1 };
  private log = false;

  constructor(canvas: HTMLCanvasElement, readonly theme: Theme) {
    const ratio = Math.min(devicePixelRatio || 1, 3);
    const [width, height] = sizes.get(canvas) ??
      [canvas.clientWidth, canvas.clientHeight];
    this.width = Math.max(width, 40);
    this.height = Math.max(height, 40);
    const w = Math.round(this.width * ratio);
    const h = Math.round(this.height * ratio);
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
    }
    this.c = canvas.getContext('2d')!;
    this.c.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.c.clearRect(0, 0, this.width, this.height);
    this.c.lineJoin = this.c.lineCap = 'round';
    this.box = { left: 40, right: this.width - 12, top: 12,
      bottom: this.height - 36 };
  }

  range(x: Range, y: Range, log = false) {
    this.x = x;
    this.y = y;
    this.log = log;
  }

  px(x: number) {
    const { left, right } = this.box;
    return left + (right - left) * (x - this.x.low) /
      (this.x.high - this.x.low);
  }

  py(y: number) {
    const { top, bottom } = this.box;
    const f = this.log ? Math.log10 : (v: number) => v;
    const low = f(this.y.low), high = f(this.y.high);
    const at = bottom - (bottom - top) * (f(y) - low) / (high - low);
    return Math.min(Math.max(at, top - 40), bottom + 40);
  }

  /** And back again. */
  fromX(px: number) {
    const { left, right } = this.box;
    return this.x.low + (this.x.high - this.x.low) * (px - left) /
      (right - left);
  }

  fromY(py: number) {
    const { top, bottom } = this.box;
    return this.y.low + (this.y.high - this.y.low) * (bottom - py) /
      (bottom - top);
  }

  axes(xName: string, yName: string) {
    const { c, box, theme } = this;
    c.font = `11px ${FONT}`;
    c.fillStyle = theme.faint;
    c.strokeStyle = theme.grid;
    c.lineWidth = 1;
    c.beginPath();
    c.textAlign = 'center';
    c.textBaseline = 'top';
    const few = Math.max(2, Math.floor((box.right - box.left) / 70));
    for (const x of ticks(this.x.low, this.x.high, few)) {
      const at = Math.round(this.px(x)) + 0.5;
      c.moveTo(at, box.top);
      c.lineTo(at, box.bottom);
      const text = label(x), half = c.measureText(text).width / 2;
      c.fillText(text, Math.min(at, this.width - half - 1), box.bottom + 6);
    }
    c.textAlign = 'right';
    c.textBaseline = 'middle';
    for (const y of this.yTicks()) {
      const at = Math.round(this.py(y)) + 0.5;
      c.moveTo(box.left, at);
      c.lineTo(box.right, at);
      c.fillText(label(y), box.left - 6, at);
    }
    c.stroke();
    c.fillStyle = theme.ink;
    this.name(xName, box.right, this.height - 4, true);
    this.name(yName, box.left + 6, box.top + 13, false);
  }

  /** A name in italics; what follows a _ is set lower. */
  private name(text: string, x: number, y: number, end: boolean) {
    const { c } = this, [main, below = ''] = text.split('_');
    const big = 'italic 14px Georgia, "Times New Roman", serif';
    const small = 'italic 10px Georgia, "Times New Roman", serif';
    c.textAlign = 'left';
    c.textBaseline = 'alphabetic';
    c.font = small;
    const tail = below ? c.measureText(below).width : 0;
    c.font = big;
    const left = end ? x - tail - c.measureText(main).width : x;
    const head = c.measureText(main).width;
    c.fillText(main, left, y);
    c.font = small;
    c.fillText(below, left + head, y + 3);
  }

  private yTicks(): number[] {
    if (!this.log)
      return ticks(this.y.low, this.y.high,
        Math.max(2, Math.floor((this.box.bottom - this.box.top) / 34)));
    const out: number[] = [];
    const low = Math.ceil(Math.log10(this.y.low) - 1e-9);
    const high = Math.floor(Math.log10(this.y.high) + 1e-9);
    const step = Math.max(1, Math.ceil((high - low) / 4));
    for (let k = low; k <= high; k += step) out.push(10 ** k);
    return out;
  }

  clip(draw: () => void) {
    const { c, box } = this;
    c.save();
    c.beginPath();
    c.rect(box.left, box.top - 1, box.right - box.left,
      box.bottom - box.top + 2);
    c.clip();
    draw();
    c.restore();
  }

  line(points: Iterable<[number, number]>, colour: string, width = 2,
    dash: number[] = []) {
    const { c } = this;
    c.strokeStyle = colour;
    c.lineWidth = width;
    c.setLineDash(dash);
    c.beginPath();
    let pen = false;
    for (const [x, y] of points) {
      const good = Number.isFinite(y) && !(this.log && y <= 0);
      if (!good) {
        pen = false;
        continue;
      }
      if (pen) c.lineTo(this.px(x), this.py(y));
      else c.moveTo(this.px(x), this.py(y));
      pen = true;
    }
    c.stroke();
    c.setLineDash([]);
  }

  dot(x: number, y: number, colour: string, radius = 4, ring = '') {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return;
    const { c } = this;
    c.beginPath();
    c.arc(this.px(x), this.py(y), radius, 0, 2 * Math.PI);
    c.fillStyle = colour;
    c.fill();
    if (!ring) return;
    c.strokeStyle = ring;
    c.lineWidth = 1.5;
    c.stroke();
  }

  text(text: string, x: number, y: number, colour: string,
    align: CanvasTextAlign = 'left') {
    const { c, box } = this;
    c.font = `600 11px ${FONT}`;
    c.textAlign = align;
    c.textBaseline = 'middle';
    c.fillStyle = colour;
    const half = c.measureText(text).width;
    const least = align === 'right' ? box.left + half + 4 : box.left + 4;
    const most = align === 'right' ? box.right - 4 : box.right - half - 4;
    c.fillText(text, Math.min(Math.max(x, least), most),
      Math.min(Math.max(y, box.top + 8), box.bottom - 8));
  }
}

/** A little room above, a round end, and never an empty range. */
export function padded(low: number, high: number): Range {
  if (!Number.isFinite(low) || !Number.isFinite(high))
    return { low: 0, high: 1 };
  if (high - low < 1e-12) return { low, high: low + 1 };
  return { low, high: high + 0.08 * (high - low) };
}
