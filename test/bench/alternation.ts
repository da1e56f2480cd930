// Two servers under the same load in turn, so that what else the machine does falls on both.

import type { Outcome } from './scenarios/scenario.js';

/** A generator that was later than this says more about the machine than about the server. */
const tolerableLagMs = 10;

export interface Pair {
  ours: Outcome;
  /** Missing when there is nothing to compare with. */
  other?: Outcome;
}

export interface Alternation {
  pairs: Pair[];
  /** Runs that were thrown away because the generator was late. */
  droppedPairs: number;
  /** Not enough pairs were on time: of the late ones, those that were least late are among `pairs`. */
  hasLatePairs: boolean;
}

export function lagOf(pair: Pair): number {
  return Math.max(pair.ours.lagMs ?? 0, pair.other?.lagMs ?? 0);
}

/**
 * Runs pairs until `wanted` of them had a punctual generator, at most twice as many in all. Every second pair begins
 * with the other server.
 */
export async function alternate(
  wanted: number,
  runOurs: () => Promise<Outcome>,
  runOther: (() => Promise<Outcome>) | undefined,
  progress: (pair: Pair) => void = () => {},
): Promise<Alternation> {
  const punctual: Pair[] = [];
  const late: Pair[] = [];
  while (punctual.length < wanted && punctual.length + late.length < wanted * 2) {
    const pair = await runPair((punctual.length + late.length) % 2 === 0, runOurs, runOther);
    (lagOf(pair) > tolerableLagMs ? late : punctual).push(pair);
    progress(pair);
  }
  late.sort((a, b) => lagOf(a) - lagOf(b));
  const fill = late.slice(0, wanted - punctual.length);
  return {
    pairs: [...punctual, ...fill],
    droppedPairs: late.length - fill.length,
    hasLatePairs: fill.length > 0,
  };
}

async function runPair(
  oursFirst: boolean,
  runOurs: () => Promise<Outcome>,
  runOther: (() => Promise<Outcome>) | undefined,
): Promise<Pair> {
  if (!runOther) return { ours: await runOurs() };
  if (oursFirst) {
    const ours = await runOurs();
    return { ours, other: await runOther() };
  }
  const other = await runOther();
  return { ours: await runOurs(), other };
}
