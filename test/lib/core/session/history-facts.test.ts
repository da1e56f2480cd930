// What a history alone tells of its session: from the messages that everybody was sent, cut anywhere, and whatever else is
// in it.

import test from 'ava';
import { reason } from '../../../../src/lib/core/errors/reason.js';
import { HistoryFacts } from '../../../../src/lib/core/session/history-facts.js';
import { sessionFlags } from '../../../../src/lib/core/settings/session-settings.js';
import { frame } from '../../../helpers/wire.js';

const settings = (config: Record<string, unknown>) =>
  frame(0, 0, JSON.stringify({ type: 'sessionconf', config }));
const join = (id: number, name: string) =>
  frame(32, id, Buffer.concat([Buffer.from([0, Buffer.byteLength(name)]), Buffer.from(name)]));

function factsOf(...frames: Buffer[]) {
  const facts = new HistoryFacts();
  const bytes = Buffer.concat(frames);
  const taken = facts.add(bytes);
  return { ...facts.sessionOf('id', 'dp:4.25.1'), messages: facts.messages, rest: bytes.length - taken };
}

test('settings that people received are those of the session, the newest of each', (t) => {
  const { saved, doubts, messages, rest } = factsOf(
    join(1, 'anna'),
    settings({ title: 'old', maxUserCount: 7, resetThreshold: 5000 }),
    join(2, 'bob'),
    frame(148, 2, 'line'),
    settings({ title: 'new' }),
    join(3, 'anna'),
  );
  t.like(saved, {
    id: 'id',
    protocol: 'dp:4.25.1',
    founder: 'anna',
    title: 'new',
    maxUserCount: 7,
    resetThreshold: 5000,
  });
  t.deepEqual(
    [...saved.userIds],
    [
      ['anna', 3],
      ['bob', 2],
    ],
  );
  t.deepEqual([...saved.flags], ['persistent']);
  t.deepEqual([doubts, messages, rest], [[], 6, 0]);
});

test('each flag that was on is on', (t) => {
  for (const flag of sessionFlags) {
    t.deepEqual([...factsOf(settings({ [flag]: true })).saved.flags], [...new Set([flag, 'persistent'])]);
    t.deepEqual([...factsOf(settings({ [flag]: false })).saved.flags], ['persistent']);
    t.deepEqual([...factsOf(settings({ [flag]: 'yes' })).saved.flags], ['persistent']);
  }
});

test('passwords that are lost shut the session, and so does a history without settings', (t) => {
  const whys = (config: Record<string, unknown>) => factsOf(settings(config)).doubts;
  t.deepEqual(whys({ hasPassword: true }), [{ isShut: true, why: reason('doubt-password-lost') }]);
  t.deepEqual(whys({ hasOpword: true }), [{ isShut: true, why: reason('doubt-opword-lost') }]);
  t.is(whys({ hasPassword: true, hasOpword: true }).length, 2);
  t.deepEqual(whys({ hasPassword: false, hasOpword: false }), []);
  t.deepEqual(factsOf(join(1, 'anna')).doubts, [{ isShut: true, why: reason('doubt-password-unknown') }]);
});

test('nobody who joined, and nothing that was set, is the least', (t) => {
  const { saved } = factsOf();
  t.like(saved, { founder: '-', title: '', maxUserCount: 254, resetThreshold: undefined });
});

test('what a server does not write is passed over', (t) => {
  const { saved, messages } = factsOf(
    frame(32, 1, Buffer.from([0])),
    frame(32, 2, Buffer.from([0, 5, 0x61])),
    frame(0, 0, '{"type":"sessionconf"'),
    frame(0, 0, '{"type":"sessionconf","config":5}'),
    frame(0, 0, '["sessionconf"]'),
    frame(0, 0, '{"type":"other","config":{"title":"no"},"x":"sessionconf"}'),
    frame(0, 0, JSON.stringify({ type: 'sessionconf', config: { title: 'x'.repeat(20_000) } })),
    join(4, ''),
  );
  t.is(saved.title, '');
  t.deepEqual([...saved.userIds], [['', 4]]);
  t.is(messages, 8);
});

test('a frame that is cut is left for the next piece, wherever the cut is', (t) => {
  const bytes = Buffer.concat([join(1, 'anna'), settings({ title: 'whole' })]);
  for (let at = 0; at <= bytes.length; at++) {
    const facts = new HistoryFacts();
    const taken = facts.add(bytes.subarray(0, at));
    t.true(taken <= at);
    t.is(taken + facts.add(bytes.subarray(taken)), bytes.length);
    t.like(facts.sessionOf('id', 'dp:4.25.1').saved, { founder: 'anna', title: 'whole' });
    t.is(facts.messages, 2);
  }
});
