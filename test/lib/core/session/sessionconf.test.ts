// Settings of a session that have consequences: titles, passwords, web browsers; who may change what, and what is told.
import test from 'ava';
import { actorOf, byAdministrator } from '../../../../src/lib/core/session/actor.js';
import type { DirectoryNeeds } from '../../../../src/lib/core/session/directory.js';
import type { JournalEntry } from '../../../../src/lib/core/session/saved.js';
import { type ChangeResult, changeSession } from '../../../../src/lib/core/session/sessionconf.js';
import { makeDirectory, type Person, person, repliesOf } from '../../../helpers/session-room.js';
import type { JsonObject } from '../../../helpers/wire.js';

function makeSession(
  options: {
    settings?: Record<string, string>;
    host?: Parameters<typeof person>[1];
    needs?: Partial<DirectoryNeeds>;
  } = {},
) {
  const ann = person('ann', options.host);
  const room = makeDirectory(options);
  const { session, member, kept } = room.run(ann);
  member.become('operator', true);
  room.endTurn();
  room.changes.length = ann.got.length = kept.written.length = room.listed.length = 0;
  const results: ChangeResult[] = [];
  const change = (given: JsonObject) => {
    changeSession(session, given, actorOf(member), (result) => results.push(result));
    room.endTurn();
    return results.at(-1);
  };
  const flags = () =>
    kept.written.filter((entry) => entry.key === 'flags').map((entry) => (entry as { flags: unknown }).flags);
  const values = (name: string) =>
    kept.written
      .filter(
        (entry): entry is JournalEntry & { key: 'setting' } => entry.key === 'setting' && entry.name === name,
      )
      .map(({ value }) => value);
  return { ...room, ann, session, member, kept, results, change, flags, values };
}

const configs = ({ got }: Person) => repliesOf(got, 'sessionconf').map(({ config }) => config as JsonObject);
/** In whatever case: the first of several words of an action begins the line. */
const says = (log: readonly string[], words: string) =>
  log.some((line) => line.toLowerCase().includes(words.toLowerCase()));
const problemsOf = (result: ChangeResult | undefined) => result?.problems.map(String) ?? [];

test('a title is stored, shown to all and a change; the same one again is none', (t) => {
  const { change, ann, values, changes, listed, session } = makeSession();
  t.true(change({ title: 'Ink' })?.isChanged);
  t.deepEqual(values('title'), ['Ink']);
  t.is(configs(ann).at(-1)?.title, 'Ink');
  t.like(changes[0], { what: 'session.set', before: { title: '' }, after: { title: 'Ink' } });
  t.deepEqual(listed, [`changed ${session.id}`]);
  t.false(change({ title: 'Ink' })?.isChanged);
  t.is(changes.length, 1);
  t.is(configs(ann).length, 1);
  t.is(listed.length, 1);
});

test('an automatic title follows the founder until somebody sets one', (t) => {
  const { change, session, flags } = makeSession({ host: { isModerator: true } });
  change({ autotitle: true, title: 'not this' });
  t.deepEqual([session.options.title, session.options.autotitle], ['ann Drawpile', true]);
  t.deepEqual(flags(), [['autotitle']]);
  t.false(change({ autotitle: true })?.isChanged);
  change({ founder: 'bob' });
  t.is(session.options.title, 'bob Drawpile');
  t.true(session.options.autotitle);
  change({ title: 'bob Drawpile' });
  t.false(session.options.autotitle, 'the same words, but chosen');
  change({ founder: 'eve' });
  t.is(session.options.title, 'bob Drawpile');
  t.false(change({ autotitle: false })?.isChanged);
  change({ founder: 'x'.repeat(120), autotitle: true });
  t.is(session.options.title.length, 100);
});

test('a forbidden title gives way to an automatic one, and to a plain one where the founder is forbidden too', (t) => {
  const { change, session, log, changes } = makeSession();
  t.true(change({ title: 'forbidden words' })?.isChanged);
  t.is(session.options.title, 'ann Drawpile');
  t.true(session.options.autotitle);
  t.true(log.includes("warn RuleBreak Tried to set the forbidden title 'forbidden words'"));
  t.like(changes.at(-1), { after: { title: 'ann Drawpile', autotitle: true } });
  t.true(says(log, "changed title to 'ann Drawpile', because the chosen one is forbidden"));
  t.false(change({ title: 'forbidden words' })?.isChanged, 'it has that already');
  const moderated = makeSession({ host: { isModerator: true } });
  moderated.change({ title: 'forbidden words' });
  t.is(moderated.session.options.title, 'forbidden words');
  moderated.change({ founder: 'forbidden', autotitle: true });
  t.is(moderated.session.options.title, 'Drawpile');
});

test('what only moderators may set, and what is none of a value, is refused by name, and the rest is done', (t) => {
  const { change, session } = makeSession();
  const result = change({ founder: 'eve', maxUserCount: 'many', deputies: true });
  t.true(result?.isChanged);
  t.true(session.options.deputies);
  t.is(session.options.founder, 'ann');
  t.is(result?.refusals.length, 1);
  t.regex(String(result?.refusals[0]), /founder/);
  t.is(problemsOf(result).length, 1);
  t.false(result?.isBusy);
});

test('flags are stored together when one of them changed, and not else', (t) => {
  const { change, flags } = makeSession({ settings: { persistence: 'true' } });
  change({ deputies: true, nsfm: true, persistent: true });
  t.deepEqual(flags(), [['persistent', 'nsfm', 'deputies']]);
  change({ deputies: true, title: 'Ink' });
  t.is(flags().length, 1);
});

test('who asks to close a session is told that this is not possible, and their switch goes back', (t) => {
  const { change, ann } = makeSession();
  t.false(change({ closed: true })?.isChanged);
  t.deepEqual(configs(ann), [{ closed: true }, { closed: null }]);
  t.like(repliesOf(ann.got, 'alert')[0], { T: 'closeunsupported' });
  ann.got.length = 0;
  change({ closed: false });
  t.deepEqual(ann.got, []);
});

test('a new password is told to who is in, but not to those whom an invite let in, and is a change without it', (t) => {
  const { change, session, join, ann, changes, values } = makeSession();
  const invited = person('guest', { inviteSecret: 'secret' });
  join(session, invited);
  invited.got.length = 0;
  t.true(change({ password: 'pw' })?.isChanged);
  t.deepEqual(values('password'), ['plain;pw']);
  t.deepEqual(repliesOf(ann.got, 'passwordchange'), [{ type: 'passwordchange', password: 'pw' }]);
  t.deepEqual(repliesOf(invited.got, 'passwordchange'), []);
  t.like(changes[0], { before: { password: '' }, after: { password: '***' } });
  t.is(configs(ann).at(-1)?.hasPassword, true);
  change({ password: 'other' });
  t.like(changes[1], { before: { password: '***' }, after: { password: '***' } });
  change({ password: '' });
  t.like(changes[2], { before: { password: '***' }, after: { password: '' } });
  t.false(change({ password: '' })?.isChanged);
  t.is(repliesOf(ann.got, 'passwordchange').length, 3);
  change({ title: 'Ink' });
  t.is(repliesOf(ann.got, 'passwordchange').length, 3, 'only when it changes');
});

test('a password for operators is stored, and told to nobody', (t) => {
  const { change, ann, values, changes } = makeSession();
  change({ opword: 'op' });
  t.deepEqual(values('opword'), ['plain;op']);
  t.deepEqual(repliesOf(ann.got, 'passwordchange'), []);
  t.like(changes[0], { before: { opword: '' }, after: { opword: '***' } });
  t.is(configs(ann).at(-1)?.hasOpword, true);
  change({ opword: '' });
  t.false(change({ opword: '' })?.isChanged);
  t.is(changes.length, 2);
});

test('what is changed with a password is told when the password is stored, and other commands wait for it', (t) => {
  const hashes: ((stored: string | undefined) => void)[] = [];
  const { change, session, member, ann, changes, results, endTurn } = makeSession({
    needs: { passwords: { hash: (_text, done) => void hashes.push(done), verify: () => {} } },
  });
  change({ password: 'pw', opword: 'op', title: 'Ink' });
  t.is(session.options.title, 'Ink');
  t.deepEqual([results.length, changes.length, configs(ann).length], [0, 0, 0]);
  t.true(member.hasChangeUnderWay);
  hashes[0]?.('plain;pw');
  t.is(results.length, 0, 'both are waited for');
  hashes[1]?.('plain;op');
  endTurn();
  t.is(results.length, 1);
  t.false(member.hasChangeUnderWay);
  t.like(changes[0], {
    before: { title: '', password: '', opword: '' },
    after: { title: 'Ink', password: '***', opword: '***' },
  });
  t.is(configs(ann).length, 1);
});

test('a password that finds no room among those that are hashed is not set, and that is a problem', (t) => {
  const { change, session, changes } = makeSession({
    needs: { passwords: { hash: (_text, done) => done(undefined), verify: () => {} } },
  });
  const result = change({ password: 'pw', title: 'Ink' });
  t.true(result?.isBusy);
  t.is(problemsOf(result).length, 1);
  t.true(result?.isChanged, 'the title');
  t.false(session.password.isSet);
  t.like(changes[0], { after: { title: 'Ink' } });
  const nothing = makeSession({
    needs: { passwords: { hash: (_text, done) => done(undefined), verify: () => {} } },
  });
  t.false(nothing.change({ password: 'pw' })?.isChanged);
  t.is(nothing.changes.length, 0);
});

test('a password that is set again before it is hashed is one change, and after the end there is none', (t) => {
  const hashes: ((stored: string | undefined) => void)[] = [];
  const { change, session, results, changes } = makeSession({
    needs: { passwords: { hash: (_text, done) => void hashes.push(done), verify: () => {} } },
  });
  change({ password: 'one' });
  change({ password: 'two' });
  t.is(results.length, 1);
  t.false(results[0]?.isChanged, 'the first was replaced');
  hashes[0]?.('plain;one');
  hashes[1]?.('plain;two');
  t.is(results.length, 2);
  t.is(changes.length, 1);
  change({ password: 'three' });
  session.end('', 'stop');
  changes.length = 0;
  hashes[2]?.('plain;three');
  t.is(results.length, 3);
  t.is(changes.length, 0);
});

test('a moderator who decides about a session in doubt settles it; others do not, nor do small matters', (t) => {
  for (const [given, isModerator, isSettled] of [
    [{ persistent: false }, true, true],
    [{ authOnly: true }, true, true],
    [{ password: 'pw' }, true, true],
    [{ password: '' }, true, true],
    [{ title: 'Ink' }, true, false],
    [{ persistent: false }, false, false],
  ] as const) {
    const { session, change, log } = makeSession({
      host: { isModerator, authId: 'internal:ann' },
      settings: { persistence: 'true' },
    });
    let times = 0;
    session.settleDoubts = () => ++times > 0;
    change(given);
    t.is(times > 0, isSettled, JSON.stringify(given));
    t.is(says(log, 'settled what was in doubt'), isSettled);
  }
});

test('who is unlisted is taken from the list servers, once', (t) => {
  const { change, session, listed } = makeSession({ host: { isModerator: true } });
  change({ unlisted: true });
  t.deepEqual(listed, [`unlist ${session.id} `, `changed ${session.id}`]);
  listed.length = 0;
  change({ title: 'Ink' });
  t.deepEqual(listed, [`changed ${session.id}`]);
});

// ---- web browsers and the password ----------------------------------------------------------------------

const web = {
  settings: { passwordDependentWebSession: 'true' },
  needs: { hasWebSockets: true },
};

test('where the server says so, a password lets web browsers in, and its removal shuts them out', (t) => {
  const { change, session, join, changes, flags, log, ann } = makeSession(web);
  change({ password: 'pw' });
  t.true(session.options.allowWeb);
  t.deepEqual(flags(), [['allowWeb']]);
  t.like(changes[0], { after: { password: '***', allowWeb: true } });
  t.true(says(log, 'allowed web browsers, set a password'));
  const [browser, invited, moderator, guest] = [
    person('browser', { isBrowser: true }),
    person('invited', { isBrowser: true, inviteSecret: 'secret' }),
    person('moderator', { isBrowser: true, isModerator: true }),
    person('guest'),
  ];
  for (const each of [browser, invited, moderator, guest]) join(session, each);
  ann.got.length = 0;
  change({ password: '' });
  t.false(session.options.allowWeb);
  t.deepEqual(flags().at(-1), []);
  t.deepEqual(
    session.people.members.map(({ name }) => name),
    ['ann', 'invited', 'moderator', 'guest'],
  );
  t.true(browser.done.some((each) => each.startsWith('disconnect shutdown')));
  t.like(repliesOf(ann.got, 'alert')[0], { T: 'kickwebusers', P: { by: 'ann' } });
  t.true(says(log, 'disallowed web browsers, removed the password'));
});

test('a new password changes nothing for web browsers that may come already', (t) => {
  const { change, session, join } = makeSession(web);
  change({ password: 'pw' });
  const browser = person('browser', { isBrowser: true });
  join(session, browser);
  t.true(change({ password: 'other' })?.isChanged);
  t.true(session.options.allowWeb);
  t.is(session.people.count, 2);
});

test('who is disconnected by the removal of a password is a change', (t) => {
  const { change, session, join, changes } = makeSession(web);
  change({ password: 'pw' });
  join(session, person('browser', { isBrowser: true }));
  change({ password: '' });
  t.like(
    changes.find(({ what }) => what === 'session.kickBrowsers'),
    { before: { users: ['browser'] } },
  );
});

test('where nobody has to go, nobody reads of it', (t) => {
  const { change, ann, changes } = makeSession(web);
  change({ password: 'pw' });
  change({ password: '' });
  t.deepEqual(repliesOf(ann.got, 'alert'), []);
  t.deepEqual(
    changes.map(({ what }) => what),
    ['session.set', 'session.set'],
  );
});

test('web browsers come in only when the password is stored, at once where it is the same', (t) => {
  const hashes: ((stored: string | undefined) => void)[] = [];
  const { change, session, flags } = makeSession({
    ...web,
    needs: { ...web.needs, passwords: { hash: (_text, done) => void hashes.push(done), verify: () => {} } },
  });
  change({ password: 'pw' });
  t.false(session.options.allowWeb);
  change({ password: 'pw' });
  t.true(session.options.allowWeb, 'it is being stored, and nobody comes in without it');
  t.is(flags().length, 1);
  hashes[0]?.('plain;pw');
  t.true(session.options.allowWeb);
});

test('web browsers do not follow the password where the server does not say so, or who may decide has decided', (t) => {
  for (const [what, options, given] of [
    ['no WebSockets', { ...web, needs: {} }, { password: 'pw' }],
    ['the server does not say so', { ...web, settings: {} }, { password: 'pw' }],
    [
      'it was decided',
      { ...web, host: { flags: new Set(['WEBSESSION']) } },
      { password: 'pw', allowWeb: false },
    ],
  ] as const) {
    const { change, session } = makeSession(options);
    change(given);
    t.false(session.options.allowWeb, what);
    t.true(session.password.isSet);
  }
  const undecided = makeSession(web);
  undecided.change({ password: 'pw', allowWeb: false });
  t.true(undecided.session.options.allowWeb, 'who may not decide has not decided');
  const administrator = makeSession(web);
  changeSession(administrator.session, { password: 'pw', allowWeb: false }, byAdministrator);
  t.false(administrator.session.options.allowWeb);
});

test('a password is removed and web browsers stay for who may decide about them', (t) => {
  const { change, session } = makeSession({ ...web, host: { flags: new Set(['WEBSESSION']) } });
  change({ password: 'pw' });
  change({ password: '' });
  t.true(session.options.allowWeb);
  t.false(session.password.isSet);
  const administrator = makeSession(web);
  administrator.change({ password: 'pw' });
  changeSession(administrator.session, { password: '' }, byAdministrator);
  t.true(administrator.session.options.allowWeb);
});

test('who is there by web browser cannot shut themselves out by removing the password', (t) => {
  const { change, session } = makeSession({ ...web, host: { isBrowser: true } });
  change({ password: 'pw' });
  t.false(change({ password: '' })?.isChanged);
  t.true(session.password.isSet);
  t.true(session.options.allowWeb);
});

// ---- settings of the server -----------------------------------------------------------------------------

test('what a setting of the server requires is set, stored and shown; what it does not change is shown as well', (t) => {
  const { session, settings, changes, flags, values, ann, log, listed } = makeSession();
  session.options.resetThreshold = 100;
  settings.set('forceNsfm', 'true');
  t.true(session.options.nsfm);
  t.deepEqual(flags(), [['nsfm']]);
  t.is(configs(ann).length, 0, 'with the history');
  t.like(changes[0], {
    actor: { kind: 'rule', name: 'serverSetting' },
    before: { nsfm: false },
    after: { nsfm: true },
  });
  t.true(says(log, 'tagged NSFM'));
  changes.length = 0;
  settings.set('minimumAutoResetThreshold', '150kb');
  t.deepEqual(values('resetThreshold'), [153_600]);
  t.is(flags().length, 1, 'no flag changed');
  t.is(changes.length, 1);
  const before = session.history.lastIndex;
  settings.set('preferWebSockets', 'true');
  t.is(changes.length, 1);
  t.is(session.history.lastIndex, before + 1);
  t.is(listed.filter((each) => each === `changed ${session.id}`).length, 3);
});
