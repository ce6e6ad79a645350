// SPDX-License-Identifier: MIT
//
// Fields made from a parameter's row: a number with its slider, or a choice.

import { useSignal } from '@preact/signals';
import type { Param } from '../model/tables';
import { complaint } from '../model/tables';
import { brief } from '../scene/ticks';

interface Props {
  id: string;
  label: string;
  param: Param;
  value: number;
  onValue(value: number): void;
}

/** The slider's reach: what is sensible, within what is possible. */
function reach(p: Param): { low: number; high: number; log: boolean } {
  if (p.initial > 0 && !(p.integer && p.high - p.low <= 30)) {
    const low = Math.max(p.low, p.initial / 40);
    const high = Math.min(p.high, p.initial * 20);
    return { low: low > 0 ? low : p.initial / 40, high,
      log: high / Math.max(low, 1e-9) > 30 };
  }
  return { low: p.low, high: Math.min(p.high, p.low + 100), log: false };
}

function Choice({ id, label, param, value, onValue }: Props) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={String(value)}
        onChange={(e) => onValue(Number(e.currentTarget.value))}>
        {param.choices!.split('|').map((word, i) =>
          <option key={word} value={String(i)}>{word}</option>)}
      </select>
      <p class="help">{param.help}</p>
    </div>
  );
}

export function NumberField(props: Props) {
  const { id, label, param, value, onValue } = props;
  const wrong = useSignal('');
  if (param.choices) return <Choice {...props} />;
  const { low, high, log } = reach(param);
  const to = (v: number) => log ? Math.log(Math.max(v, low)) : v;
  const from = (v: number) => {
    const plain = log ? Math.exp(v) : v;
    return param.integer ? Math.round(plain) :
      Number(plain.toPrecision(2));
  };
  const take = (v: number) => {
    wrong.value = complaint(param, v);
    if (!wrong.value && v !== value) onValue(v);
  };
  return (
    <div class="field">
      <label for={id}>{label}
        {param.unit && <small> {param.unit}</small>}</label>
      <input id={id} class="number" inputMode="decimal"
        value={String(Number(value.toPrecision(6)))}
        aria-invalid={wrong.value ? 'true' : undefined}
        aria-describedby={`${id}-help`}
        onChange={(e) => {
          const text = e.currentTarget.value.trim();
          take(text ? Number(text.replace(',', '.')) : NaN);
        }} />
      <input type="range" min={to(low)} max={to(high)}
        step={param.integer && !log ? 1 : (to(high) - to(low)) / 200}
        value={to(value)} aria-label={`${label}, as a slider`}
        aria-valuetext={brief(value)}
        onChange={(e) => take(from(Number(e.currentTarget.value)))} />
      <p class="help" id={`${id}-help`}>
        {wrong.value ? <strong>{wrong.value}</strong> : param.help}</p>
    </div>
  );
}
