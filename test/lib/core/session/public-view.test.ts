// What everybody may see of sessions, where a running server is not needed to know it.

import test from 'ava';
import type { SessionDescription } from '../../../../src/lib/core/session/description.js';
import { viewPublicly } from '../../../../src/lib/core/session/public-view.js';
import { MemorySettings } from '../../../../src/lib/core/settings/settings.js';

const template = {
  alias: 'lesson',
  protocol: 'dp:4.24.0',
  maxUserCount: 25,
  founder: 'teacher',
  title: 'Lesson',
  hasPassword: false,
  authOnly: true,
  nsfm: false,
  unlisted: false,
} as SessionDescription;
const id = '01hx0000000000000000000abc';

function view(sessions: readonly SessionDescription[], settings: Record<string, string> = {}) {
  const directory = { describeAll: () => sessions, find: () => undefined };
  return viewPublicly(directory, new MemorySettings({ publicPage: 'sessions', ...settings }));
}

test('a template is a session that nobody is in yet', (t) => {
  const { listed, find } = view([template]);
  t.is(listed.length, 1);
  t.like(find('lesson', undefined), {
    name: 'lesson',
    title: 'Lesson',
    takesBrowsers: false,
    facts: { users: 0, maxUsers: 25, founder: 'teacher', userNames: [], needsAccount: true, isClosed: false },
  });
  t.is(view([{ ...template, unlisted: true }]).find('lesson', 'invite'), undefined);
  t.deepEqual(view([{ ...template, unlisted: true }]).listed, []);
  t.is(view([{ ...template, hasPassword: true }]).find('lesson', undefined)?.facts, undefined);
  t.is(view([template], { privateUserList: 'true' }).find('lesson', undefined)?.facts?.founder, '');
});

test('ids are found in any case, aliases as they are written, and beginnings not at all', (t) => {
  const { find } = view([{ ...template, id }]);
  for (const name of [id, id.toUpperCase(), 'lesson']) t.is(find(name, undefined)?.name, 'lesson', name);
  for (const name of ['LESSON', id.slice(0, 10), '', 'constructor', '__proto__']) {
    t.is(find(name, undefined), undefined, name);
  }
});

test('a session whose name no link can carry is left out', (t) => {
  for (const alias of ['a/b', '../x', 'a:b', '"><script>']) {
    t.deepEqual(view([{ ...template, alias }]).listed, [], alias);
  }
});
