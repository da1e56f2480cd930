import test from 'ava';
import { answerProblem } from '../../../../src/lib/admin/check-shape.js';
import { fullSession, listedSession, onlinePerson } from '../../../../src/lib/admin/session-shapes.js';
import { completed } from '../../../../src/lib/io/outside/completed-answer.js';

test('what an older server does not know says nothing, and the whole has the shape', (t) => {
  for (const schema of [fullSession, listedSession, onlinePerson]) {
    t.is(answerProblem(schema, completed(schema, {}), false), undefined);
  }
  const session = completed(fullSession, { id: 'x', users: [{ id: 1, name: 'anna' }] }) as Record<
    string,
    unknown
  >;
  t.like(session, { id: 'x', bans: [], chat: null, preserveChat: false, maxSize: 0 });
  t.deepEqual(session.users, [{ id: 1, name: 'anna', ip: '', s: '' }]);
});

test('what is there and wrong stays wrong', (t) => {
  const session = completed(fullSession, { title: 5, users: 'nobody' });
  t.regex(answerProblem(fullSession, session, true)?.text ?? '', /^(title|users): expected /);
  t.is(completed(fullSession, null), null);
  t.deepEqual(completed(fullSession, []), []);
});
