// SPDX-License-Identifier: MIT
//
// The knobs: the loss with its parameters from the registry, the model, how it
// is trained. What changes the model starts anew; the rest goes on from W.

import type { ComponentChildren } from 'preact';
import type { Run } from '../model/run';
import type { Settings } from '../model/settings';
import type { Param, Part } from '../model/tables';
import { NEED_EI, NEED_F, defaults } from '../model/tables';
import { NumberField } from './fields';
import { VerdictLine } from './verdict';
import { tables } from './state';

function Group({ title, open, children }: { title: string; open?: boolean;
  children: ComponentChildren }) {
  return (
    <details class="group" open={open}>
      <summary><h2>{title}</h2></summary>
      <div class="fields">{children}</div>
    </details>
  );
}

function Params({ part, prefix, values, onValue }: { part: Part;
  prefix: string; values: Record<string, number>;
  onValue(name: string, value: number): void }) {
  return <>{part.params.map((p) =>
    <NumberField key={`${part.name}.${p.name}`} id={`${prefix}-${p.name}`}
      label={p.name} param={p} value={values[p.name] ?? p.initial}
      onValue={(v) => onValue(p.name, v)} />)}</>;
}

/** Plain text with E_C and x^2 set lower and higher. */
function Formula({ text }: { text: string }) {
  const parts = text.split(/([_^](?:\{[^}]*\}|[A-Za-z0-9]+))/);
  return <>{parts.map((p, i) => {
    const inner = p.slice(1).replace(/[{}]/g, '');
    return i % 2 === 0 ? p : p[0] === '_' ? <sub key={i}>{inner}</sub> :
      <sup key={i}>{inner}</sup>;
  })}</>;
}

function asks(part: Part): string {
  const needs = part.needs ?? 0;
  if (needs & NEED_F) return 'integrates over every answer, so it costs most';
  if (needs & NEED_EI) return 'looks for the most offending answer';
  return 'looks at few answers';
}

function LossGroup({ run }: { run: Run }) {
  const settings = run.settings.value;
  const parts = tables.value?.loss ?? [];
  const part = parts.find((p) => p.name === settings.loss);
  return (
    <Group title="Loss" open>
      <div class="field wide">
        <label for="loss">Loss functional</label>
        <select id="loss" value={settings.loss} onChange={(e) => {
          const chosen = parts.find((p) => p.name === e.currentTarget.value);
          if (chosen) void run.change({ loss: chosen.name,
            lossSettings: defaults(chosen) });
        }}>
          {parts.map((p) => <option key={p.name} value={p.name}>{p.name}
          </option>)}
        </select>
      </div>
      {part && <>
        {part.formula && <p class="formula"><Formula text={part.formula} /></p>}
        <p class="about">{part.summary}; {asks(part)}.
          {part.source && <cite> {part.source}.</cite>}</p>
        <VerdictLine loss={settings.loss} values={settings.lossSettings} />
        <Params part={part} prefix="loss" values={settings.lossSettings}
          onValue={(name, value) => void run.change({ lossSettings:
            { ...settings.lossSettings, [name]: value } })} />
      </>}
    </Group>
  );
}

const row = (name: string, low: number, high: number, initial: number,
  help: string, more: Partial<Param> = {}): Param => ({ name, unit: '', help,
  low, high, initial, integer: false, openLow: false, ...more });

const whole = { integer: true };
const NETS = row('nets', 0, 1, 0, 'two nets can also move Y, and collapse',
  { choices: 'one, on X|two, on X and on Y' });
const MODEL: [keyof Settings, string, Param][] = [
  ['hidden', 'hidden units', row('hidden', 1, 256, 20,
    'tanh units in each net', whole)],
  ['code', 'code width', row('code', 1, 64, 10,
    'outputs of each net, compared by their L1 distance', whole)],
  ['weightRange', 'first weights', row('w', 0, 100, 0.3,
    'uniform within plus and minus this')],
  ['biasRange', 'biases', row('b', 0, 100, 0.1, 'uniform, as above')],
  ['outRange', 'second weights', row('o', 0, 100, 0.45,
    'uniform; 0: one over the root of the hidden units')],
  ['seed', 'seed', row('seed', 0, 4294967295, 1,
    'of the weights, the samples and their order', whole)],
];
const TRAINING: [keyof Settings, string, Param][] = [
  ['rate', 'rate', row('rate', 0, 1000, 0.01, 'of the first update',
    { openLow: true })],
  ['rateEnd', 'rate at the end', row('rate-end', 0, 1, 0.02,
    'as a part of the first; reached by a straight line')],
  ['epochs', 'epochs', row('epochs', 1, 1e6, 500,
    'over which the rate falls', whole)],
  ['batch', 'batch', row('batch', 1, 10000, 1, 'samples an update', whole)],
];
const SEARCH: [keyof Settings, string, Param][] = [
  ['points', 'grid points', row('points', 11, 1001, 101,
    'answers that are looked at', whole)],
  ['epsilon', 'ε', row('epsilon', 0, 1, 0.3,
    'an answer is wrong from this distance on', { unit: 'Y' })],
  ['beta', 'β', row('beta', 0, 1e6, 1,
    'inverse temperature of the free energy', { openLow: true,
      unit: '1/energy' })],
];

function Fields({ run, rows }: { run: Run;
  rows: [keyof Settings, string, Param][] }) {
  const settings = run.settings.value;
  return <>{rows.map(([key, label, param]) =>
    <NumberField key={key} id={`knob-${key}`} label={label} param={param}
      value={settings[key] as number}
      onValue={(value) => void run.change({ [key]: value })} />)}</>;
}

function Optimiser({ run }: { run: Run }) {
  const settings = run.settings.value;
  const parts = tables.value?.optimiser ?? [];
  const part = parts.find((p) => p.name === settings.optimiser);
  return <>
    <div class="field wide">
      <label for="optimiser">Optimiser</label>
      <select id="optimiser" value={settings.optimiser} onChange={(e) =>
        void run.change({ optimiser: e.currentTarget.value,
          optimiserSettings: {} })}>
        {parts.map((p) => <option key={p.name} value={p.name}>{p.name}
        </option>)}
      </select>
    </div>
    {part && <Params part={part} prefix="optimiser"
      values={settings.optimiserSettings} onValue={(name, value) =>
        void run.change({ optimiserSettings:
          { ...settings.optimiserSettings, [name]: value } })} />}
  </>;
}

export function Knobs({ run }: { run: Run }) {
  const two = run.settings.value.nets === 2;
  return (
    <>
      <LossGroup run={run} />
      <Group title="Model">
        <NumberField id="knob-nets" label="nets" param={NETS}
          value={run.settings.value.nets - 1}
          onValue={(v) => void run.change({ nets: v + 1 })} />
        <Fields run={run} rows={two ? MODEL :
          MODEL.filter(([key]) => key !== 'code')} />
      </Group>
      <Group title="Training">
        <Optimiser run={run} />
        <Fields run={run} rows={TRAINING} />
      </Group>
      <Group title="Inference">
        <Fields run={run} rows={SEARCH} />
      </Group>
    </>
  );
}
