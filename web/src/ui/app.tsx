// SPDX-License-Identifier: MIT
//
// The page as a whole.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { DEMO_DATA, PRESETS, presetOf } from '../model/settings';
import { CurvesCard, CutCard, PlaneCard } from './charts';
import { Compare } from './compare';
import { DataPanel, dropTable, undo } from './data';
import { Icon } from './icons';
import { Knobs } from './knobs';
import { ShareDialog, openModel } from './share';
import { DEFAULT_COMPARE, closeCompare, failed, main, openCompare, pictures,
  scheme, setScheme, tables, view } from './state';
import { Legend, Surface, hasWebGL } from './surface';
import { Tour, endTour, goTo, pointed, stop } from './tour';
import { Costs, Transport } from './transport';
import { Words } from './words';

function isDark() {
  return scheme.value === 'dark' || (scheme.value === 'auto' &&
    matchMedia('(prefers-color-scheme: dark)').matches);
}

function Header({ onShare }: { onShare(): void }) {
  const comparing = view.value === 'compare', dark = isDark();
  return (
    <header class="top">
      <h1 class="unseen">Basin: energy surfaces that learn</h1>
      <a class="brand" href="#" aria-label="Basin, the start"
        onClick={(e) => {
          e.preventDefault();
          endTour();
          closeCompare();
          void main.load(PRESETS[0].settings);
        }}>
        <svg viewBox="0 0 32 20" aria-hidden="true">
          <path d="M1 2c6 0 7 15 15 15S25 2 31 2" fill="none" />
          <circle cx="16" cy="12.500" r="3" />
        </svg>
        <span>Basin</span>
      </a>
      <p class="tagline">Training makes basins: energy-based learning, live</p>
      <nav aria-label="The page">
        <button aria-pressed={stop.value >= 0} onClick={() =>
          stop.value >= 0 ? endTour() : void goTo(0)}>
          <Icon name="tour" /><span>Tour</span></button>
        <button aria-pressed={comparing} onClick={() => comparing ?
          closeCompare() : void openCompare(DEFAULT_COMPARE)}>
          <Icon name="compare" /><span>Compare</span></button>
        <button onClick={onShare}><Icon name="share" /><span>Share</span>
        </button>
        <button class="quiet" aria-label={dark ? 'Light colours' :
          'Dark colours'} onClick={() => setScheme(dark ? 'light' : 'dark')}>
          <Icon name={dark ? 'sun' : 'moon'} /></button>
      </nav>
    </header>
  );
}

function Presets() {
  const current = presetOf(main.settings.value);
  const plain = main.data.value.kind === 'function' && !main.opened.value;
  return (
    <div class="presets" role="group" aria-label="The four demonstrations">
      {PRESETS.map((p, i) => (
        <button key={p.id} data-preset={p.id}
          aria-pressed={plain && current?.id === p.id}
          onClick={() => void main.load(p.settings, DEMO_DATA)}>
          <b>{i + 1}</b><span><strong>{p.title}</strong>
            <small>{p.line}</small></span>
        </button>
      ))}
    </div>
  );
}

function Notice() {
  const notice = main.notice.value;
  if (!notice) return null;
  return (
    <div class={`notice ${notice.kind}`}
      role={notice.kind === 'error' ? 'alert' : 'status'}>
      <p>{notice.text}</p>
      <button class="quiet" aria-label="Dismiss"
        onClick={() => { main.notice.value = null; }}>
        <Icon name="close" /></button>
    </div>
  );
}

function Stage() {
  return (
    <section class={`card stage${pointed('scene')}`}
      aria-label="The surface">
      <div class="stage-scene">
        <Surface run={main} name="The surface" />
        <Legend />
        {hasWebGL && <button class="quiet home" aria-label="The first view"
          title="The first view" onClick={() => pictures.get(main)?.home()}>
          <Icon name="home" /></button>}
      </div>
      <Words run={main} />
      <div class={`deck${pointed('costs')}`}>
        <Transport runs={[main]} run={main} />
        <Costs run={main} />
      </div>
    </section>
  );
}

function One() {
  return (
    <main class="one">
      <div class="centre">
        <Presets />
        <Stage />
      </div>
      <div class="charts">
        <div class={`slot${pointed('cut')}`}><CutCard run={main} /></div>
        <div class={`slot${pointed('curves')}`}><CurvesCard run={main} /></div>
        <div class={`slot${pointed('plane')}`}><PlaneCard run={main} /></div>
      </div>
      <div class="knobs">
        <section class={`card groups${pointed('loss')}`} aria-label="Knobs">
          <Knobs run={main} /></section>
        <div class={`slot${pointed('data')}`}><DataPanel run={main} /></div>
      </div>
    </main>
  );
}

function takeFile(file: File) {
  if (/\.safetensors$/i.test(file.name)) void openModel(main, file);
  else void dropTable(main, file);
}

function onKey(event: KeyboardEvent) {
  const target = event.target as HTMLElement;
  const typing = target.closest('input, select, textarea, button, summary,' +
    'dialog, a, [role=application]');
  if (event.key === 'z' && (event.ctrlKey || event.metaKey) && !typing) {
    undo(main);
    event.preventDefault();
  }
  if (event.key === ' ' && !typing && view.value === 'one') {
    main.play();
    event.preventDefault();
  }
}

export function App() {
  const sharing = useSignal(false), over = useSignal(false);
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  if (failed.value)
    return <main class="failed"><h1>Basin</h1>
      <p role="alert">{failed.value}</p></main>;
  return (
    <div class={`page${over.value ? ' over' : ''}`}
      onDragOver={(e) => {
        e.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => { over.value = false; }}
      onDrop={(e) => {
        e.preventDefault();
        over.value = false;
        const [file] = e.dataTransfer?.files ?? [];
        if (file) takeFile(file);
      }}>
      <Header onShare={() => { sharing.value = true; }} />
      <Tour />
      <Notice />
      {tables.value && (view.value === 'one' ? <One /> : <Compare />)}
      <footer>
        <p>Everything here is computed by the library itself, compiled to
          WebAssembly: the same bits as <code>basin demo</code>.
          {tables.value && ` Kernels: ${main.backend}.`}</p>
      </footer>
      {sharing.value &&
        <ShareDialog onClose={() => { sharing.value = false; }} />}
    </div>
  );
}
