// Version strings and the rules that depend on them.
import test from 'ava';
import {
  compareVersions,
  needsSystemId,
  parseVersion,
  refusesEmptyChat,
} from '../../../../src/lib/core/protocol/version.js';

test('versions parse, or are none', (t) => {
  t.deepEqual(parseVersion('dp:4.25.1'), { namespace: 'dp', server: 4, major: 25, minor: 1 });
  for (const text of ['', 'dp:4.25', 'DP:4.25.1', 'dp:4.25.1 ', 'dp:4.-1.0', '4.25.1', 'dp:4.25.1.2']) {
    t.is(parseVersion(text), undefined, text);
  }
});

test('versions are ordered by server, major and minor', (t) => {
  const of = (text: string) => parseVersion(text)!;
  t.true(compareVersions(of('dp:4.21.2'), of('dp:4.24.0')) < 0);
  t.true(compareVersions(of('dp:5.0.0'), of('dp:4.25.9')) > 0);
  t.is(compareVersions(of('dp:4.25.1'), of('dp:4.25.1')), 0);
});

test('from 2.2 on clients have a system id, before 2.2 they refuse empty chat', (t) => {
  for (const [text, id, empty] of [
    ['dp:4.21.2', false, true],
    ['dp:4.24.0', true, false],
    ['dp:4.25.1', true, false],
  ] as const) {
    t.is(needsSystemId(parseVersion(text)!), id, text);
    t.is(refusesEmptyChat(parseVersion(text)!), empty, text);
  }
});
