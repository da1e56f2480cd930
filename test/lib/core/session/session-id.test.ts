// Ids that the server makes, aliases that people choose (formats.md §1).
import test from 'ava';
import { isValidAlias, looksLikeId, makeSessionId } from '../../../../src/lib/core/session/session-id.js';

test('session ids are ULIDs in lower case that begin with the time', (t) => {
  const random = { bytes: (count: number) => new Uint8Array(count).fill(31) };
  t.is(makeSessionId(0, random), '0000000000zzzzzzzzzzzzzzzz');
  t.is(makeSessionId(1_469_918_176_385, random).slice(0, 10), '01aryz6s41');
  t.true(looksLikeId(makeSessionId(1, random)));
});

test('aliases', (t) => {
  for (const alias of ['a', 'Room-1', 'x'.repeat(32)]) t.true(isValidAlias(alias), alias);
  for (const alias of [
    '',
    'x'.repeat(33),
    'a b',
    'ä',
    '01aryz6s41tsv4rrffq69g5fav',
    '550e8400-e29b-41d4-a716-446655440000',
  ]) {
    t.false(isValidAlias(alias), alias);
  }
});
