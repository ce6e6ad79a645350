// SPDX-License-Identifier: MIT
//
// To take it along: the address, the model, a picture, a recording; and to
// open a model that the command has trained.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Run } from '../model/run';
import { Icon } from './icons';
import { address, main, pictures } from './state';

export function save(data: BlobPart, name: string, type: string) {
  const url = URL.createObjectURL(new Blob([data], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

export async function openModel(run: Run, file: File) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const good = await run.openModel(bytes, file.name);
  if (good) return;
  const why = run.notice.value?.text ?? 'unreadable';
  run.notice.value = { kind: 'error', text: `${file.name}: ${why}` };
}

async function saveModel() {
  const bytes = await main.model();
  if (bytes) save(bytes, 'model.safetensors', 'application/octet-stream');
}

function canvas(): HTMLCanvasElement | null {
  return document.querySelector('.scene-canvas');
}

async function savePicture() {
  const picture = pictures.get(main);
  const blob = picture ? await picture.png() :
    await new Promise<Blob | null>((resolve) =>
      canvas()?.toBlob(resolve) ?? resolve(null));
  if (blob) save(blob, 'surface.png', 'image/png');
}

const RECORD = 'video/webm';

/** While it trains, until it is stopped. */
class Recorder {
  private recorder: MediaRecorder | null = null;

  start() {
    const stream = canvas()!.captureStream(30);
    const parts: Blob[] = [];
    this.recorder = new MediaRecorder(stream, { mimeType: RECORD,
      videoBitsPerSecond: 8e6 });
    this.recorder.ondataavailable = ({ data }) => parts.push(data);
    this.recorder.onstop = () => {
      for (const track of stream.getTracks()) track.stop();
      save(new Blob(parts), 'training.webm', RECORD);
    };
    this.recorder.start();
  }

  stop() {
    this.recorder?.stop();
    this.recorder = null;
  }
}

const recorder = new Recorder();
const canRecord = typeof MediaRecorder !== 'undefined' &&
  MediaRecorder.isTypeSupported(RECORD);

export function ShareDialog({ onClose }: { onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const link = useSignal(''), note = useSignal('');
  useEffect(() => {
    dialog.current!.showModal();
    void address().then((got) => {
      link.value = got.url;
      note.value = got.note;
    });
  }, []);
  const copy = async () => {
    history.replaceState(null, '', link.value);
    try {
      await navigator.clipboard.writeText(link.value);
      note.value = 'Copied. It is in the address bar, too.';
    } catch {
      note.value = 'It is in the address bar now.';
    }
  };
  return (
    <dialog ref={dialog} class="share" aria-labelledby="share-title"
      onClose={onClose}
      onClick={(e) => {
        if (e.target === dialog.current) dialog.current!.close();
      }}>
      <header><h2 id="share-title">Share</h2>
        <button class="quiet" aria-label="Close"
          onClick={() => dialog.current!.close()}><Icon name="close" />
        </button></header>
      <label class="address">This very surface, as an address
        <span class="row">
          <input readOnly value={link.value} data-test="address"
            onFocus={(e) => e.currentTarget.select()} />
          <button class="primary" onClick={() => void copy()}>Copy</button>
        </span></label>
      <p class="help" role="status">{note.value || 'It holds the settings, ' +
        'the samples and the training, and opens to the same bits.'}</p>
      <div class="choices">
        <button onClick={() => void saveModel()}>
          <strong>Download the model</strong>
          <small>model.safetensors, for basin inspect and Python</small>
        </button>
        <button onClick={() => file.current!.click()}>
          <strong>Open a model</strong>
          <small>one that basin demo has written</small>
        </button>
        <button onClick={() => void savePicture()}>
          <strong>Save the picture</strong><small>surface.png</small>
        </button>
        <button disabled={!canRecord} onClick={() => {
          recordTraining();
          dialog.current!.close();
        }}>
          <strong>Record the training</strong>
          <small>training.webm, from a new start</small>
        </button>
      </div>
      <input ref={file} type="file" accept=".safetensors" hidden
        aria-label="A model" onChange={(e) => {
          const [chosen] = e.currentTarget.files ?? [];
          if (chosen) void openModel(main, chosen);
          e.currentTarget.value = '';
          dialog.current!.close();
        }} />
    </dialog>
  );
}

const RECORD_MOST = 20000; // milliseconds

/** From the start, until training pauses. */
async function recordTraining() {
  main.playing.value = false;
  await main.restart();
  recorder.start();
  main.play(true);
  const stop = () => {
    unsubscribe();
    clearTimeout(timer);
    setTimeout(() => recorder.stop(), 600);
  };
  const timer = setTimeout(() => main.play(false), RECORD_MOST);
  const unsubscribe = main.playing.subscribe((on) => {
    if (!on) queueMicrotask(stop);
  });
  main.notice.value = { kind: 'note', text: 'Recording: press Pause to end ' +
    'and save it.' };
}
