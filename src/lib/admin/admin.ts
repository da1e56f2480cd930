// What an administrator can do: every operation of the table, here or over REST. Whoever holds one cannot tell which.

import type { LogEntry } from '../core/session/needs.js';
import type { AdminNeeds, Operation } from './operation.js';
import { type InputOf, type OperationName, type OutputOf, operations } from './operations.js';

export interface Admin {
  /** Where the data is, for messages: a path, or the address of a server. */
  readonly place: string;
  /** Refusal or Fault when it can't be done. */
  run<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>>;
  /** New entries of a running server's log. Refusal `unreachable` where none runs. */
  follow(listener: (entry: LogEntry) => void): Promise<LogFollowing>;
  close(): Promise<void>;
}

export interface LogFollowing {
  /** The server is gone, or `stop` was called. */
  readonly ended: Promise<void>;
  stop(): void;
}

/** Operations on stores that are open in this process. `close` is told when nobody needs them any more. */
export function localAdmin(needs: AdminNeeds, close: () => void | Promise<void> = () => {}): Admin {
  return {
    place: needs.stores.place,
    async run<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
      const { checkInput } = await import('./check-input.js');
      checkInput(name, input);
      // the table keeps input and output of a row together; the compiler can't follow that through the name
      const row = operations[name] as unknown as Operation<InputOf<Name>, OutputOf<Name>>;
      return row.run(needs, input);
    },
    async follow(listener) {
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
    async close() {
      await close();
    },
  };
}
