// A reason of the table (reasons.ts) with its values: part of an error, a finding or an answer.

import { type ReasonCode, type reasonCatalogue, reasonRow } from './reasons.js';
import { type ErrorValue, fillTemplate, type ParameterOf } from './rows.js';

type Row<Code extends ReasonCode> = (typeof reasonCatalogue)[Code];
type HintOf<Row> = Row extends { hint: infer Hint } ? Hint : '';
type NameOf<Code extends ReasonCode> = ParameterOf<Row<Code>['text']> | ParameterOf<HintOf<Row<Code>>>;

/** In a sentence it is its text. Made by `reason`. */
export class Reason {
  readonly code: ReasonCode;
  readonly text: string;
  readonly hint: string | undefined;

  constructor(code: ReasonCode, text: string, hint: string | undefined) {
    this.code = code;
    this.text = text;
    this.hint = hint;
  }

  toString(): string {
    return this.text;
  }
}

/** Parameters of the row, if it has any. A reason within a reason is its text. */
type Values<Code extends ReasonCode> = [NameOf<Code>] extends [never]
  ? []
  : [values: { readonly [Name in NameOf<Code>]: ErrorValue | Reason }];

/** The reason of a row; `{problem}` of a row may be a reason itself: its code and hint then are those of both. */
export function reason<Code extends ReasonCode>(code: Code, ...[values]: Values<Code>): Reason {
  const { text, hint } = reasonRow(code);
  const given: Readonly<Record<string, ErrorValue | Reason>> = values ?? {};
  const inner = Object.values(given).find((value) => value instanceof Reason);
  return new Reason(
    inner?.code ?? code,
    fillTemplate(text, given),
    inner?.hint ?? (hint === undefined ? undefined : fillTemplate(hint, given)),
  );
}

/** Several reasons as one, with the code of the first. There is at least one. */
export function together([first, ...more]: readonly Reason[]): Reason {
  if (first === undefined) throw new RangeError('no reason');
  return new Reason(first.code, [first, ...more].join('; '), first.hint);
}
