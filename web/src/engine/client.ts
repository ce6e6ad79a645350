// SPDX-License-Identifier: MIT
//
// The page's end of a worker: requests as promises.

import { Refusal } from './module';
import type { Name, Reply, Requests } from './protocol';

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

export class Client {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private id = 0;

  constructor() {
    const url = new URL('worker.js', document.baseURI);
    this.worker = new Worker(url, { type: 'module' });
    this.worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      const one = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (data.refusal === undefined) one?.resolve(data.answer);
      else one?.reject(new Refusal(data.refusal));
    };
    this.worker.onerror = (event) => {
      const error = new Error(event.message || 'the worker failed to start');
      for (const one of this.waiting.values()) one.reject(error);
      this.waiting.clear();
    };
  }

  ask<K extends Name>(name: K, args: Requests[K]['args']):
    Promise<Requests[K]['answer']> {
    const id = ++this.id;
    return new Promise((resolve, reject) => {
      this.waiting.set(id,
        { resolve: resolve as (answer: unknown) => void, reject });
      this.worker.postMessage({ id, name, args });
    });
  }

  close() {
    this.worker.terminate();
    this.waiting.clear();
  }
}
