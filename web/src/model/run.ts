// SPDX-License-Identifier: MIT
//
// A surface that is being trained: its worker, its settings, where it stands
// and how it came there. Everything that is drawn follows these signals.

import { batch, signal } from '@preact/signals';
import { Client } from '../engine/client';
import type { Frame, Start } from '../engine/protocol';
import { History } from './history';
import type { Data, Settings } from './settings';
import { DEMO_DATA, PRESETS, changesModel } from './settings';
import type { Tables } from './tables';

export interface Notice { kind: 'error' | 'note'; text: string }

/** Updates a frame at the slider's places; the last: as many as fit. */
export const SPEEDS = [1, 5, 20, 60, 200, 1000, Infinity];
const SLICE = 12; // milliseconds a frame

export class Run {
  readonly settings = signal<Settings>(PRESETS[0].settings);
  readonly data = signal<Data>(DEMO_DATA);
  readonly start = signal<Start | null>(null);
  readonly frame = signal<Frame | null>(null);
  readonly first = signal<Float32Array | null>(null);
  readonly deviationFirst = signal(1);
  readonly playing = signal(false);
  readonly speed = signal(4);
  readonly cut = signal(0.5);
  readonly notice = signal<Notice | null>(null);
  readonly us = signal(0);
  readonly perSecond = signal(0);
  readonly error = signal(NaN);
  /** Nothing but updates happened since the model was drawn from the seed. */
  readonly pure = signal(true);
  /** The name of a model that was opened; '' for one made here. */
  readonly opened = signal('');
  readonly history = new History();
  tables: Tables | null = null;
  backend = '';
  private readonly client = new Client();
  private queue: Promise<unknown> = Promise.resolve();
  private busy = false;
  private measured = { at: 0, updates: 0 };
  private recent: [number, number][] = [];
  private stopAt = Infinity;

  async open(backend = 'fastest') {
    const wasm = new URL('basin.wasm', document.baseURI).href;
    const opened = this.client.ask('open', { wasm, backend });
    this.queue = opened.catch(() => undefined); // whatever is asked waits
    const { tables, backend: name } = await opened;
    this.tables = tables;
    this.backend = name;
  }

  close() {
    this.playing.value = false;
    this.client.close();
  }

  /** One after the other, and the page goes on when one is refused. */
  private next<T>(task: () => Promise<T>): Promise<T | undefined> {
    const done = this.queue.then(task).catch((error: Error) => {
      batch(() => {
        this.playing.value = false;
        this.notice.value = { kind: 'error', text: error.message };
      });
      return undefined;
    });
    this.queue = done;
    return done;
  }

  // ---------------------------------------------------------------- models

  private began(start: Start, fresh: boolean) {
    batch(() => {
      this.start.value = start;
      this.us.value = this.perSecond.value = 0;
      this.recent = [];
      this.notice.value = null;
      if (fresh) {
        this.history.clear();
        this.first.value = start.frame.surface;
        this.deviationFirst.value = start.frame.deviation;
        this.error.value = NaN;
      }
      this.showed(start.frame);
    });
    this.measured = { at: performance.now(), updates: start.frame.updates };
  }

  private showed(frame: Frame) {
    this.history.add(frame);
    this.frame.value = frame;
  }

  /** A new model from the seed; with `updates`, trained so far already. */
  restart(updates = 0, weights?: Float32Array<ArrayBuffer>) {
    return this.next(async () => {
      const args = { settings: this.settings.value, data: this.data.value,
        cut: this.cut.value };
      this.began(await this.client.ask('build', args), true);
      batch(() => {
        this.opened.value = '';
        this.pure.value = !weights;
      });
      if (weights || updates)
        this.began(await this.client.ask(
          'build', { ...args, weights, updates }), false);
    });
  }

  /** Take other settings; W stays where it can. */
  change(settings: Partial<Settings>) {
    const before = this.settings.value;
    const after = { ...before, ...settings };
    this.settings.value = after;
    if (changesModel(before, after)) return this.restart();
    return this.renew();
  }

  load(settings: Settings, data: Data = DEMO_DATA) {
    batch(() => {
      this.playing.value = false;
      this.settings.value = settings;
      this.data.value = data;
    });
    return this.restart();
  }

  /** Take other samples; W stays. */
  supply(data: Data) {
    this.data.value = data;
    if (this.frame.value?.updates === 0 && !this.opened.value)
      return this.restart();
    return this.renew();
  }

  private renew() {
    return this.next(async () => {
      const fresh = this.frame.value?.updates === 0 && !this.opened.value;
      const args = { settings: this.settings.value, data: this.data.value,
        cut: this.cut.value };
      if (fresh) return this.began(await this.client.ask('build', args), true);
      this.pure.value = false;
      this.began(await this.client.ask('continue', args), false);
    });
  }

  // -------------------------------------------------------------- training

  play(on = !this.playing.value) {
    const frame = this.frame.value;
    if (on && frame && frame.epoch >= this.settings.value.epochs)
      this.stopAt = Infinity;
    else
      this.stopAt = this.settings.value.epochs;
    this.measured = { at: performance.now(), updates: frame?.updates ?? 0 };
    this.playing.value = on;
  }

  step() {
    this.playing.value = false;
    return this.advance(1, Infinity);
  }

  /** Called once a frame of the screen. */
  tick() {
    if (!this.playing.value || this.busy || !this.start.value) return;
    void this.advance(this.left(SPEEDS[this.speed.value]), SLICE);
  }

  private left(updates: number) {
    const frame = this.frame.value;
    if (!frame || this.stopAt === Infinity || !frame.epoch) return updates;
    const last = Math.round(frame.updates / frame.epoch * this.stopAt);
    return Math.max(1, Math.min(updates, last - frame.updates));
  }

  /** So many updates at once, for the tour and the address. */
  async advance(updates: number, ms: number) {
    this.busy = true;
    await this.next(async () => {
      const frame = await this.client.ask(
        'advance', { updates, ms, cut: this.cut.value });
      batch(() => {
        const before = this.frame.value?.updates ?? 0;
        this.showed(frame);
        this.pace(frame, before);
        if (this.playing.value && frame.epoch >= this.stopAt) {
          this.playing.value = false;
          this.notice.value = { kind: 'note',
            text: `Done: ${this.settings.value.epochs} epochs. ` +
              'Train goes on at the last rate.' };
        }
      });
    });
    this.busy = false;
  }

  private pace(frame: Frame, before: number) {
    const n = frame.updates - before;
    if (n > 0) {
      // over many frames, for the browser's clock is coarse
      this.recent = [...this.recent.slice(-29), [n, n * frame.us]];
      const [steps, us] = this.recent.reduce(([a, b], [c, d]) =>
        [a + c, b + d]);
      this.us.value = us / steps;
    }
    const now = performance.now(), past = now - this.measured.at;
    if (past < 500) return;
    this.perSecond.value =
      1000 * (frame.updates - this.measured.updates) / past;
    this.measured = { at: now, updates: frame.updates };
    void this.judge();
  }

  /** The mean error of the answers; asked now and then, for it takes time. */
  judge() {
    return this.next(async () => {
      this.error.value =
        await this.client.ask('error', { data: this.data.value });
    });
  }

  look(cut: number) {
    this.cut.value = cut;
    if (this.playing.value) return Promise.resolve(undefined);
    return this.next(async () => {
      if (this.cut.value !== cut || !this.frame.value) return;
      const frame = await this.client.ask('look', { cut });
      this.frame.value = frame;
    });
  }

  // ----------------------------------------------------------------- files

  weights() {
    return this.next(() => this.client.ask('weights', {}));
  }

  model() {
    return this.next(() => this.client.ask('writeModel', {}));
  }

  /** @return whether it was one */
  openModel(bytes: Uint8Array, name: string) {
    this.playing.value = false;
    return this.next(async () => {
      const start = await this.client.ask('readModel', { bytes,
        settings: this.settings.value, data: this.data.value,
        cut: this.cut.value });
      this.began(start, true);
      batch(() => {
        this.opened.value = name;
        this.pure.value = false;
        this.notice.value = { kind: 'note', text: `Opened ${name}: ` +
          `${start.weights} weights. Train goes on from there.` };
      });
      return true;
    });
  }

  readTable(bytes: Uint8Array) {
    return this.next(() => this.client.ask('readTable', { bytes }));
  }

  bits(settings: Settings, data: Data, updates: number, every: number) {
    return this.next(() =>
      this.client.ask('bits', { settings, data, updates, every }));
  }
}
