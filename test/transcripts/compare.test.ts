import test from 'ava';
import { chat, command, type Frame, frame, type JsonObject, viewFrame } from '../helpers/wire.js';
import { Comparison, comparable, expectation, laneOf } from './compare.js';
import type { Effect } from './differences.js';

const reply = (json: JsonObject): Frame => viewFrame(frame(0, 0, JSON.stringify(json)));
const drawn = (hex: string): Frame => viewFrame(frame(148, 1, Buffer.from(hex, 'hex')));

function compare(
  recorded: readonly Frame[],
  actual: readonly Frame[],
  effects: Readonly<Record<number, readonly Effect[]>> = {},
): string[] {
  const comparison = new Comparison(true, () => undefined);
  for (const [index, message] of recorded.entries()) {
    comparison.expect(expectation(index + 1, message, false, effects[index + 1] ?? []));
  }
  for (const message of actual) {
    comparison.receive(message);
  }
  comparison.giveUpOn(Number.POSITIVE_INFINITY);
  return comparison.findings.map(({ line, text }) => `${line ?? '-'} ${text.split(':')[0]}`);
}

test('order of keys, texts, times, sizes and ids mean nothing', (t) => {
  const recorded = reply({
    type: 'log',
    message: 'Joined session',
    timestamp: '2026-11-22T07:05:03Z',
    topic: 'Join',
  });
  const actual = reply({ topic: 'Join', timestamp: '2027-01-01T00:00:00Z', type: 'log', message: 'hello' });
  t.is(comparable(recorded), comparable(actual));
  const ids = ['01m811576g3zc08z9tecxg0dtc', '01m8117na02tq0wvh07wdmvvqk'].map((id) =>
    comparable(reply({ type: 'result', join: { id, user: 1, flags: ['SKIP', 'A'] } })),
  );
  t.is(ids[0], ids[1]);
});

test('an alias, a user id, a missing text and a different level do count', (t) => {
  const differs = (one: JsonObject, other: JsonObject) =>
    t.not(comparable(reply(one)), comparable(reply(other)));
  differs({ join: { id: 'room' } }, { join: { id: 'other' } });
  differs({ join: { user: 1 } }, { join: { user: 2 } });
  differs({ type: 'error', message: 'x' }, { type: 'error' });
  differs({ type: 'log', level: 'Info' }, { type: 'log', level: 'Warn' });
  differs({ config: { banlist: [{ id: 1 }] } }, { config: { banlist: [{ id: 2 }] } });
});

test('the order of flags means nothing, that of sessions does', (t) => {
  t.is(comparable(reply({ flags: ['A', 'B'] })), comparable(reply({ flags: ['B', 'A'] })));
  t.not(
    comparable(reply({ sessions: [{ title: 'a' }, { title: 'b' }] })),
    comparable(reply({ sessions: [{ title: 'b' }, { title: 'a' }] })),
  );
});

test('of a Disconnect only the reason counts', (t) => {
  const one = viewFrame(frame(1, 0, '\u0001alice'));
  t.is(comparable(one), comparable(viewFrame(frame(1, 0, '\u0001bob'))));
  t.not(comparable(one), comparable(viewFrame(frame(1, 0, '\u0002alice'))));
});

test('messages from 32 on are equal only to the byte', (t) => {
  t.not(comparable(drawn('00')), comparable(drawn('01')));
  t.not(comparable(viewFrame(chat('a'))), comparable(viewFrame(chat('b'))));
  t.not(comparable(viewFrame(frame(32, 1, '\0\u0001a'))), comparable(viewFrame(frame(32, 2, '\0\u0001a'))));
});

test('what is stored is the history lane, everything else the direct one', (t) => {
  t.is(laneOf(drawn('00')), 'history');
  t.is(laneOf(viewFrame(chat('a'))), 'history');
  t.is(laneOf(viewFrame(chat('a', { bypass: true }))), 'direct');
  t.is(laneOf(viewFrame(frame(37, 0))), 'history');
  t.is(laneOf(viewFrame(frame(38, 1, '\u0001\0x'))), 'direct');
  t.is(laneOf(reply({ type: 'sessionconf', config: { title: 'a', nsfm: false } })), 'history');
  t.is(laneOf(reply({ type: 'sessionconf', config: { banlist: [] } })), 'direct');
  t.is(laneOf(reply({ type: 'caughtup', key: 1 })), 'history');
  t.is(laneOf(viewFrame(command('sessionconf'))), 'direct');
});

test('the lanes may be interleaved in any way', (t) => {
  const one = drawn('01');
  const two = drawn('02');
  const message = reply({ type: 'msg', message: 'x', T: 'kick' });
  t.deepEqual(compare([one, message, two], [one, two, message]), []);
  t.deepEqual(compare([one, message, two], [message, one, two]), []);
});

test('what is missing, more, changed or in another order is found', (t) => {
  const [one, two, three] = [drawn('01'), drawn('02'), drawn('03')];
  t.deepEqual(compare([one, two, three], [one, three]), ['2 missing']);
  t.deepEqual(compare([one, two], [one, two, reply({ type: 'msg' })]), ['- unexpected (after line 2)']);
  t.is(compare([one, two, three], [two, one, three]).length, 2);
  t.deepEqual(
    compare(
      [reply({ type: 'msg', T: 'kick', P: { by: 'a' } })],
      [reply({ type: 'msg', T: 'kick', P: { by: 'b' } })],
    ),
    ['1 expected 0/0 {"P"'],
  );
});

test('nothing may follow a Disconnect', (t) => {
  const end = viewFrame(frame(1, 0, '\0x'));
  t.deepEqual(compare([drawn('01'), end], [end, drawn('01')]), ['- after the Disconnect']);
});

test('history may not come between a join and its catchup', (t) => {
  const joined = reply({ type: 'result', state: 'join', join: {} });
  const catchup = reply({ type: 'catchup', count: 1, key: 1 });
  t.deepEqual(compare([joined, catchup, drawn('01')], [joined, catchup, drawn('01')]), []);
  t.deepEqual(compare([joined, catchup, drawn('01')], [joined, drawn('01'), catchup]), [
    '- history between join and catchup',
  ]);
});

test('a row of the table of differences excuses what it says and no more', (t) => {
  const recorded = [reply({ type: 'catchup', count: 3, key: 1 })];
  const effects = { 1: [{ kind: 'instead', keys: { count: 2 } } satisfies Effect] };
  t.deepEqual(compare(recorded, [reply({ type: 'catchup', count: 2, key: 1 })], effects), []);
  t.is(compare(recorded, [reply({ type: 'catchup', count: 3, key: 1 })], effects).length, 1);
  const ignoring = { 1: [{ kind: 'ignored', keys: ['count'] } satisfies Effect] };
  t.deepEqual(compare(recorded, [reply({ type: 'catchup', count: 9, key: 1 })], ignoring), []);
  t.is(compare(recorded, [reply({ type: 'catchup', count: 9, key: 2 })], ignoring).length, 1);
});
