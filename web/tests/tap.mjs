// SPDX-License-Identifier: MIT
//
// TAP for the page's tests: a case passes unless it throws.

let cases = 0, failures = 0;

export async function test(name, run) {
  cases++;
  try {
    await run();
    console.log(`ok ${cases} - ${name}`);
  } catch (error) {
    failures++;
    console.log(`not ok ${cases} - ${name}`);
    for (const line of String(error?.stack ?? error).split('\n').slice(0, 12))
      console.log(`# ${line}`);
  }
}

export function finish() {
  console.log(`1..${cases}`);
  return failures ? 1 : 0;
}

export function equal(got, expected, what = '') {
  if (got !== expected && !(Number.isNaN(got) && Number.isNaN(expected)))
    throw new Error(`${what}: ${got}, and not ${expected}`);
}

export function holds(condition, what) {
  if (!condition) throw new Error(`does not hold: ${what}`);
}
