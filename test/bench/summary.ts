// Medians over pairs, and the verdicts on the targets.

import type { Pair } from './alternation.js';
import type { Bound, Target } from './targets.js';

export interface FigureSummary {
  /** Medians. */
  ours: number;
  other?: number;
  /** Ours divided by the other's, pair by pair: median, least and greatest. */
  ratio?: { median: number; least: number; greatest: number };
}

export interface Verdict {
  target: Target;
  /** A ratio where the bound is one. Undefined: this run could not tell. */
  measured: number | undefined;
  isMet: boolean | undefined;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

export function summarise(pairs: readonly Pair[]): Map<string, FigureSummary> {
  const summary = new Map<string, FigureSummary>();
  for (const figure of Object.keys(pairs[0]!.ours.figures)) {
    const ours = median(pairs.map((pair) => pair.ours.figures[figure]!));
    const compared = pairs.filter((pair) => pair.other !== undefined);
    if (compared.length === 0) {
      summary.set(figure, { ours });
      continue;
    }
    const ratios = compared.map((pair) => pair.ours.figures[figure]! / pair.other!.figures[figure]!);
    summary.set(figure, {
      ours,
      other: median(compared.map((pair) => pair.other!.figures[figure]!)),
      ratio: { median: median(ratios), least: Math.min(...ratios), greatest: Math.max(...ratios) },
    });
  }
  return summary;
}

/** `isRelay`: the other server is the bare relay, to which the ratios of the targets refer. */
export function judge(target: Target, summary: FigureSummary, isRelay: boolean): Verdict {
  const { bound } = target;
  const ratio = isRelay ? summary.ratio?.median : undefined;
  switch (bound.kind) {
    case 'ratio':
      return { target, measured: ratio, isMet: ratio === undefined ? undefined : ratio <= bound.atMost };
    case 'atMost': {
      const isAsGood = bound.orRatio !== undefined && ratio !== undefined && ratio <= bound.orRatio;
      return { target, measured: summary.ours, isMet: summary.ours <= bound.value || isAsGood };
    }
    case 'atLeast':
      return { target, measured: summary.ours, isMet: summary.ours >= bound.value };
  }
}

export const shortNumber = (value: number): string => String(Number(value.toPrecision(3)));

export function boundText(bound: Bound, unit: string): string {
  switch (bound.kind) {
    case 'ratio':
      return `≤ ${bound.atMost} × relay`;
    case 'atMost':
      return `≤ ${bound.value} ${unit}${bound.orRatio === undefined ? '' : ` or ${bound.orRatio} × relay`}`;
    case 'atLeast':
      return `≥ ${bound.value} ${unit}`;
  }
}

export function measuredText({ target, measured }: Verdict): string {
  if (measured === undefined) return 'no relay to compare with';
  return `${shortNumber(measured)} ${target.bound.kind === 'ratio' ? '× relay' : target.unit}`;
}
