// All sessions of a server: which are found and shown, what the lobby is sent, and when they end by themselves.
import test from 'ava';
import { byServer } from '../../../../src/lib/core/session/actor.js';
import type { LobbyWatcher } from '../../../../src/lib/core/session/directory.js';
import { endSession } from '../../../../src/lib/core/session/ending.js';
import type { SessionTemplate, Templates } from '../../../../src/lib/core/session/needs.js';
import { emptySaved } from '../../../../src/lib/core/session/saved.js';
import { Session } from '../../../../src/lib/core/session/session.js';
import { looksLikeId } from '../../../../src/lib/core/session/session-id.js';
import { pendingPassword } from '../../../../src/lib/core/settings/password-form.js';
import { makeDirectory, person, protocol } from '../../../helpers/session-room.js';
import { frame } from '../../../helpers/wire.js';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

function makeTemplates(...templates: SessionTemplate[]): Templates {
  return {
    all: templates,
    find: (alias) => templates.find((template) => template.alias === alias),
    onChange: undefined,
  };
}

function template(alias: string, more: Partial<SessionTemplate> = {}, saved: object = {}): SessionTemplate {
  return {
    alias,
    protocol,
    announce: '',
    saved: { ...emptySaved('', protocol), alias, founder: 'teacher', ...saved },
    load: () => ({ frames: [Buffer.concat([frame(148, 1, 'a'), frame(148, 1, 'b')])], count: 2 }),
    ...more,
  };
}

/** Somebody in the lobby, and what they are shown. */
function watching(directory: { watch(watcher: LobbyWatcher): void }) {
  const seen: string[] = [];
  const watcher: LobbyWatcher = {
    sessionChanged: ({ description, isUnlisted }) =>
      void seen.push(
        `${description.id ?? description.alias}: ${description.userCount}${isUnlisted ? ', unlisted' : ''}`,
      ),
    sessionEnded: (id) => void seen.push(`${id} ended`),
  };
  directory.watch(watcher);
  return { watcher, news: () => seen.splice(0) };
}

test('a session is found by its id in any case, and by its alias as it is written', (t) => {
  const { directory, run } = makeDirectory();
  const { session } = run(person('ann'), 'Ink');
  const other = run(person('bob')).session;
  t.is(directory.find(session.id), session);
  t.is(directory.find(session.id.toUpperCase()), session);
  t.is(directory.find('Ink'), session);
  t.is(directory.find('ink'), undefined);
  t.is(directory.find(''), undefined, 'which is not the alias of those that have none');
  t.deepEqual([...directory.all], [session, other]);
  t.is(directory.count, 2);
});

test('who hosts is a change, and the new session is shown', (t) => {
  const { directory, changes, kept, clock } = makeDirectory();
  const { news } = watching(directory);
  const session = directory.create({ alias: 'ink', founder: 'ann', address: '10.0.0.1', protocol });
  t.true(session instanceof Session);
  if (!(session instanceof Session)) return;
  t.deepEqual(news(), [`${session.id}: 0`]);
  t.like(changes[0], {
    what: 'session.host',
    actor: { kind: 'newcomer', name: 'ann' },
    address: '10.0.0.1',
    after: { alias: 'ink', protocol },
  });
  t.is(session.options.founder, 'ann');
  t.is(session.protocol, protocol);
  t.deepEqual(
    kept[0]?.written.filter(({ key }) => key === 'start'),
    [{ key: 'start', id: Math.floor(clock.now() / 1000) }],
  );
});

test('a session that is not one of these changes nothing', (t) => {
  const { directory, needs, find, run, endTurn } = makeDirectory();
  const { session } = run(person('ann'));
  const { news } = watching(directory);
  const counts: number[] = [];
  directory.onCountChange = () => counts.push(directory.count);
  const stranger = Session.restore(needs, directory, find('stranger').found);
  directory.changed(stranger);
  directory.ended(stranger, 'terminate', false);
  endTurn();
  t.deepEqual([news(), counts], [[], []]);
  t.is(directory.find(session.id), session);
});

test('the number of users of a new session is bounded as the server says', (t) => {
  const { run } = makeDirectory({ settings: { sessionUserLimit: '7' } });
  t.is(run(person('ann')).session.options.maxUserCount, 7);
});

test('why nobody can host: too many sessions, a name that is taken, another protocol', (t) => {
  const templates = makeTemplates(template('lesson'));
  const { directory, run } = makeDirectory({ settings: { sessionCountLimit: '1' }, needs: { templates } });
  t.is(directory.refusal({ alias: 'lesson', protocol }), 'idInUse');
  t.is(directory.refusal({ alias: 'ink', protocol: 'dp:3.24.0' }), 'badProtocol');
  t.is(directory.refusal({ alias: 'ink', protocol: 'nonsense' }), 'badProtocol');
  t.is(directory.refusal({ alias: 'ink', protocol }), undefined);
  t.is(directory.refusal({ alias: '', protocol }), undefined);
  run(person('ann'), 'ink');
  t.is(directory.refusal({ alias: 'other', protocol }), 'closed');
  const roomy = makeDirectory();
  roomy.run(person('ann'), 'ink');
  t.is(roomy.directory.refusal({ alias: 'ink', protocol }), 'idInUse');
  t.is(roomy.directory.create({ alias: 'ink', founder: 'bob', address: '', protocol }), 'idInUse');
});

test('all that was written is stored when the last session has stored it', (t) => {
  const { directory, run } = makeDirectory();
  let times = 0;
  directory.whenStored(() => times++);
  t.is(times, 1, 'there is nothing');
  const [one, two] = [run(person('ann')), run(person('bob'))];
  directory.whenStored(() => times++);
  t.is(times, 2);
  for (const { session, kept } of [one, two]) {
    kept.isStored = false;
    session.write({ key: 'catchup', next: 5 });
  }
  directory.whenStored(() => times++);
  one.kept.store();
  t.is(times, 2);
  two.kept.store();
  t.is(times, 3);
});

test('a session that has ended is waited for as long as its end is not stored', (t) => {
  const { directory, run, endTurn } = makeDirectory();
  const { session, kept } = run(person('ann'));
  const { news } = watching(directory);
  kept.isStored = false;
  endSession(session, byServer);
  endTurn();
  let isStored = false;
  directory.whenStored(() => {
    isStored = true;
  });
  t.false(isStored);
  t.deepEqual(news(), [], 'nobody learns of it before');
  t.is(directory.count, 0);
  kept.store();
  t.true(isStored);
  t.deepEqual(news(), [`${session.id} ended`]);
  session.storedFirst.whenStored = () => t.fail('it is over, and is not asked any more');
  let again = false;
  directory.whenStored(() => {
    again = true;
  });
  t.true(again);
});

test('the lobby is shown what changed in a turn once, as it is then, and not what has ended', (t) => {
  const { directory, run, endTurn } = makeDirectory();
  const { session } = run(person('ann'));
  const other = run(person('bob')).session;
  const { watcher, news } = watching(directory);
  for (const each of [session, other, session]) each.changed();
  t.deepEqual(news(), []);
  endTurn();
  t.deepEqual(news(), [`${session.id}: 1`, `${other.id}: 1`]);
  endTurn();
  t.deepEqual(news(), []);
  other.changed();
  endTurn();
  t.deepEqual(news(), [`${other.id}: 1`], 'what was shown before is not shown again');
  session.options.unlisted = true;
  session.changed();
  endSession(other, byServer);
  endTurn();
  t.deepEqual(news(), [`${other.id} ended`, `${session.id}: 1, unlisted`]);
  session.changed();
  endSession(session, byServer);
  endTurn();
  t.deepEqual(news(), [`${session.id} ended`]);
  directory.unwatch(watcher);
  run(person('eve'));
  t.deepEqual(news(), []);
});

test('unlisted sessions and templates are shown to moderators only, and a live session hides its template', (t) => {
  const templates = makeTemplates(
    template('open'),
    template('hidden', {}, { flags: new Set(['unlisted']) }),
    template('taken'),
  );
  const { directory, run, needs } = makeDirectory();
  const { session } = run(person('ann'), 'taken');
  needs.templates = templates;
  const secret = run(person('bob'), 'secret').session;
  secret.options.unlisted = true;
  const aliases = (seesUnlisted: boolean) => directory.describeAll(seesUnlisted).map(({ alias }) => alias);
  t.deepEqual(aliases(false), ['taken', 'open']);
  t.deepEqual(aliases(true), ['taken', 'secret', 'open', 'hidden']);
  t.is(directory.findTemplate('taken'), undefined);
  t.is(directory.findTemplate('open')?.alias, 'open');
  endSession(session, byServer);
  t.is(directory.findTemplate('taken')?.alias, 'taken');
});

test('a template that was looked up has an id from then on, by which it can be joined', (t) => {
  const lesson = template('lesson', { announce: 'https://list.example/' });
  const { directory, listed, changes, kept } = makeDirectory({ needs: { templates: makeTemplates(lesson) } });
  t.is(directory.describeTemplate(lesson, false).id, undefined);
  t.is(directory.describeAll(false)[0]?.id, undefined, 'not for being in the list');
  const { id } = directory.describeTemplate(lesson, true);
  t.is(typeof id, 'string');
  t.is(directory.describeTemplate(lesson, true).id, id);
  t.is(directory.findTemplate(String(id))?.alias, 'lesson');
  const made = directory.instantiate(lesson, (session) =>
    session.recordAction({
      kind: 'instantiate',
      actor: byServer,
      effect: { alias: 'lesson', title: '' },
    } as never),
  );
  t.true(made instanceof Session);
  if (!(made instanceof Session)) return;
  t.is(made.id, String(id));
  const messages = Buffer.from(made.history.read(made.history.cursorAt(0)) ?? []);
  t.is(messages.toString('latin1', 0, 10), '\u0000\u0001\u0094\u0001a\u0000\u0001\u0094\u0001b');
  t.is(made.history.lastIndex - made.history.firstIndex + 1, 3, 'its two messages and its settings');
  t.is(made.state.name, 'running');
  t.deepEqual(listed, [`announce ${id} at https://list.example/ by operator`]);
  t.is(changes.length, 1);
  t.true(kept[0]?.written.some((entry) => entry.key === 'announce'));
  endSession(made, byServer);
  const next = directory.instantiate(lesson, () => {});
  t.true(next instanceof Session && next.id !== id && looksLikeId(next.id), 'an id is used once');
});

test('a template that cannot be read makes no session', (t) => {
  const broken = template('broken', { load: () => ({ error: 'it is damaged' }) });
  const { directory } = makeDirectory({ needs: { templates: makeTemplates(broken) } });
  t.deepEqual(
    directory.instantiate(broken, () => t.fail()),
    { error: 'it is damaged' },
  );
  t.is(directory.count, 0);
});

test('a template that changed is shown, unless a session has its name', (t) => {
  const templates = makeTemplates(
    template('lesson', {}, { flags: new Set(['unlisted']) }),
    template('taken'),
  );
  const { directory, run } = makeDirectory({ needs: { templates } });
  const { news } = watching(directory);
  const { onChange } = templates;
  onChange?.('lesson');
  onChange?.('gone');
  t.deepEqual(news(), ['lesson: undefined, unlisted']);
  const lesson = directory.instantiate(template('taken'), () => {}) as Session;
  t.deepEqual(news(), [`${lesson.id}: 0`]);
  onChange?.('taken');
  t.deepEqual(news(), []);
  endSession(lesson, byServer);
  t.deepEqual(news(), [`${lesson.id} ended`, 'taken: undefined'], 'the template can be joined again');
  const { session } = run(person('ann'));
  news();
  endSession(session, byServer);
  t.deepEqual(news(), [`${session.id} ended`]);
});

test('whoever counts sessions learns of each that comes and goes', (t) => {
  const { directory, run } = makeDirectory();
  const counts: number[] = [];
  directory.onCountChange = () => counts.push(directory.count);
  const { session } = run(person('ann'));
  run(person('bob'));
  endSession(session, byServer);
  t.deepEqual(counts, [1, 2, 1]);
});

test('stored sessions are announced where they were, but not those that are shut; lost passwords are named', (t) => {
  const { directory, find, listed, log } = makeDirectory();
  const announcements = ['https://list.example/'];
  const pending = pendingPassword(new Uint8Array(64));
  const shut = [{ isShut: true, why: 'it is not known' }];
  directory.restore([
    find('one', { announcements }).found,
    find('two', { announcements }, { doubts: shut }).found,
    find('three', { password: pending }).found,
    find('four', { opword: pending }).found,
  ]);
  t.is(directory.count, 4);
  t.deepEqual(listed, ['announce one at https://list.example/ by kept']);
  const help = (key: string, what: string) =>
    `warn Status The server stopped while a new ${key} was being stored: nobody can ${what} by password until one is set with 'dp session set ID ${key}=…'`;
  t.deepEqual(
    log.filter((line) => line.startsWith('warn')),
    [help('password', 'join'), help('opword', 'become operator')],
  );
  t.is(log.filter((line) => line === 'debug Status Loaded from file.').length, 4);
});

test('chat of every session reaches those who follow it', (t) => {
  const { directory, run } = makeDirectory();
  const { session, member } = run(person('ann'));
  const heard: unknown[] = [];
  directory.chatFollowers.add((where, { name }, text, flags) => heard.push([where.id, name, text, flags]));
  session.said(member, 'hello', 2);
  t.deepEqual(heard, [[session.id, 'ann', 'hello', 2]]);
});

test('with no time to linger a session ends when the last one leaves on purpose', (t) => {
  const { directory, run, changes } = makeDirectory({ settings: { emptySessionLingerTime: '0' } });
  const { session, member } = run(person('ann'));
  session.leave(member);
  t.is(directory.count, 0);
  t.deepEqual(changes.at(-1)?.actor, { kind: 'rule', name: 'empty' });
  const brief = makeDirectory({ settings: { emptySessionLingerTime: '1' } });
  const second = brief.run(person('ann'));
  second.session.leave(second.member);
  t.is(brief.directory.count, 1, 'a second is some time');
});

for (const what of ['it is persistent', 'somebody else is there']) {
  test(`a session does not end when somebody leaves while ${what}`, (t) => {
    const { directory, run, join } = makeDirectory({
      settings: { emptySessionLingerTime: '0', persistence: 'true' },
    });
    const { session, member } = run(person('ann'));
    if (what === 'it is persistent') session.options.persistent = true;
    else join(session, person('bob'));
    session.leave(member);
    t.is(directory.count, 1);
  });
}

test('an empty session lingers as long as it may, to the second at which sessions are looked at', (t) => {
  const { directory, run, clock, changes } = makeDirectory({ settings: { emptySessionLingerTime: '60' } });
  const { session, member } = run(person('ann'));
  session.leave(member);
  clock.advance(minute);
  directory.sweep();
  t.is(directory.count, 1, 'a minute is not more than a minute');
  clock.advance(1);
  directory.sweep();
  t.is(directory.count, 0);
  t.deepEqual(changes.at(-1)?.actor, { kind: 'rule', name: 'emptyTooLong' });
});

test('a session in which nothing happens ends after the idle time, unless it may override that', (t) => {
  const settings = { idleTimeLimit: '1h', allowIdleOverride: 'true' };
  for (const [isAllowed, overrides, left] of [
    [true, false, 0],
    [true, true, 1],
    [false, true, 0],
  ] as const) {
    const room = makeDirectory({ settings: { ...settings, allowIdleOverride: String(isAllowed) } });
    const { session } = room.run(person('ann'));
    session.options.idleOverride = overrides;
    room.clock.advance(hour);
    t.is(room.directory.count, 1);
    room.clock.advance(15 * second);
    t.is(room.directory.count, left);
    if (left === 0) t.deepEqual(room.changes.at(-1)?.actor, { kind: 'rule', name: 'idle' });
  }
  const brief = makeDirectory({ settings: { idleTimeLimit: '1' } });
  brief.run(person('ann'));
  brief.clock.advance(15 * second);
  t.is(brief.directory.count, 0, 'a second is a limit');
  const forever = makeDirectory({ settings: { idleTimeLimit: '0' } });
  forever.run(person('ann'));
  forever.clock.advance(1000 * hour);
  t.is(forever.directory.count, 1);
});

test('a stored session waits ten minutes for people who never come, and one with people does not count as that', (t) => {
  const { directory, find, clock } = makeDirectory({ settings: { emptySessionLingerTime: '60' } });
  directory.restore([find('one').found]);
  clock.advance(10 * minute - 1);
  directory.sweep();
  t.is(directory.count, 1);
  clock.advance(1);
  directory.sweep();
  t.is(directory.count, 0);
});

test('a stored session that is idle gets three minutes before that counts', (t) => {
  const room = makeDirectory({ settings: { idleTimeLimit: '10', persistence: 'true' } });
  const flags = { flags: new Set(['persistent']) } as never;
  room.directory.restore([room.find('one', flags).found]);
  room.clock.advance(3 * minute - 1);
  room.directory.sweep();
  t.is(room.directory.count, 1);
  room.clock.advance(1);
  room.directory.sweep();
  t.is(room.directory.count, 0);
});

test('nothing is deleted because of a damaged journal, however long nobody is there', (t) => {
  const { directory, find, clock } = makeDirectory({
    settings: { idleTimeLimit: '1h', emptySessionLingerTime: '1', persistence: 'true' },
  });
  directory.restore([find('one', {}, { doubts: [{ isShut: false, why: 'a line is lost' }] }).found]);
  clock.advance(100 * hour);
  t.is(directory.count, 1);
  const session = directory.find('one');
  if (session) session.options.persistent = false;
  clock.advance(100 * hour);
  t.is(directory.count, 1, 'also when an operator has made it end with its people');
});

test('who lost the connection is waited for to the second, however short an empty session lingers', (t) => {
  const settings = { emptySessionLingerTime: '0', droppedSessionLingerTime: '120' };
  const { directory, run, clock } = makeDirectory({ settings });
  const { session, member } = run(person('ann'));
  session.leave(member, 'lost');
  clock.advance(120 * second - 1);
  directory.sweep();
  t.is(directory.count, 1);
  clock.advance(1);
  t.is(directory.count, 0);
});

test('after a jump of the time nothing is deleted for three minutes', (t) => {
  const { directory, run, clock } = makeDirectory({ settings: { idleTimeLimit: '1h' } });
  run(person('ann'));
  clock.stall(2 * hour);
  t.is(directory.count, 1);
  clock.advance(3 * minute - 1);
  directory.sweep();
  t.is(directory.count, 1);
  clock.advance(1);
  directory.sweep();
  t.is(directory.count, 0);
});

test('a setting that clients see changed is applied to sessions that are open; others do nothing', (t) => {
  const { directory, run, find, settings, changes } = makeDirectory();
  const { session } = run(person('ann'));
  directory.restore([find('one').found]);
  changes.length = 0;
  const before = session.history.lastIndex;
  settings.set('welcomeMessage', 'Hello');
  t.is(session.history.lastIndex, before);
  settings.set('forceNsfm', 'true');
  t.true(session.options.nsfm);
  t.is(session.history.lastIndex, before + 1);
  t.deepEqual(
    changes.map(({ on }) => on),
    [{ kind: 'session', name: session.id }],
  );
});

test('when the server stops, everybody is disconnected with the text, files stay, and nothing is looked at any more', (t) => {
  const { directory, run, clock, settings } = makeDirectory();
  const ann = person('ann');
  const { session, kept } = run(ann);
  const empty = directory.create({ alias: '', founder: 'bob', address: '', protocol }) as Session;
  const { news } = watching(directory);
  directory.stop('Back soon');
  t.true(ann.done.includes('disconnect shutdown: Back soon'));
  t.deepEqual(kept.ends, ['history: keep']);
  t.deepEqual(news(), [`${session.id}: 0`], 'shown as it will be found again, where somebody was there');
  t.is(empty.state.name, 'ended');
  t.is(clock.waiting, 0);
  settings.set('forceNsfm', 'true');
  t.false(session.options.nsfm);
  let following = 0;
  const followed = makeDirectory({
    needs: {
      settings: {
        get: settings.get.bind(settings),
        subscribe: () => {
          following++;
          return () => void following--;
        },
      } as never,
    },
  });
  t.is(following, 1);
  followed.directory.stop('');
  t.is(following, 0);
});
