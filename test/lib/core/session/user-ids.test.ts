// User ids are kept for names, and used again as late as possible (sessions.md §7.1).
import test from 'ava';
import { UserIds } from '../../../../src/lib/core/session/user-ids.js';

test('newcomers get ids in order, returning people their own', (t) => {
  const ids = new UserIds();
  const taken = new Set<number>();
  const come = (name: string) => {
    const id = ids.choose(name, (each) => taken.has(each))!;
    taken.add(id);
    ids.remember(name, id);
    return id;
  };
  t.is(come('a'), 1);
  t.is(come('b'), 2);
  taken.delete(1);
  ids.used(1);
  t.is(come('c'), 3, 'the id of someone who left comes last');
  t.is(come('a'), 1);
  taken.delete(1);
  taken.add(1);
  t.is(
    ids.choose('a', (each) => taken.has(each)),
    4,
    'unless somebody else has it now',
  );
});

test('when all 254 are taken there is none', (t) => {
  t.is(
    new UserIds().choose('x', () => true),
    undefined,
  );
  t.is(
    new UserIds(new Map([['x', 77]])).choose('x', () => false),
    77,
  );
});
