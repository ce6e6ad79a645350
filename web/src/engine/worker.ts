// SPDX-License-Identifier: MIT
//
// A worker: one session, and the requests that it answers. It trains only when
// it is asked, so the page sets the pace and never has to wait.

import type { Data, Settings } from '../model/settings';
import { functionIndex, truth } from '../model/settings';
import type { Tables, Verdict } from '../model/tables';
import { CUT, LOSS, OPTIMISER, Refusal, Session, compile } from './module';
import type { Cut, Frame, Name, Reply, Request, Requests, Start }
  from './protocol';

let module: WebAssembly.Module;
let session: Session;
let samples: Session['samples'];
let box = { low: -0.5, high: 1.5 };
let perEpoch = 1;
let smooth = 0; // the loss, over about the last epoch

// ------------------------------------------------------------------ settings

function configure(s: Settings) {
  const numbers: Record<string, number> = {
    'nets': s.nets, 'hidden': s.hidden, 'code': s.code,
    'weight-range': s.weightRange, 'bias-range': s.biasRange,
    'out-range': s.outRange, 'rate': s.rate, 'rate-end': s.rateEnd,
    'epochs': s.epochs, 'batch': s.batch, 'seed': s.seed,
    'points': s.points, 'epsilon': s.epsilon, 'beta': s.beta,
  };
  for (const [name, value] of Object.entries(numbers))
    session.set(name, value);
  session.choose(LOSS, s.loss, s.lossSettings);
  session.choose(OPTIMISER, s.optimiser, s.optimiserSettings);
}

function supply(data: Data, s: Settings) {
  if (data.kind === 'function')
    session.draw(data.n, functionIndex(data.name), data.noise, s.seed);
  else
    session.take(data.x, data.y);
  samples = session.samples;
  perEpoch = Math.ceil(samples.x.length / Math.min(s.batch,
    samples.x.length));
}

// ------------------------------------------------------------------ watching

function nearest(x: number): number {
  let best = 0;
  for (let i = 1; i < samples.x.length; i++)
    if (Math.abs(samples.x[i] - x) < Math.abs(samples.x[best] - x)) best = i;
  return samples.y[best];
}

function cutAt(x: number): Cut {
  const right = nearest(x);
  const all = session.cut(x, right);
  const [y, e, yi, ei, ec] = all.subarray(CUT);
  return { x, right, energies: all.slice(0, CUT), lowest: [y, e],
    offender: [yi, ei], rightEnergy: ec };
}

function statistics(z: Float32Array) {
  let low = Infinity, high = -Infinity, sum = 0, squares = 0;
  for (const e of z) {
    if (e < low) low = e;
    if (e > high) high = e;
    sum += e;
  }
  const mean = sum / z.length;
  for (const e of z) squares += (e - mean) ** 2;
  return { low, high, deviation: Math.sqrt(squares / z.length) };
}

function frame(loss: number, us: number, cut: number): Frame {
  const surface = session.surface();
  const pairs = session.measure();
  let ec = 0, ei = 0;
  for (let i = 0; i < pairs.length; i += 2) {
    ec += pairs[i];
    ei += pairs[i + 1];
  }
  const n = pairs.length / 2, updates = session.updates;
  return { updates, epoch: updates / perEpoch, loss, rate: session.rate, us,
    surface, pairs, ec: ec / n, ei: ei / n, cut: cutAt(cut),
    ...statistics(surface) };
}

function start(cut: number): Start {
  smooth = session.lossNow;
  return { x: samples.x.slice(), y: samples.y.slice(), yLow: box.low,
    yHigh: box.high, weights: session.weights.length,
    frame: frame(smooth, 0, cut) };
}

/** In pieces, so that `ms` is kept however long one update takes. */
function train(updates: number, ms: number) {
  const begin = performance.now();
  let done = 0, piece = 1, loss = 0, now = begin;
  while (done < updates && now - begin < ms) {
    const n = Math.min(piece, updates - done);
    session.step(n);
    loss += session.meanLoss * n;
    done += n;
    now = performance.now();
    const each = (now - begin) / done;
    piece = Math.max(1, Math.min(2 * piece,
      Math.floor((ms - (now - begin)) / Math.max(each, 1e-4))));
  }
  if (done) smooth += (loss / done - smooth) *
    (1 - Math.exp(-2 * done / perEpoch));
  return { done, loss: smooth, us: done ? 1000 * (now - begin) / done : 0 };
}

/** Against what the function says, or the samples where it says nothing. */
function meanError(data: Data): number {
  const n = Math.min(samples.x.length, 60);
  const answers = session.answers(n);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const rights = data.kind === 'function' ?
      truth(data.name, samples.x[i]) : [samples.y[i]];
    sum += Math.min(...rights.map((y) => Math.abs(y - answers[i])));
  }
  return sum / n;
}

// ------------------------------------------------------------------ requests

const answers: { [K in Name]: (args: Requests[K]['args']) =>
  Requests[K]['answer'] | Promise<Requests[K]['answer']> } = {
  async open({ wasm, backend }) {
    module = await compile(wasm);
    session = await Session.open(module, backend);
    return { tables: session.tables() as Tables, backend: session.backend };
  },
  build({ settings, data, weights, updates, cut }) {
    box = { low: -0.5, high: 1.5 };
    session.set('y-low', box.low);
    session.set('y-high', box.high);
    configure(settings);
    supply(data, settings);
    session.build();
    if (weights) session.restore(weights, updates ?? 0);
    else if (updates) session.step(updates);
    return start(cut);
  },
  continue({ settings, data, cut }) {
    const before = session.updates;
    configure(settings);
    supply(data, settings);
    session.continue();
    session.restore(session.weights, before);
    return start(cut);
  },
  advance({ updates, ms, cut }) {
    const { loss, us } = train(updates, ms);
    return frame(loss, us, cut);
  },
  look({ cut }) {
    return frame(smooth, 0, cut);
  },
  weights() {
    return session.weights;
  },
  error({ data }) {
    return meanError(data);
  },
  writeModel() {
    return session.writeModel();
  },
  readModel({ bytes, settings, data, cut }) {
    configure(settings);
    supply(data, settings);
    session.readModel(bytes);
    return start(cut);
  },
  verdict({ loss, lossSettings }) {
    session.choose(LOSS, loss, lossSettings);
    return session.verdict() as Verdict;
  },
  async readTable({ bytes }) {
    const aside = await Session.open(module, 'portable');
    try {
      aside.readTable(bytes);
      const { x, y } = aside.samples;
      return { x: [...x], y: [...y] };
    } finally {
      aside.close();
    }
  },
  bits({ settings, data, updates, every }) {
    configure(settings);
    supply(data, settings);
    session.build();
    const losses: number[] = [];
    const begin = performance.now();
    for (let done = 0; done < updates; done += every) {
      session.step(every);
      losses.push(session.meanLoss);
    }
    const us = 1000 * (performance.now() - begin) / updates;
    return { losses, weights: session.weights, us };
  },
};

/** The buffers of an answer, which move instead of being copied. */
function buffers(value: unknown, found: Transferable[] = []): Transferable[] {
  if (ArrayBuffer.isView(value)) found.push(value.buffer as ArrayBuffer);
  else if (value && typeof value === 'object')
    for (const part of Object.values(value)) buffers(part, found);
  return found;
}

self.onmessage = async ({ data }: MessageEvent<Request>) => {
  const reply: Reply = { id: data.id };
  try {
    const answer = answers[data.name] as (args: object) => unknown;
    reply.answer = await answer(data.args);
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error);
    reply.refusal = error instanceof Error ? error.message : String(error);
  }
  self.postMessage(reply, { transfer: buffers(reply.answer) });
};
