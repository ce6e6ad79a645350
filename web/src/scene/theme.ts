// SPDX-License-Identifier: MIT
//
// The colours of the pictures, from the style sheet, so that light and dark
// are said in one place.

export interface Theme {
  ink: string;
  faint: string;
  grid: string;
  paper: string;
  first: string;
  now: string;
  nowHigh: string;
  ball: string;
  right: string;
  wrong: string;
  cut: string;
  dark: boolean;
}

export function theme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const get = (name: string) => style.getPropertyValue(name).trim();
  return { ink: get('--ink'), faint: get('--ink-faint'), grid: get('--grid'),
    paper: get('--card'), first: get('--first'), now: get('--now'),
    nowHigh: get('--now-high'), ball: get('--ball'), right: get('--right'),
    wrong: get('--wrong'), cut: get('--cut'),
    dark: get('--scheme') === 'dark' };
}

export const calm = () =>
  matchMedia('(prefers-reduced-motion: reduce)').matches;
