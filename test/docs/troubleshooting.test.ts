// docs/troubleshooting.md explains messages that the program really has: each part of one, between the `…`, is found
// in the source.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';

const file = 'docs/troubleshooting.md';

/** What stands first in a row of a table or in a point of a list. */
const messages = readFileSync(file, 'utf8')
  .split('\n')
  .flatMap((line) => /^(?:\||-) `([^`]+)`/.exec(line)?.[1] ?? []);

test('the page explains messages', (t) => {
  t.true(messages.length > 25, String(messages.length));
});

test('every message that it explains exists', (t) => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(path.join('src', name), 'utf8'));
  const isThere = (part: string) => sources.some((source) => source.includes(part));
  const unknown = messages.filter((message) => !message.split('…').every((part) => isThere(part.trim())));
  t.deepEqual(unknown, []);
});
