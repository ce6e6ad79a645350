// SPDX-License-Identifier: MIT
//
// The library as WebAssembly, and one session of it: web/wasm/web.h with types.

interface Exports {
  memory: WebAssembly.Memory;
  malloc(size: number): number;
  free(at: number): void;
  web_open(backend: number): number;
  web_close(w: number): void;
  web_message(w: number): number;
  web_backend(w: number): number;
  web_set(w: number, name: number, value: number): number;
  web_choose(w: number, which: number, name: number): number;
  web_setting(w: number, which: number, text: number): number;
  web_build(w: number): number;
  web_continue(w: number): number;
  web_step(w: number, count: number): number;
  web_mean_loss(w: number): number;
  web_updates(w: number): number;
  web_rate(w: number): number;
  web_loss_now(w: number): number;
  web_params(w: number): number;
  web_n_params(w: number): number;
  web_restore(w: number, updates: number): void;
  web_take_samples(w: number, n: number): number;
  web_draw_samples(
    w: number, n: number, f: number, noise: number, seed: number): number;
  web_x(w: number): number;
  web_y(w: number): number;
  web_n_samples(w: number): number;
  web_surface(w: number, nx: number, ny: number): number;
  web_measure(w: number): number;
  web_cut(w: number, x: number, right: number): number;
  web_answers(w: number, n: number): number;
  web_tables(w: number): number;
  web_text(w: number): number;
  web_text_size(w: number): number;
  web_model_write(w: number): number;
  web_model_read(w: number, data: number, size: number): number;
  web_csv_read(w: number, data: number, size: number): number;
  web_verdict(w: number): number;
}

/** What the library says when it refuses. */
export class Refusal extends Error {}

export const LOSS = 0;
export const OPTIMISER = 1;
export const GRID = 101;
export const CUT = 401;

export async function compile(url: string | URL): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return WebAssembly.compile(await response.arrayBuffer());
}

export class Session {
  private readonly x: Exports;
  private readonly w: number;

  private constructor(exports: Exports, backend: string) {
    this.x = exports;
    this.w = this.withText(backend, (at) => exports.web_open(at));
    if (!this.w) throw new Refusal(`no session with the backend ${backend}`);
  }

  static async open(module: WebAssembly.Module, backend: string) {
    const instance = await WebAssembly.instantiate(module);
    return new Session(instance.exports as unknown as Exports, backend);
  }

  close() {
    this.x.web_close(this.w);
  }

  // ---------------------------------------------------------------- memory

  private bytes(at: number, size: number) {
    return new Uint8Array(this.x.memory.buffer, at, size);
  }

  private withBytes<T>(data: Uint8Array, use: (at: number) => T): T {
    const at = this.x.malloc(data.length + 1);
    if (!at) throw new Refusal('out of memory');
    try {
      this.bytes(at, data.length).set(data);
      this.bytes(at + data.length, 1)[0] = 0;
      return use(at);
    } finally {
      this.x.free(at);
    }
  }

  private withText<T>(text: string, use: (at: number) => T): T {
    return this.withBytes(new TextEncoder().encode(text), use);
  }

  private text(at: number): string {
    const all = new Uint8Array(this.x.memory.buffer);
    return new TextDecoder().decode(all.subarray(at, all.indexOf(0, at)));
  }

  /** A copy, so that it can travel and outlives the next call. */
  private floats(at: number, n: number): Float32Array<ArrayBuffer> {
    if (!at) throw new Refusal(this.text(this.x.web_message(this.w)));
    return new Float32Array(this.x.memory.buffer, at, n).slice();
  }

  private check(status: number) {
    if (status) throw new Refusal(this.text(this.x.web_message(this.w)));
  }

  // -------------------------------------------------------------- settings

  get backend() {
    return this.text(this.x.web_backend(this.w));
  }

  set(name: string, value: number) {
    this.check(
      this.withText(name, (at) => this.x.web_set(this.w, at, value)));
  }

  choose(which: number, name: string, settings: Record<string, number>) {
    this.check(
      this.withText(name, (at) => this.x.web_choose(this.w, which, at)));
    for (const [key, value] of Object.entries(settings)) {
      const put = (at: number) => this.x.web_setting(this.w, which, at);
      this.check(this.withText(`${key}=${value}`, put));
    }
  }

  tables(): unknown {
    this.check(this.x.web_tables(this.w));
    return JSON.parse(new TextDecoder().decode(this.written()));
  }

  verdict(): unknown {
    this.check(this.x.web_verdict(this.w));
    return JSON.parse(new TextDecoder().decode(this.written()));
  }

  private written() {
    const { web_text, web_text_size } = this.x;
    return this.bytes(web_text(this.w), web_text_size(this.w)).slice();
  }

  // --------------------------------------------------------------- samples

  draw(n: number, f: number, noise: number, seed: number) {
    this.check(this.x.web_draw_samples(this.w, n, f, noise, seed));
  }

  take(x: ArrayLike<number>, y: ArrayLike<number>) {
    this.check(this.x.web_take_samples(this.w, x.length));
    const { buffer } = this.x.memory;
    new Float32Array(buffer, this.x.web_x(this.w), x.length).set(x);
    new Float32Array(buffer, this.x.web_y(this.w), y.length).set(y);
  }

  get samples() {
    const n = this.x.web_n_samples(this.w);
    return {
      x: this.floats(this.x.web_x(this.w), n),
      y: this.floats(this.x.web_y(this.w), n),
    };
  }

  readTable(data: Uint8Array) {
    this.check(this.withBytes(
      data, (at) => this.x.web_csv_read(this.w, at, data.length)));
  }

  // -------------------------------------------------------------- training

  build() {
    this.check(this.x.web_build(this.w));
  }

  continue() {
    this.check(this.x.web_continue(this.w));
  }

  step(count: number) {
    this.check(this.x.web_step(this.w, count));
  }

  get meanLoss() {
    return this.x.web_mean_loss(this.w);
  }

  get lossNow() {
    return this.x.web_loss_now(this.w);
  }

  get updates() {
    return this.x.web_updates(this.w);
  }

  get rate() {
    return this.x.web_rate(this.w);
  }

  get weights() {
    return this.floats(
      this.x.web_params(this.w), this.x.web_n_params(this.w));
  }

  restore(weights: Float32Array, updates: number) {
    const n = this.x.web_n_params(this.w);
    if (n !== weights.length)
      throw new Refusal(
        `the address holds ${weights.length} weights; this model has ${n}`);
    new Float32Array(this.x.memory.buffer, this.x.web_params(this.w), n)
      .set(weights);
    this.x.web_restore(this.w, updates);
  }

  // -------------------------------------------------------------- watching

  surface(nx = GRID, ny = GRID) {
    return this.floats(this.x.web_surface(this.w, nx, ny), nx * ny);
  }

  measure() {
    const n = this.x.web_n_samples(this.w);
    return this.floats(this.x.web_measure(this.w), 2 * n);
  }

  cut(x: number, right: number) {
    return this.floats(this.x.web_cut(this.w, x, right), CUT + 5);
  }

  answers(n: number) {
    return this.floats(this.x.web_answers(this.w, n), n);
  }

  // ----------------------------------------------------------------- files

  writeModel() {
    this.check(this.x.web_model_write(this.w));
    return this.written();
  }

  readModel(data: Uint8Array) {
    this.check(this.withBytes(
      data, (at) => this.x.web_model_read(this.w, at, data.length)));
  }
}
