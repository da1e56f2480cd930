// A session as the lobby shows it, and a template; and when there is no room for newcomers.
import test from 'ava';
import {
  type DescribedSession,
  describeSession,
  describeTemplate,
  invitedDescription,
  isClosed,
} from '../../../../src/lib/core/session/description.js';
import { emptySaved } from '../../../../src/lib/core/session/saved.js';
import { optionsFrom } from '../../../../src/lib/core/session/session-options.js';
import { MemorySettings } from '../../../../src/lib/core/settings/settings.js';

const protocol = 'dp:4.25.1';

function session(
  facts: {
    state?: string;
    isShut?: boolean;
    users?: number;
    settings?: Record<string, string>;
    hasWebSockets?: boolean;
  } = {},
) {
  const options = optionsFrom({ ...emptySaved('id', protocol), maxUserCount: 5 }, 0);
  return {
    id: 'id',
    alias: 'ink',
    protocol,
    startTime: Date.UTC(2026, 0, 2, 3, 4, 5),
    state: { name: facts.state ?? 'running' },
    isShut: facts.isShut ?? false,
    options,
    people: { count: facts.users ?? 4, activeDrawerCount: 3 },
    password: { isSet: true },
    history: { sizeBytes: 1234 },
    needs: { settings: new MemorySettings(facts.settings), hasWebSockets: facts.hasWebSockets ?? false },
  } as DescribedSession;
}

test('the lobby shows who and what is in a session, and whether it is open', (t) => {
  t.like(describeSession(session()), {
    id: 'id',
    alias: 'ink',
    protocol,
    userCount: 4,
    hasPassword: true,
    closed: false,
    startTime: '2026-01-02T03:04:05Z',
    size: 1234,
    activeDrawingUserCount: 3,
    maxUserCount: 5,
  });
});

test('newcomers find no room where it is full, shut, being reset or over', (t) => {
  t.false(isClosed(session()));
  t.true(isClosed(session({ users: 5 })));
  t.true(isClosed(session({ isShut: true })));
  t.true(isClosed(session({ state: 'resetting' })));
  t.true(isClosed(session({ state: 'ended' })));
  t.false(isClosed(session({ state: 'initializing' })));
  t.true(describeSession(session({ users: 5 })).closed);
  t.false(describeSession(session({ users: 5, state: 'ended' })).closed, 'it is found again as it was');
});

test('WebSockets are preferred where there are any and the server says so', (t) => {
  const settings = { preferWebSockets: 'true' };
  t.true(describeSession(session({ settings, hasWebSockets: true })).preferWebSockets);
  for (const facts of [{ settings }, { hasWebSockets: true }])
    t.false('preferWebSockets' in describeSession(session(facts)));
});

test('web browsers and the override of the idle time are shown where there is such a thing', (t) => {
  const bare = describeSession(session({ settings: { allowIdleOverride: 'false' } }));
  t.false('allowWeb' in bare);
  t.false('idleOverride' in bare);
  const settings = { allowIdleOverride: 'true' };
  const all = describeSession(session({ settings, hasWebSockets: true }));
  t.false(all.allowWeb);
  t.false(all.idleOverride);
});

test('a template shows what the server makes of it, without what only a session has', (t) => {
  const saved = { ...emptySaved('', protocol), title: 'Lesson', password: 'plain;x' };
  const settings = new MemorySettings({ forceNsfm: 'true', allowIdleOverride: 'true' });
  const template = { alias: 'lesson', protocol, saved };
  const shown = describeTemplate(template, undefined, { settings, hasWebSockets: false });
  t.like(shown, { alias: 'lesson', protocol, hasPassword: true, title: 'Lesson', nsfm: true });
  for (const key of ['id', 'persistent', 'autotitle', 'idleOverride', 'allowWeb', 'userCount'])
    t.false(key in shown, key);
  const open = { ...template, saved: { ...saved, password: '' } };
  const withId = describeTemplate(open, 'reserved', { settings, hasWebSockets: true });
  t.like(withId, { id: 'reserved', hasPassword: false, allowWeb: false });
});

test('who has an invite sees nothing that keeps them out', (t) => {
  const invited = (description: object) => invitedDescription(description as never);
  t.deepEqual(invited({ title: 'Ink', hasPassword: true, authOnly: true, allowWeb: false }), {
    title: 'Ink',
    hasPassword: false,
    authOnly: false,
    allowWeb: true,
  } as never);
  t.deepEqual(invited({ hasPassword: true, authOnly: true }), {
    hasPassword: false,
    authOnly: false,
  } as never);
});
