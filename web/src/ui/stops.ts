// SPDX-License-Identifier: MIT
//
// The tour: ten stops in the order of the source, from what an energy is to
// which losses work. Each does what it says.

import type { Run } from '../model/run';
import { preset, type Drawn } from '../model/settings';
import { COLLAPSED } from '../model/words';
import { calm } from '../scene/theme';
import { closeCompare, main, openCompare, others } from './state';

export type Part = 'scene' | 'cut' | 'curves' | 'plane' | 'costs' | 'loss' |
  'data' | '';

export interface Stop {
  title: string;
  text: string;
  /** Said when what was to happen has happened. */
  after?: string;
  part: Part;
  /** What the page does; `live` turns false when the visitor goes on. */
  act(live: () => boolean): Promise<void>;
}

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Train until it has come true, or for so many epochs. */
async function trainUntil(run: Run, live: () => boolean, epochs: number,
  goal: (run: Run) => boolean) {
  const over = () => (run.frame.value?.epoch ?? epochs) >= epochs;
  let paused;
  run.speed.value = 4;
  // What was true when it was last looked at need not be when it has stopped.
  do {
    run.play(true);
    while (live() && run.playing.value && !over() && !goal(run)) await wait(60);
    paused = !run.playing.value;
    run.play(false);
    if (live()) await run.judge();
  } while (live() && !paused && !over() && !goal(run));
}

async function load(id: string) {
  closeCompare();
  await main.load(preset(id).settings);
}

const spread = (run: Run) =>
  (run.frame.value?.deviation ?? 1) / run.deviationFirst.value;
const learnt = (run: Run) => run.error.value < 0.02;

async function sweep(live: () => boolean) {
  const places = calm() ? [-0.8, 0.8] :
    Array.from({ length: 60 }, (_, i) => -0.8 + 1.6 * i / 59);
  for (const x of places) {
    if (!live()) return;
    await main.look(Number(x.toFixed(2)));
    await wait(calm() ? 400 : 30);
  }
}

const CIRCLE: Drawn = { kind: 'function', name: 'circle', n: 120, noise: 0 };

export const STOPS: Stop[] = [
  { title: 'What is an energy?', part: 'scene',
    text: 'One number E for each pair of an observation X and an answer Y: ' +
      'low where they fit, high where they do not. This one comes from an ' +
      'untrained net, and knows nothing yet. Turn it.',
    act: () => load('regression') },
  { title: 'To decide is to look for the lowest point', part: 'cut',
    text: 'Give an X, and the energy becomes a curve over Y. The answer is ' +
      'where it is lowest. Watch the cut go by: the answers are wrong.',
    async act(live) {
      if (main.frame.value?.updates) await load('regression');
      await sweep(live);
    } },
  { title: 'To learn is to dig', part: 'scene',
    text: 'The energy loss pulls the energy of the right answers down, and ' +
      'nothing else. Here E = |G(X) − Y| keeps its V shape, so digging in ' +
      'one place raises the others.',
    after: 'The valley lies along the samples. For this architecture the ' +
      'simplest loss is enough.',
    async act(live) {
      await load('regression');
      await trainUntil(main, live, 300, learnt);
    } },
  { title: 'The same loss, two nets', part: 'scene',
    text: 'Now Y goes through a net as well: E = ‖G₁(X) − G₂(Y)‖. The loss ' +
      'is the same as before. Watch what it does.',
    after: 'It collapsed. The energy is low at the right answers, and ' +
      'everywhere else.',
    async act(live) {
      await load('collapse');
      await trainUntil(main, live, 500, (r) => spread(r) <= COLLAPSED);
    } },
  { title: 'Why it collapsed', part: 'plane',
    text: 'Each point is a sample: the energy of its right answer against ' +
      'that of the wrong one that offends most. Nothing held the wrong ones ' +
      'up, so all points slid down together. Two constant nets that agree ' +
      'have no loss at all.',
    async act(live) {
      if (main.settings.value.nets === 2 && spread(main) <= COLLAPSED) return;
      await load('collapse');
      await trainUntil(main, live, 500, (r) => spread(r) <= COLLAPSED);
    } },
  { title: 'Switch the loss, and watch it rise', part: 'curves',
    text: 'From this collapsed surface we go on under square-square: ' +
      'E_C² + max(0, m − E_I)². It still pulls the right answers down, and ' +
      'now it pushes the most offending wrong ones up, to the margin m.',
    after: 'It rose. But starting flat is a poor start: pull and push nearly ' +
      'cancel there, and it takes long to find a shape.',
    async act(live) {
      if (main.settings.value.loss !== 'energy' || spread(main) > COLLAPSED) {
        await load('collapse');
        await trainUntil(main, live, 500, (r) => spread(r) <= COLLAPSED);
      }
      if (!live()) return;
      await main.change({ loss: 'square-square',
        lossSettings: { margin: 2 } });
      await trainUntil(main, live, 25, () => false);
    } },
  { title: 'The most offending answer', part: 'plane',
    text: 'The same loss from the same random start as before. It needs one ' +
      'wrong answer a sample: the lowest that is at least ε = 0.3 from the ' +
      'right one. The green half plane is where the right answer wins.',
    after: 'Every sample crossed the line, and the basin follows them. No ' +
      'collapse: the push leaves no room for it.',
    async act(live) {
      await load('margin');
      await trainUntil(main, live, 300, learnt);
    } },
  { title: 'Likelihood: push everything', part: 'costs',
    text: 'The negative log-likelihood pushes up all answers at once, the ' +
      'lowest hardest. It does not collapse either, but must integrate over ' +
      'every Y: compare the µs a step.',
    after: 'The walls go on growing, and the samples are not at zero: only ' +
      'differences of energy matter to it.',
    async act(live) {
      await load('nll');
      await trainUntil(main, live, 150, () => false);
    } },
  { title: 'Which losses work, and why', part: '',
    text: 'Four losses from the same weights. Those that only pull, or that ' +
      'stop at a margin of zero, may go flat. Those that keep a gap between ' +
      'right and wrong cannot: that gap is the condition for a good loss.',
    after: 'Energy went flat. Square-square and NLL hold the wrong answers ' +
      'up. Change a loss above any surface to test your own guess.',
    async act(live) {
      await main.load(preset('margin').settings);
      await openCompare(['energy', 'perceptron', 'square-square', 'nll']);
      const runs = others.value;
      for (const run of runs) run.play(true);
      while (live() && runs.some((r) => r.playing.value &&
        (r.frame.value?.epoch ?? 0) < 120)) await wait(100);
      for (const run of runs) run.play(false);
    } },
  { title: 'Your turn', part: 'data',
    text: 'A circle has two right answers for one X. A net that predicts ' +
      'one number would give their mean; an energy can have two valleys. ' +
      'Click on the map to add samples of your own, and train again.',
    after: 'Look at the cut: two basins, one for each right answer.',
    async act(live) {
      closeCompare();
      await main.load({ ...preset('nll').settings, weightRange: 2,
        biasRange: 1, rate: 0.01 }, CIRCLE);
      await main.look(0);
      await trainUntil(main, live, 250, () => false);
    } },
];
