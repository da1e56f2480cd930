// The administrator's door: every operation of the table, here or over REST. Who holds one can't tell which.

import type { AdminNeeds, Operation } from './operation.js';
import { type InputOf, type OperationName, type OutputOf, operations } from './operations.js';

export interface Admin {
  /** Where the data is, for messages: a path, or the address of a server. */
  readonly place: string;
  /** Refusal or Fault when it can't be done. */
  run<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>>;
  close(): Promise<void>;
}

/** Operations on stores that are open in this process. `close` is told when nobody needs them any more. */
export function localAdmin(needs: AdminNeeds, close: () => void | Promise<void> = () => {}): Admin {
  return {
    place: needs.stores.place,
    async run<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
      // the table keeps input and output of a row together; the compiler can't follow that through the name
      const row = operations[name] as unknown as Operation<InputOf<Name>, OutputOf<Name>>;
      return row.run(needs, input);
    },
    async close() {
      await close();
    },
  };
}
