// SPDX-License-Identifier: MIT
//
// What the page and a worker say to each other: a request, and one answer.

import type { Data, Settings } from '../model/settings';
import type { Tables, Verdict } from '../model/tables';

/** Where a surface stands. The arrays are copies that may travel. */
export interface Frame {
  updates: number;
  epoch: number;
  loss: number;
  rate: number;
  /** Microseconds an update took, over the last advance; 0: none were made. */
  us: number;
  surface: Float32Array<ArrayBuffer>;
  low: number;
  high: number;
  deviation: number;
  /** E_C and E_I of each sample. */
  pairs: Float32Array<ArrayBuffer>;
  ec: number;
  ei: number;
  cut: Cut;
}

export interface Cut {
  x: number;
  right: number;
  energies: Float32Array<ArrayBuffer>;
  lowest: [number, number];
  offender: [number, number];
  rightEnergy: number;
}

/** A model has been made: what stays until the next one. */
export interface Start {
  x: Float32Array<ArrayBuffer>;
  y: Float32Array<ArrayBuffer>;
  yLow: number;
  yHigh: number;
  weights: number;
  frame: Frame;
}

export interface Requests {
  open: { args: { wasm: string; backend: string };
    answer: { tables: Tables; backend: string } };
  build: { args: { settings: Settings; data: Data;
    weights?: Float32Array<ArrayBuffer>; updates?: number; cut: number };
    answer: Start };
  continue: { args: { settings: Settings; data: Data; cut: number };
    answer: Start };
  /** Up to so many updates, in about so many milliseconds. */
  advance: { args: { updates: number; ms: number; cut: number };
    answer: Frame };
  look: { args: { cut: number }; answer: Frame };
  weights: { args: object; answer: Float32Array<ArrayBuffer> };
  /** The mean distance of the lowest answers from the right ones. */
  error: { args: { data: Data }; answer: number };
  writeModel: { args: object; answer: Uint8Array<ArrayBuffer> };
  readModel: { args: { bytes: Uint8Array; settings: Settings; data: Data;
    cut: number }; answer: Start };
  verdict: { args: { loss: string; lossSettings: Record<string, number> };
    answer: Verdict };
  readTable: { args: { bytes: Uint8Array };
    answer: { x: number[]; y: number[] } };
  /** The mean losses of whole epochs, and W: for the tests of bits. */
  bits: { args: { settings: Settings; data: Data; updates: number;
    every: number }; answer: { losses: number[];
      weights: Float32Array<ArrayBuffer>; us: number } };
}

export type Name = keyof Requests;
export type Request = { [K in Name]:
  { id: number; name: K; args: Requests[K]['args'] } }[Name];
export type Reply = { id: number; answer?: unknown; refusal?: string };
