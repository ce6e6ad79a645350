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

/** What the checker of conditions says of a loss, where the library has it. */
export interface Verdict {
  margin: string;
  words: string;
}

export interface Part {
  name: string;
  summary: string;
  formula: string;
  source: string;
  params: Param[];
  needs?: number;
  nonnegative?: boolean;
  verdict?: Verdict;
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
