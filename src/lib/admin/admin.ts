// The interface to all operations of an administrator, local or over REST. Callers do not notice the difference.

import { refusal } from '../core/errors.js';
import type { JsonObject } from '../core/protocol/command.js';
import type { LogEntry } from '../core/session/needs.js';
import { checkInput } from './check-shape.js';
import { type AdminNeeds, followRole, requireRole } from './operation.js';
import { type InputOf, type OperationName, type OutputOf, operationOf } from './operations.js';

export interface Admin {
  /** Where the data is, for messages: a path, or the address of a server. */
  readonly place: string;
  /** Refusal or Fault when it cannot be done. */
  run<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>>;
  /** New entries of a running server's log. Refusal `unreachable` where none runs. */
  follow(listener: (entry: LogEntry) => void): Promise<Following>;
  /** What happens on a running server. Refusal `unreachable` where none runs. */
  followEvents(request: EventRequest, listener: (event: ServerEvent) => void): Promise<Following>;
  /** What the server cannot do that others can; undefined: it can do everything. */
  lacks(): Promise<Lacks | undefined>;
  close(): Promise<void>;
}

/** An operation, or a part of one behind a colon: `session.role:muted` is muting. */
export type Ability = OperationName | `${OperationName}:${string}`;

export interface Lacks {
  /** What the server is, in words: `drawpile-srv 2.1`. */
  readonly server: string;
  readonly abilities: readonly Ability[];
}

/** Which events are wanted; what is left out is not restricted. */
export interface EventRequest {
  readonly kinds?: readonly string[];
  /** Id of a session. */
  readonly session?: string;
  /** Id of the last event that arrived. */
  readonly after?: string;
}

/** An event as it arrives, of a kind of events.ts or of a newer server; `gap`: some are missing before it. */
export interface ServerEvent {
  readonly id: string;
  readonly kind: string;
  readonly data: JsonObject;
}

export interface Following {
  /** The server is gone, or `stop` was called. */
  readonly ended: Promise<void>;
  stop(): void;
}

/** The one way into a row: what does not fit its input does not reach it. */
export async function runHere(needs: AdminNeeds, name: OperationName, input: unknown): Promise<unknown> {
  const row = await operationOf(name);
  requireRole(needs, row.role);
  checkInput(name, row.input, input);
  if (!row.isChange || (needs.changes === undefined && needs.live === undefined))
    return row.run(needs, input);
  const { recorded } = await import('./recording.js');
  return row.run(recorded({ ...needs, operation: name }), input);
}

/** Operations on stores that are open in this process. `close` is called when they are no longer needed. */
export function localAdmin(needs: AdminNeeds, close: () => void | Promise<void> = () => {}): Admin {
  return {
    place: needs.stores.place,
    async run<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
      return (await runHere(needs, name, input)) as OutputOf<Name>;
    },
    async follow(listener) {
      requireRole(needs, followRole);
      const { requireLive } = await import('./live.js');
      const unfollow = requireLive(needs).follow(listener);
      let end = () => {};
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      return {
        ended,
        stop() {
          unfollow();
          end();
        },
      };
    },
    async followEvents() {
      // where a server runs, it is asked over its socket
      throw refusal('server-not-found');
    },
    async lacks() {
      return undefined;
    },
    async close() {
      await close();
    },
  };
}
