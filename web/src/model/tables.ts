// SPDX-License-Identifier: MIT
//
// The registry, as the library tells it: web/wasm/tables.c.

export interface Param {
  name: string;
  unit: string;
  help: string;
  low: number;
  high: number;
  initial: number;
  integer: boolean;
  openLow: boolean;
  choices?: string;
}

/** What the check of the conditions says of a loss: web/wasm/verdict.c. */
export interface Verdict {
  margin: 'none' | '0' | 'm' | '>0';
  largest: string;
  pushesUp: boolean;
  pullsDown: boolean;
  convex: boolean;
  /** The energy of a flat surface that stays so; -1: there is none. */
  flat: number;
  alwaysFlat: boolean;
}

export interface Part {
  name: string;
  summary: string;
  formula: string;
  source: string;
  params: Param[];
  needs?: number;
  nonnegative?: boolean;
}

export type Kind = 'module' | 'energy' | 'cost' | 'inference' | 'loss' |
  'optimiser';
export type Tables = Record<Kind, Part[]>;

export const NEED_EI = 2;
export const NEED_F = 8;

export function defaults(part: Part): Record<string, number> {
  return Object.fromEntries(part.params.map((p) => [p.name, p.initial]));
}

/** What is wrong with a value of the parameter; '' where nothing is. */
export function complaint(p: Param, value: number): string {
  if (!Number.isFinite(value)) return `${p.name}: a number, please`;
  if (value < p.low || value > p.high || (p.openLow && value === p.low))
    return `${p.name}: ${p.openLow ? 'above' : 'from'} ${p.low} ` +
      `to ${p.high}`;
  if (p.integer && value % 1) return `${p.name}: a whole number, please`;
  return '';
}
