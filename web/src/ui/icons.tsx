// SPDX-License-Identifier: MIT
//
// The few pictograms, as paths on a grid of 20.

const PATHS = {
  play: 'M6 4l10 6-10 6z',
  pause: 'M6 4h3v12H6zM11 4h3v12h-3z',
  step: 'M5 4l8 6-8 6zM14 4h2.2v12H14z',
  reset: 'M10 4a6 6 0 1 1-5.7 4.1l1.7.5A4.2 4.2 0 1 0 10 5.8V8L6.4 4.9 10 2z',
  share: 'M14.5 12.5a2.5 2.5 0 0 0-1.9.9L8 11a2.6 2.6 0 0 0 0-1.9l4.6-2.4' +
    'a2.5 2.5 0 1 0-.6-1.3L7.400 7.800a2.500 2.500 0 1 0 0 4.400l4.600 2.500' +
    'a2.500 2.500 0 1 0 2.500-2.200z',
  tour: 'M10 2a6 6 0 0 1 6 6c0 4-6 10-6 10S4 12 4 8a6 6 0 0 1 6-6z' +
    'm0 3.700a2.300 2.300 0 1 0 0 4.600 2.300 2.300 0 0 0 0-4.600z',
  compare: 'M3 4h6v5H3zM11 4h6v5h-6zM3 11h6v5H3zM11 11h6v5h-6z',
  moon: 'M15.500 12.600A6.500 6.500 0 0 1 7.400 4.500a6.500 6.500 0 1 0 8.100 8.100z',
  sun: 'M10 6.500a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7zM9.200 2h1.600v2.500H9.200z' +
    'M9.200 15.500h1.600V18H9.200zM2 9.200h2.500v1.600H2zM15.500 9.200H18v1.600h-2.500z',
  close: 'M5.300 4.200L10 8.900l4.700-4.700 1.100 1.100L11.100 10l4.700 4.700-1.100 1.100L10 ' +
    '11.100l-4.700 4.700-1.100-1.100L8.900 10 4.200 5.300z',
  home: 'M10 3l7 6h-2v7h-4v-4H9v4H5V9H3z',
  undo: 'M8 4v3h3.500a4.500 4.500 0 0 1 0 9H6v-1.800h5.500a2.700 2.700 0 0 0 0-5.400' +
    'H8V12L3.500 8z',
};

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[name]} fill-rule="evenodd" />
    </svg>
  );
}
