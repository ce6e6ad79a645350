// SPDX-License-Identifier: MIT
//
// The few pictograms, as paths on a grid of 20.

const PATHS = {
  play: 'M6 4l10 6-10 6z',
  pause: 'M6 4h3v12H6zM11 4h3v12h-3z',
  step: 'M5 4l8 6-8 6zM14 4h2.2v12H14z',
  reset: 'M10 4a6 6 0 1 1-5.7 4.1l1.7.5A4.2 4.2 0 1 0 10 5.8V8L6.4 4.9 10 2z',
  share: 'M14.5 12.5a2.5 2.5 0 0 0-1.9.9L8 11a2.6 2.6 0 0 0 0-1.9l4.6-2.4' +
    'a2.5 2.5 0 1 0-.6-1.3L7.4 7.8a2.5 2.5 0 1 0 0 4.4l4.6 2.5' +
    'a2.5 2.5 0 1 0 2.5-2.2z',
  tour: 'M10 2a6 6 0 0 1 6 6c0 4-6 10-6 10S4 12 4 8a6 6 0 0 1 6-6z' +
    'm0 3.7a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6z',
  compare: 'M3 4h6v5H3zM11 4h6v5h-6zM3 11h6v5H3zM11 11h6v5h-6z',
  moon: 'M15.5 12.6A6.5 6.5 0 0 1 7.4 4.5a6.5 6.5 0 1 0 8.1 8.1z',
  sun: 'M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM9.2 2h1.6v2.5H9.2z' +
    'M9.2 15.5h1.6V18H9.2zM2 9.2h2.5v1.6H2zM15.5 9.2H18v1.6h-2.5z',
  close: 'M5.3 4.2L10 8.9l4.7-4.7 1.1 1.1L11.1 10l4.7 4.7-1.1 1.1L10 ' +
    '11.1l-4.7 4.7-1.1-1.1L8.9 10 4.2 5.3z',
  home: 'M10 3l7 6h-2v7h-4v-4H9v4H5V9H3z',
  undo: 'M8 4v3h3.5a4.5 4.5 0 0 1 0 9H6v-1.8h5.5a2.7 2.7 0 0 0 0-5.4' +
    'H8V12L3.5 8z',
};

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[name]} fill-rule="evenodd" />
    </svg>
  );
}
