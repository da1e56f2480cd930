// Errors that users and programs get. Their texts are in the catalogue (errors/catalogue.ts), one row per code;
// `refusal` and `fault` make them of a code and its parameters. The classes are how code says which kind of trouble it is in.

import {
  type ErrorCode,
  type ErrorParameters,
  errorRow,
  type FaultCode,
  isErrorCode,
  type RefusalCode,
} from './errors/catalogue.js';
import { type MessageErrorCode, type MessageErrorParameters, messageErrors } from './errors/messages.js';
import { Reason } from './errors/reason.js';
import { isReasonCode, type ReasonCode } from './errors/reasons.js';
import { type ErrorKind, type ErrorValue, errorKinds, exitStatus, fillTemplate } from './errors/rows.js';

export type { ErrorCode } from './errors/catalogue.js';
export { type ErrorKind, type ExitName, errorKinds, exitStatus } from './errors/rows.js';

/** The peer broke the rules of the wire: its connection is aborted. */
export class ProtocolError<Code extends MessageErrorCode = MessageErrorCode> extends Error {
  override name = 'ProtocolError';
  readonly code: Code;

  constructor(code: Code, parameters: MessageErrorParameters<Code>) {
    super(fillTemplate(messageErrors[code], parameters));
    this.code = code;
  }
}

/** What is reported of an error, wherever it is reported. */
export interface ErrorParts {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly message: string;
  /** The code of what stands in the message as reason, where it has one. */
  readonly reason?: ReasonCode | undefined;
  /** What to type or do next. */
  readonly hint?: string | undefined;
  readonly parameters?: Readonly<Record<string, ErrorValue>>;
}

abstract class CataloguedError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly reason: ReasonCode | undefined;
  readonly hint: string | undefined;
  readonly parameters: Readonly<Record<string, ErrorValue>>;

  constructor({ code, kind, message, reason, hint, parameters = {} }: ErrorParts, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.kind = kind;
    this.reason = reason;
    this.hint = hint;
    this.parameters = parameters;
  }
}

/** Understood, but not allowed or not possible now. Made by `refusal`. */
export class Refusal extends CataloguedError {
  override name = 'Refusal';
}

/** Our surroundings failed: disk, port, database, a server that does not answer. Made by `fault`. */
export class Fault extends CataloguedError {
  override name = 'Fault';
}

/** Parameters of the row, if it has any, and what it was caused by. */
type Details<Code extends ErrorCode> = keyof ErrorParameters<Code> extends never
  ? [parameters?: Readonly<Record<string, never>>, cause?: unknown]
  : [parameters: ErrorParameters<Code>, cause?: unknown];

/** The refusal of a row; its parameters are checked against the row's text and hint. */
export function refusal<Code extends RefusalCode>(code: Code, ...details: Details<Code>): Refusal {
  return new Refusal(partsOf(code, (details[0] ?? {}) as Given), details[1]);
}

/** The same for what our surroundings did. */
export function fault<Code extends FaultCode>(code: Code, ...details: Details<Code>): Fault {
  return new Fault(partsOf(code, (details[0] ?? {}) as Given), details[1]);
}

type Given = Readonly<Record<string, ErrorValue | Reason | undefined>>;

function partsOf(code: ErrorCode, given: Given): ErrorParts {
  const row = errorRow(code);
  const parameters: Record<string, ErrorValue> = {};
  let reason: Reason | undefined;
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (value instanceof Reason) reason ??= value;
    parameters[name] = value instanceof Reason ? value.text : value;
  }
  const advice = given.advice ?? reason?.hint;
  const hint = row.near !== undefined && given.near !== undefined ? row.near : row.hint;
  return {
    code,
    kind: row.kind,
    message: fillTemplate(row.text, parameters),
    reason: reason?.code,
    hint:
      advice !== undefined ? String(advice) : hint === undefined ? undefined : fillTemplate(hint, parameters),
    parameters,
  };
}

/** An error that somebody else made of our catalogue: another thread, another server. */
export function errorOfParts(parts: ErrorParts): Refusal | Fault {
  return parts.kind === 'fault' ? new Fault(parts) : new Refusal(parts);
}

/** What is reported of an error that has a code; facts that it does not have are left out. */
export function reportOf(error: Refusal | Fault): {
  code: ErrorCode;
  kind: ErrorKind;
  message: string;
  reason?: ReasonCode;
  hint?: string;
} {
  const { code, kind, message, reason, hint } = error;
  return {
    code,
    kind,
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(hint === undefined ? {} : { hint }),
  };
}

export function httpStatusOf({ code, kind }: Refusal | Fault): number {
  return errorRow(code).http ?? errorKinds[kind].http;
}

export function exitStatusOf({ code, kind }: Refusal | Fault): number {
  return exitStatus[errorRow(code).exit ?? errorKinds[kind].exit];
}

/** An error on its way between threads: it loses its class there. */
export interface ClonedError extends ErrorParts {
  readonly isRefusal: boolean;
}

export function cloneError(error: unknown): ClonedError {
  const reported =
    error instanceof Refusal || error instanceof Fault
      ? error
      : fault('thread-failed', {
          reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
  const { code, kind, message, reason, hint, parameters } = reported;
  return { isRefusal: reported instanceof Refusal, code, kind, message, reason, hint, parameters };
}

export function restoreError({ isRefusal, ...parts }: ClonedError): Refusal | Fault {
  return isRefusal ? new Refusal(parts) : new Fault(parts);
}

/**
 * What another program answered in our form: an error of the same code where we know it. A newer server may have
 * others: then the kind decides, and the message is kept. Undefined: this is no such answer.
 */
export function readReport(body: Readonly<Record<string, unknown>>): Refusal | Fault | undefined {
  const { code, kind, message, reason, hint } = body;
  if (typeof code !== 'string' || typeof kind !== 'string' || typeof message !== 'string') return undefined;
  if (!Object.hasOwn(errorKinds, kind)) return undefined;
  return errorOfParts({
    code: isErrorCode(code) ? code : 'unknown-answer',
    kind: kind as ErrorKind,
    message,
    reason: isReasonCode(reason) ? reason : undefined,
    hint: typeof hint === 'string' ? hint : undefined,
  });
}
