// What a route of the original admin API is: one row of the table in routes.ts. Answers have the statuses and keys
// that the web interfaces know (http.md §1).

import type { Admin } from '../../../admin/admin.js';
import type { LiveServer } from '../../../admin/live.js';
import type { AdminNeeds, LockableSection } from '../../../admin/operation.js';
import { type ErrorKind, Refusal } from '../../../core/errors.js';
import type { JsonObject } from '../../../core/protocol/command.js';

/** The operations' needs, with the server that this process runs. */
export type HttpNeeds = AdminNeeds & { readonly live: LiveServer };

export interface Call {
  /** The operations: everything that a route shows or changes goes through them. */
  readonly run: Admin['run'];
  readonly isLocked: (section: LockableSection) => boolean;
  /** What the data is kept in. */
  readonly storage: 'database' | 'file' | 'memory';
  /** Whom a path means: here names are exact, not beginnings. */
  readonly find: Finder;
  /** Parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Query of GET and DELETE, body of POST and PUT. */
  readonly input: JsonObject;
}

/** Looks up what paths name. Undefined: there is none. */
export interface Finder {
  /** The id of a session by its id or alias; it is made ready. */
  session(name: string): Promise<string | undefined>;
  /** Whether somebody with this user id is in it. */
  hasMember(session: string, id: number): boolean;
}

export interface Answer {
  status: number;
  /** Undefined: an empty body. */
  body: unknown;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface OriginalRoute {
  /** Below `/api/`, with `:name` for parts. */
  readonly path: string;
  readonly summary: string;
  /** Whose lock stops everything but GET. */
  readonly section?: LockableSection;
  /** Only there with a database (http.md §1.3). */
  readonly needsDatabase?: true;
  /** Not stopped by the lock of its section. */
  readonly ignoresLock?: true;
  /** Methods that are not here answer `400 Unsupported method`. */
  readonly methods: Readonly<Partial<Record<Method, Handler>>>;
}

/**
 * The answer to an operation that is refused, by the kind of refusal; what is not named here continues. Functions get the
 * problem in the words that this API always had: alone, without what our own texts put around it.
 */
export async function answered(
  done: Promise<Answer>,
  refused: Readonly<Partial<Record<ErrorKind, Answer | ((message: string) => Answer | Promise<Answer>)>>>,
): Promise<Answer> {
  try {
    return await done;
  } catch (error) {
    const answer = error instanceof Refusal ? refused[error.kind] : undefined;
    if (!(error instanceof Refusal) || answer === undefined) throw error;
    return typeof answer === 'function' ? answer(String(error.parameters.problem ?? error.message)) : answer;
  }
}

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

export function failed(status: number, message: string): Answer {
  return { status, body: { status: 'error', message } };
}

export const notFound = (): Answer => failed(404, 'Not found');
export const unsupportedMethod = (): Answer => failed(400, 'Unsupported method');
