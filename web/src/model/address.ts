// SPDX-License-Identifier: MIT
//
// The whole state in the address: settings, samples, and either the number of
// updates, which are then made again to the same bits, or the weights.

import type { Data, FunctionName, Settings } from './settings';
import { DEMO_DATA, FUNCTIONS, PRESETS, preset } from './settings';

export interface State {
  settings: Settings;
  data: Data;
  updates: number;
  weights?: Float32Array<ArrayBuffer>;
  cut: number;
  compare: string[];
}

/** More than this would make an address that nothing takes. */
export const WEIGHTS_MOST = 3000;
const SAMPLES_MOST = 1000;

const SHORT: [keyof Settings, string][] = [['nets', 'n'], ['hidden', 'h'],
  ['code', 'c'], ['weightRange', 'wr'], ['biasRange', 'br'],
  ['outRange', 'or'], ['rate', 'r'], ['rateEnd', 're'], ['epochs', 'e'],
  ['batch', 'b'], ['seed', 's'], ['points', 'g'], ['epsilon', 'eps'],
  ['beta', 'beta']];

function toText(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset,
    values.byteLength);
  let text = '';
  for (const b of bytes) text += String.fromCharCode(b);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_')
    .replaceAll('=', '');
}

function fromText(text: string): Float32Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  if (plain.length % 4) throw new Error('cut off');
  const bytes = Uint8Array.from(plain, (c) => c.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

export function encode(state: State): string {
  const out = new URLSearchParams();
  const { settings, data } = state;
  const base = PRESETS.find((p) => p.settings.loss === settings.loss &&
    p.settings.nets === settings.nets) ??
    PRESETS[settings.nets === 1 ? 0 : 2];
  out.set('demo', base.id);
  for (const [key, short] of SHORT)
    if (settings[key] !== base.settings[key])
      out.set(short, String(settings[key]));
  if (settings.loss !== base.settings.loss) out.set('loss', settings.loss);
  for (const [name, value] of Object.entries(settings.lossSettings))
    if (settings.loss !== base.settings.loss ||
      base.settings.lossSettings[name] !== value)
      out.set(`l.${name}`, String(value));
  if (settings.optimiser !== 'sgd') out.set('opt', settings.optimiser);
  for (const [name, value] of Object.entries(settings.optimiserSettings))
    out.set(`o.${name}`, String(value));
  if (data.kind === 'function') {
    const text = `${data.name}.${data.n}.${data.noise}`;
    if (text !== 'square.200.0') out.set('data', text);
  } else {
    const n = Math.min(data.x.length, SAMPLES_MOST);
    const flat = new Float32Array(2 * n);
    for (let i = 0; i < n; i++) flat.set([data.x[i], data.y[i]], 2 * i);
    out.set('own', toText(flat));
  }
  if (state.updates) out.set('t', String(state.updates));
  if (state.weights && state.weights.length <= WEIGHTS_MOST)
    out.set('w', toText(state.weights));
  if (state.cut !== 0.5) out.set('x', String(state.cut));
  if (state.compare.length) out.set('compare', state.compare.join('.'));
  return out.toString();
}

function readData(from: URLSearchParams): Data {
  const own = from.get('own');
  if (own) {
    const flat = fromText(own), x: number[] = [], y: number[] = [];
    for (let i = 0; i + 1 < flat.length; i += 2) {
      if (!Number.isFinite(flat[i] + flat[i + 1])) throw new Error('samples');
      x.push(flat[i]);
      y.push(flat[i + 1]);
    }
    if (x.length) return { kind: 'own', x, y };
  }
  const text = from.get('data');
  if (!text) return DEMO_DATA;
  const [name, n, ...noise] = text.split('.');
  if (!FUNCTIONS.includes(name as FunctionName)) throw new Error('function');
  return { kind: 'function', name: name as FunctionName,
    n: clamp(Number(n), 1, 1000), noise: clamp(Number(noise.join('.')), 0, 1) };
}

function clamp(value: number, low: number, high: number) {
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : low;
}

/** undefined: the address says nothing. Throws where it is broken; values out
 *  of range are the library's to refuse. */
export function decode(hash: string): State | undefined {
  const from = new URLSearchParams(hash.replace(/^#/, ''));
  if (!from.has('demo')) return undefined;
  const base = preset(from.get('demo')!).settings;
  const settings: Settings = { ...base, lossSettings: {
    ...base.lossSettings }, optimiserSettings: {} };
  for (const [key, short] of SHORT) {
    const text = from.get(short);
    if (text === null) continue;
    const value = Number(text);
    if (!Number.isFinite(value)) throw new Error(short);
    (settings as unknown as Record<string, number>)[key] = value;
  }
  const loss = from.get('loss');
  if (loss) {
    settings.loss = loss;
    settings.lossSettings = {};
  }
  settings.optimiser = from.get('opt') ?? 'sgd';
  for (const [key, text] of from) {
    const kept = key.startsWith('l.') ? settings.lossSettings :
      key.startsWith('o.') ? settings.optimiserSettings : null;
    if (kept) kept[key.slice(2)] = Number(text);
  }
  const weights = from.get('w');
  return { settings, data: readData(from),
    updates: clamp(Math.floor(Number(from.get('t') ?? 0)), 0, 5e6),
    weights: weights ? fromText(weights) : undefined,
    cut: clamp(Number(from.get('x') ?? 0.5), -1, 1),
    compare: (from.get('compare') ?? '').split('.').filter(Boolean) };
}
