// SPDX-License-Identifier: MIT
//
// What a surface is made of and learns from, and the four demonstrations, with
// the numbers of src/cli/demo_train.c; a test trains both and compares bits.

export interface Settings {
  nets: number;
  hidden: number;
  code: number;
  weightRange: number;
  biasRange: number;
  outRange: number;
  loss: string;
  lossSettings: Record<string, number>;
  optimiser: string;
  optimiserSettings: Record<string, number>;
  rate: number;
  rateEnd: number;
  epochs: number;
  batch: number;
  seed: number;
  points: number;
  epsilon: number;
  beta: number;
}

export type FunctionName = 'square' | 'sine' | 'step' | 'circle';
export const FUNCTIONS: FunctionName[] = ['square', 'sine', 'step', 'circle'];
export const FUNCTION_WORDS: Record<FunctionName, string> = {
  square: 'Y = X²',
  sine: 'sine',
  step: 'step',
  circle: 'circle: two right answers',
};

/** Samples drawn from a function, or one's own. */
export interface Drawn { kind: 'function'; name: FunctionName; n: number;
  noise: number }
export interface Own { kind: 'own'; x: number[]; y: number[] }
export type Data = Drawn | Own;

export interface Preset {
  id: string;
  title: string;
  line: string;
  settings: Settings;
}

const common = {
  hidden: 20,
  optimiser: 'sgd',
  optimiserSettings: {},
  rateEnd: 0.02,
  epochs: 500,
  batch: 1,
  seed: 1,
  points: 101,
  epsilon: 0.3,
  beta: 1,
};
const oneNet: Omit<Settings, 'loss' | 'lossSettings'> = { ...common, nets: 1,
  code: 10, weightRange: 2, biasRange: 1, outRange: 0, rate: 0.02 };
const twoNets: Omit<Settings, 'loss' | 'lossSettings'> = { ...common, nets: 2,
  code: 10, weightRange: 0.3, biasRange: 0.1, outRange: 0.45, rate: 0.003 };

export const PRESETS: Preset[] = [
  { id: 'regression', title: 'Regression', line: '1 net · energy',
    settings: { ...oneNet, loss: 'energy', lossSettings: { power: 2 } } },
  { id: 'collapse', title: 'Collapse', line: '2 nets · energy',
    settings: { ...twoNets, loss: 'energy', lossSettings: { power: 2 } } },
  { id: 'margin', title: 'Margin', line: '2 nets · sq-square',
    settings: { ...twoNets, loss: 'square-square',
      lossSettings: { margin: 2 } } },
  { id: 'nll', title: 'Likelihood', line: '2 nets · NLL',
    settings: { ...twoNets, loss: 'nll', lossSettings: {} } },
];

export const DEMO_DATA: Drawn = { kind: 'function', name: 'square', n: 200,
  noise: 0 };

export function preset(id: string): Preset {
  return PRESETS.find((p) => p.id === id) ?? PRESETS[0];
}

/** The demonstration with these settings, or undefined. */
export function presetOf(settings: Settings): Preset | undefined {
  const text = JSON.stringify(sorted(settings));
  return PRESETS.find((p) => JSON.stringify(sorted(p.settings)) === text);
}

function sorted(settings: Settings) {
  const flat = (o: object) => Object.entries(o).sort(([a], [b]) =>
    a < b ? -1 : 1);
  return flat(settings).map(([k, v]) =>
    [k, typeof v === 'object' ? flat(v as object) : v]);
}

/** Whether the change asks for a new model; else W can stay. */
export function changesModel(a: Settings, b: Settings): boolean {
  const keys = ['nets', 'hidden', 'code', 'weightRange', 'biasRange',
    'outRange', 'seed'] as const;
  return keys.some((key) => a[key] !== b[key]);
}

export function functionIndex(name: FunctionName) {
  return FUNCTIONS.indexOf(name);
}

/** The right answers at x, where a function says them. */
export function truth(name: FunctionName, x: number): number[] {
  switch (name) {
    case 'square': return [x * x];
    case 'sine': return [0.5 + 0.7 * Math.sin(Math.PI * x)];
    case 'step': return [x < 0 ? 0 : 1];
    case 'circle': {
      const h = Math.sqrt(Math.max(0, 0.64 - x * x));
      return [0.5 - h, 0.5 + h];
    }
  }
}
