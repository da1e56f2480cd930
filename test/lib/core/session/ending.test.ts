// The end of a session: what everybody reads of it, by who or what ended it, and that it is stored first.
import test from 'ava';
import type { Actor } from '../../../../src/lib/core/session/actor.js';
import { endSession, stopSession } from '../../../../src/lib/core/session/ending.js';
import { texts } from '../../../../src/lib/core/session/texts.js';
import { fakeMember, sentAs } from '../../../helpers/fake-member.js';

function makeRoom() {
  const done: unknown[] = [];
  const session = {
    isEnded: false,
    flow: { sendToAll: (frame: Buffer) => void done.push(sentAs(frame)) },
    storeEnd: () => void done.push('end stored'),
    end: (text: string, what: string, isQuiet?: boolean) => void done.push(`${what}: ${text}, ${isQuiet}`),
    recordAction: ({ kind, effect }: { kind: string; effect: unknown }) => void done.push({ kind, effect }),
  };
  return { session, done };
}

const moderator: Actor = { kind: 'moderator', member: fakeMember(1, 'mod', { isModerator: true }) };
const alert = (key: string, parameters: object, message: string) => ({
  type: 'alert',
  message,
  T: key,
  P: parameters,
});

for (const [what, actor, reason, alerts, text] of [
  [
    'a moderator',
    moderator,
    '',
    [alert('terminatesession', { by: 'mod' }, texts.terminatedBy('mod', ''))],
    texts.terminatedByModerator,
  ],
  [
    'a moderator with a reason',
    moderator,
    ' spam ',
    [alert('terminatesessionreason', { by: 'mod', reason: 'spam' }, texts.terminatedBy('mod', 'spam'))],
    texts.terminatedByModerator,
  ],
  ['an administrator', { kind: 'administrator' }, ' ', [], texts.terminatedByAdministrator],
  [
    'an administrator with a reason',
    { kind: 'administrator' },
    'spam',
    [
      alert(
        'terminatesessionadmin',
        { reason: 'spam' },
        texts.terminatedBy('the server administrator', 'spam'),
      ),
    ],
    texts.terminatedByAdministrator,
  ],
  ['the server', { kind: 'server' }, 'a reason', [], texts.terminatedByAdministrator],
  ['a rule', { kind: 'rule', rule: 'idle' }, 'a reason', [], texts.idleTooLong],
  ['emptiness', { kind: 'rule', rule: 'empty' }, '', [], texts.emptied],
  ['a rule about something else', { kind: 'rule', rule: 'invite' }, '', [], texts.terminatedByAdministrator],
] as readonly [string, Actor, string, object[], string][]) {
  test(`what people read when ${what} ends a session`, (t) => {
    const { session, done } = makeRoom();
    const effect = { reason: reason.trim(), isQuiet: false };
    t.deepEqual(endSession(session, actor, { reason }), { kind: 'end', actor, effect } as never);
    t.deepEqual(done, ['end stored', ...alerts, { kind: 'end', effect }, `terminate: ${text}, false`]);
  });
}

test('a session that ends quietly ends so that nobody reads of it', (t) => {
  const { session, done } = makeRoom();
  endSession(session, moderator, { reason: 'spam', isQuiet: true });
  t.deepEqual(done, [
    'end stored',
    { kind: 'end', effect: { reason: 'spam', isQuiet: true } },
    `terminate: ${texts.terminatedByModerator}, true`,
  ]);
});

test('a session that stops is recorded, and its text is the reason', (t) => {
  const { session, done } = makeRoom();
  const effect = { reason: 'Back soon' };
  t.deepEqual(stopSession(session, moderator, 'Back soon'), { kind: 'stop', actor: moderator, effect });
  t.deepEqual(done, [{ kind: 'stop', effect }, 'stop: Back soon, undefined']);
});

test('what is over does not end again', (t) => {
  const { session, done } = makeRoom();
  session.isEnded = true;
  t.is(endSession(session, moderator), undefined);
  t.is(stopSession(session, moderator, ''), undefined);
  t.deepEqual(done, []);
});
