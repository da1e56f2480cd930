// TABLE of every refusal and fault that has a code: what it means to a client of the protocol, to HTTP and to
// a terminal. To add one: one row. The three classes are how code says which kind of trouble it is in.

/** Exit statuses of the commands; the manual lists them. */
export const exitStatus = {
  done: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  notFound: 4,
  refused: 5,
  conflict: 6,
  problems: 7,
} as const;

export type ExitName = keyof typeof exitStatus;

export interface ErrorRow {
  /** HTTP status where the code surfaces there. */
  http: number;
  exit: ExitName;
}

export const errorTable = {
  badInput: { http: 400, exit: 'usage' },
  notFound: { http: 404, exit: 'notFound' },
  refused: { http: 403, exit: 'refused' },
  unsupported: { http: 400, exit: 'refused' },
  conflict: { http: 409, exit: 'conflict' },
  unreachable: { http: 502, exit: 'unreachable' },
  problems: { http: 422, exit: 'problems' },
  fault: { http: 500, exit: 'failed' },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

/** The peer broke the rules of the wire: its connection is aborted. */
export class ProtocolError extends Error {
  override name = 'ProtocolError';
}

/** Understood, but not allowed or not possible now. `hint`: what to type or do next. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** Our surroundings failed: disk, port, database. */
export class Fault extends Error {
  override name = 'Fault';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(message: string, options: { cause?: unknown; hint?: string; code?: ErrorCode } = {}) {
    super(message, { cause: options.cause });
    this.code = options.code ?? 'fault';
    this.hint = options.hint;
  }
}

/** An error on its way between threads: it loses its class there. */
export interface ClonedError {
  readonly isRefusal: boolean;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
}

export function cloneError(error: unknown): ClonedError {
  if (error instanceof Refusal || error instanceof Fault) {
    const { code, message, hint } = error;
    return { isRefusal: error instanceof Refusal, code, message, hint };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { isRefusal: false, code: 'fault', message, hint: undefined };
}

export function restoreError({ isRefusal, code, message, hint }: ClonedError): Refusal | Fault {
  if (isRefusal) return new Refusal(code, message, hint);
  return new Fault(message, { code, ...(hint === undefined ? {} : { hint }) });
}
