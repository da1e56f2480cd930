// Medians over pairs, and the verdicts on the targets.

import type { Pair } from './alternation.js';
import type { Bound, Target } from './measurements.js';
import { median } from './median.js';

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

/** `isAsPlanned`: the other server is the one that the ratios of the targets refer to. */
export function judge(target: Target, summary: FigureSummary, isAsPlanned: boolean): Verdict {
  const { kind, value } = target.bound;
  const ratio = isAsPlanned ? summary.ratio?.median : undefined;
  switch (kind) {
    case 'ratioAtMost':
      return { target, measured: ratio, isMet: ratio === undefined ? undefined : ratio <= value };
    case 'ratioAtLeast':
      return { target, measured: ratio, isMet: ratio === undefined ? undefined : ratio >= value };
    case 'atMost': {
      const { orRatio } = target.bound;
      const isAsGood = orRatio !== undefined && ratio !== undefined && ratio <= orRatio;
      return { target, measured: summary.ours, isMet: summary.ours <= value || isAsGood };
    }
    case 'atLeast':
      return { target, measured: summary.ours, isMet: summary.ours >= value };
  }
}

export const shortNumber = (value: number): string => String(Number(value.toPrecision(3)));

const isRatio = ({ kind }: Bound): boolean => kind === 'ratioAtMost' || kind === 'ratioAtLeast';

/** `other`: what the other server is called. */
export function boundText({ bound, unit }: Target, other: string): string {
  const sign = bound.kind === 'ratioAtMost' || bound.kind === 'atMost' ? '≤' : '≥';
  const text = `${sign} ${bound.value} ${isRatio(bound) ? `× ${other}` : unit}`;
  return bound.kind === 'atMost' && bound.orRatio !== undefined
    ? `${text} or ${bound.orRatio} × ${other}`
    : text;
}

export function measuredText({ target, measured }: Verdict, other: string): string {
  if (measured === undefined) return `no ${other} to compare with`;
  return `${shortNumber(measured)} ${isRatio(target.bound) ? `× ${other}` : target.unit}`;
}
