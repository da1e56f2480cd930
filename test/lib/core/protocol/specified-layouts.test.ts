// The message tables in the code are the twins of those in the specification (docs/spec/messages): the same numbers,
// lengths of payloads, and fields in the same order.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { type Generation, messageTables } from '../../../../src/lib/core/protocol/messages.js';

interface SpecifiedField {
  name: string;
}

interface SpecifiedMessage {
  id: number;
  name: string | null;
  /** Null: the layout is of no interest. */
  fields: readonly SpecifiedField[] | null;
  minPayload?: number;
  maxPayload?: number;
  reserved?: boolean;
}

function specified(generation: Generation): readonly SpecifiedMessage[] {
  const text = readFileSync(`docs/spec/messages/messages-${generation}.json`, 'utf8');
  return (JSON.parse(text) as { messages: readonly SpecifiedMessage[] }).messages;
}

for (const generation of Object.keys(messageTables) as Generation[]) {
  const table = messageTables[generation];
  const spec = specified(generation).filter(({ id, reserved }) => table.row(id) !== undefined || !reserved);

  test(`${generation}: the same messages`, (t) => {
    const numbers = (list: Iterable<{ id: number }>) => [...list].map(({ id }) => id).sort((a, b) => a - b);
    t.deepEqual(numbers(table.rows), numbers(spec));
  });

  test(`${generation}: the same lengths of payloads`, (t) => {
    for (const { id, name, minPayload, maxPayload, reserved } of spec) {
      if (reserved) continue;
      const row = table.row(id);
      t.is(row?.min, minPayload, `${id} ${name}`);
      t.is(row?.max, maxPayload, `${id} ${name}`);
    }
  });

  test(`${generation}: the same fields in the same order`, (t) => {
    for (const { id, name, fields } of spec) {
      if (fields === null) continue;
      const names = table.row(id)?.fields.map((field) => field.name);
      t.deepEqual(
        names,
        fields.map((field) => field.name),
        `${id} ${name}`,
      );
    }
  });

  test(`${generation}: reserved numbers are reserved in both`, (t) => {
    for (const { id, name, reserved } of spec) {
      t.is(table.row(id)?.isReserved ?? false, reserved ?? false, `${id} ${name}`);
    }
  });
}
