// The short form of the bench, `--guard`: ratios to the bare relay and instructions, beside those that were kept at the last
// release. Loose on purpose: it runs where others work too, and only a server that has become much slower stands out.

import { measurements } from './measurements.js';
import type { ServerKind } from './servers.js';
import type { FigureSummary } from './summary.js';

/** What the short form looks at: the measurement, and its figure. */
export const guarded: Readonly<Record<string, string>> = {
  instructions: 'instructionsPerDelivered',
  'fan-out-50': 'cpuMicrosecondsPerDelivered',
  saturation: 'cpuMicrosecondsPerDelivered',
  'catch-up': 'cpuSecondsPerGB',
  'join-storm': 'cpuMsPerJoin',
};

/** By the name of the measurement: ratios to the other server; absolute where there is none. */
export type KeptFigures = Readonly<Record<string, number>>;

/** Up to so many times the kept figure is about the same. */
const looseness = 1.5;

export interface GuardRow {
  name: string;
  figure: string;
  /** What the figure is a multiple of; undefined: nothing. */
  other: ServerKind | undefined;
  /** Undefined: there was nothing to compare with. */
  now: number | undefined;
  kept: number | undefined;
  word: 'about as before' | 'better' | 'WORSE' | 'not known';
}

export function compareWithKept(
  measured: ReadonlyMap<string, ReadonlyMap<string, FigureSummary>>,
  kept: KeptFigures,
): GuardRow[] {
  return [...measured].map(([name, summary]) => {
    const figure = guarded[name] ?? '';
    const found = summary.get(figure);
    const other = measurements.find((each) => each.name === name)?.other;
    const now = other ? found?.ratio?.median : found?.ours;
    const before = kept[name];
    return { name, figure, other, now, kept: before, word: wordFor(now, before) };
  });
}

function wordFor(now: number | undefined, before: number | undefined): GuardRow['word'] {
  if (now === undefined || before === undefined) return 'not known';
  if (now > before * looseness) return 'WORSE';
  return now < before / looseness ? 'better' : 'about as before';
}
