// The steps of a login before and beside the name: what the server says first, TLS, client info, look-ups, and bans of the
// entire server (login.md §2–§5, §12).
import test, { type ExecutionContext } from 'ava';
import type { BanReaction, ServerBan } from '../../../../src/lib/core/login/needs.js';
import { type LoginRefusal, loginRefusals } from '../../../../src/lib/core/login/refusals.js';
import { applyServerBan, banText, findBan } from '../../../../src/lib/core/login/server-ban.js';
import { account, type LoginRoomOptions, makeLogin, type Reply } from '../../../helpers/login-room.js';

const sid = 'a'.repeat(32);
const other = 'B'.repeat(32);

function refused(t: ExecutionContext, replies: Reply[], reason: LoginRefusal, text?: string): void {
  const row = loginRefusals[reason];
  t.deepEqual(replies, [{ type: 'error', code: row.code, message: text ?? row.text }]);
}

function greeting(options: LoginRoomOptions = {}): Reply {
  const room = makeLogin(options);
  room.login.greet();
  return room.news()[0]!;
}

const always = ['MBANIMPEX', 'LOOKUP', 'CINFO'];
/** What is off by itself, or not the point. */
const quiet = { abusereport: 'false', customAvatars: 'false', sessionCountLimit: '1', persistence: 'false' };

test('the server says what it is, what it can do and how one gets in', (t) => {
  t.deepEqual(greeting({ settings: quiet }), {
    type: 'login',
    message: 'Drawpile server dp test',
    version: 4,
    flags: always,
    methods: { guest: { actions: ['join', 'host'] } },
  });
});

for (const [flag, options] of [
  ['MULTI', { settings: { ...quiet, sessionCountLimit: '2' } }],
  ['PERSIST', { settings: { ...quiet, persistence: 'true' } }],
  ['NOGUEST', { settings: { ...quiet, allowGuests: 'false' } }],
  ['NOGUEST', { isBrowser: true, settings: { ...quiet, allowGuestWeb: 'false' } }],
  ['REPORT', { settings: { ...quiet, abusereport: 'true' } }],
  ['AVATAR', { settings: { ...quiet, customAvatars: 'true' } }],
  ['CBANIMPEX', { settings: quiet, needs: { canSealBans: true } }],
  ['TLS', { settings: quiet, canStartTls: true, needs: { tls: 'offered' } }],
  ['TLS,SECURE', { settings: quiet, canStartTls: true, needs: { tls: 'required' } }],
  ['', { settings: quiet, canStartTls: true }],
  ['', { settings: quiet, needs: { tls: 'required' } }],
  ['', { settings: { ...quiet, abusereport: 'true' }, needs: { reports: { isEnabled: false } } }],
  ['', { settings: { ...quiet, allowGuestWeb: 'false' } }],
] as readonly [string, LoginRoomOptions][]) {
  test(`what a server can do: ${flag || 'nothing more'}, with ${JSON.stringify(options)}`, (t) => {
    t.deepEqual(greeting(options).flags, [...flag.split(',').filter(Boolean), ...always]);
  });
}

test('how one gets in depends on accounts, guests, browsers and the login server', (t) => {
  const url = 'https://login.example';
  const methods = (settings: Record<string, string>, more: LoginRoomOptions = {}) =>
    greeting({ settings: { ...quiet, ...settings }, ...more }).methods;
  const [both, join] = [{ actions: ['join', 'host'] }, { actions: ['join'] }];
  t.deepEqual(methods({ allowGuestHosts: 'false' }), { guest: join });
  t.deepEqual(methods({ allowGuestWebHosts: 'false' }), { guest: both });
  t.deepEqual(methods({ allowGuestWebHosts: 'false' }, { isBrowser: true }), { guest: join });
  t.deepEqual(methods({ allowGuestWebHosts: 'true' }, { isBrowser: true }), { guest: both });
  t.is(methods({ allowGuests: 'false' }), undefined);
  const accounts = [account('ann')];
  t.deepEqual(methods({ allowGuests: 'false' }, { accounts }), { auth: both });
  const none = { allowGuests: 'false', allowGuestHosts: 'false' };
  const of = (settings: Record<string, string>, isBrowser = false) =>
    methods({ ...none, ...settings }, { url, isBrowser });
  t.deepEqual(of({ extauthhost: 'false' }), { extauth: { url, ...join } });
  t.deepEqual(of({ extauthhost: 'true' }), { extauth: { url, ...both } });
  t.deepEqual(of({ extauthhost: 'true', extauthwebhost: 'false' }, true), { extauth: { url, ...join } });
  t.deepEqual(of({ extauthhost: 'true', extauthwebhost: 'true' }, true), { extauth: { url, ...both } });
  t.deepEqual(of({ extauthhost: 'false', allowGuestHosts: 'true' }), { extauth: { url, ...both } });
});

test('rules, a page and the wish for WebSockets are in the greeting where there are any', (t) => {
  t.like(greeting({ settings: { ruleText: ' Be kind. ', loginInfoUrl: 'https://x' } }), {
    rules: 'Be kind.',
    info: 'https://x',
  });
  const { rules, info, preferWebSockets } = greeting({
    settings: { ruleText: '  ', preferWebSockets: 'true' },
  });
  t.deepEqual([rules, info, preferWebSockets], [undefined, undefined, undefined]);
  const directory = { needs: { hasWebSockets: true } } as never;
  t.true(greeting({ settings: { preferWebSockets: 'true' }, needs: { directory } }).preferWebSockets);
  t.is(greeting({ needs: { directory } }).preferWebSockets, undefined);
});

test('a server that demands TLS hears nothing else before it', (t) => {
  const options: LoginRoomOptions = { canStartTls: true, needs: { tls: 'required' } };
  refused(t, makeLogin(options).say('ident', ['Ann']), 'tlsRequired');
  const room = makeLogin(options);
  t.deepEqual(room.say('startTls'), [{ type: 'result', startTls: true, message: 'Start TLS now!' }]);
  t.deepEqual(room.done, ['TLS starts']);
  t.is(room.login.stateName, 'secure');
  room.login.secured();
  t.is(room.login.stateName, 'ident');
  room.login.secured();
  t.is(room.login.stateName, 'ident');
  t.is(makeLogin({ needs: { tls: 'required' } }).login.stateName, 'ident', 'no browser can');
});

test('TLS is refused where there is none, and where it is there already', (t) => {
  refused(t, makeLogin({ canStartTls: true }).say('startTls'), 'noTls');
  refused(t, makeLogin({ needs: { tls: 'offered' } }).say('startTls'), 'noTls');
  const room = makeLogin({ transport: 'tls', canStartTls: true, needs: { tls: 'offered' } });
  t.deepEqual(room.say('startTls'), []);
  t.deepEqual(room.done, ['disconnect error: invalid message']);
  t.deepEqual(room.log, ['warn RuleBreak startTls on an encrypted connection']);
});

test('an unknown command breaks the rules, by its first forty characters', (t) => {
  const room = makeLogin();
  t.deepEqual(room.say('x'.repeat(50)), []);
  t.deepEqual(room.log, [`warn RuleBreak Unexpected login command '${'x'.repeat(40)}'`]);
  t.deepEqual(room.done, ['disconnect error: invalid message']);
  t.deepEqual(room.say('ident', ['Ann']), [], 'nothing is answered after the end');
  t.is(room.log.length, 1);
  const inherited = makeLogin();
  inherited.say('toString');
  t.is(inherited.log.length, 1);
});

test('messages that are no commands are dropped during login', (t) => {
  const room = makeLogin();
  room.login.dropFrame(148, Buffer.alloc(1));
  t.deepEqual(room.log, ['debug RuleBreak Dropped a message of type 148 during login']);
});

const info = { app_version: '2.3.0', s: sid };

test('client info is kept, logged and answered, once', (t) => {
  const room = makeLogin({ isBrowser: true });
  const object = {
    ...info,
    s: `${sid}/${other}`,
    os: ` ${'x'.repeat(70)} `,
    m: '',
    protocol_version: 7,
    more: 'x',
  };
  t.deepEqual(room.say('cinfo', ['', object]), [
    { type: 'result', message: 'Client info OK!', cinfo: { browser: true } },
  ]);
  const values = { app_version: '2.3.0', os: 'x'.repeat(65), s: `${sid}/${other}`.slice(0, 65) };
  t.deepEqual(room.login.clientInfo, { values, sid, sids: [sid, other.toLowerCase()] });
  t.deepEqual(JSON.parse(room.log[0]?.slice('info ClientInfo '.length) ?? ''), {
    address: '10.0.0.7',
    ...values,
  });
  refused(t, room.say('cinfo', ['', object]), 'cinfoAlreadyDone');
});

for (const [what, reason, args] of [
  ['without a host', 'clientInfoArguments', [info]],
  ['with a third argument', 'clientInfoArguments', ['', info, 1]],
  ['with a number for a host', 'clientInfoArguments', [1, info]],
  ['with a list', 'clientInfoArguments', ['', []]],
  ['without a version', 'badversion', ['', { s: sid }]],
  ['with half of a version', 'badversion', ['', { ...info, app_version: '2.3' }]],
] as const) {
  test(`client info ${what} is refused`, (t) => {
    const room = makeLogin();
    refused(t, room.say('cinfo', args), reason);
    t.is(room.login.clientInfo, undefined);
  });
}

test('client info needs a system id of 32 hexadecimal digits, or two', (t) => {
  for (const s of [undefined, '', 'x', sid.slice(1), `${sid}a`, `${sid}/`, `g${sid.slice(1)}`]) {
    const room = makeLogin();
    t.deepEqual(room.say('cinfo', ['', { ...info, s }]), [], `${s}`);
    t.deepEqual(room.log, ['warn RuleBreak Client info without a valid system id']);
  }
});

test('a server may insist on its name', (t) => {
  const needs = { localHost: 'Draw.example' };
  for (const host of ['draw.example', 'DRAW.EXAMPLE']) {
    const room = makeLogin({ needs, settings: { requireMatchingHost: 'true' } });
    t.is(room.login.stateName, 'clientInfo');
    refused(
      t,
      makeLogin({ needs, settings: { requireMatchingHost: 'true' } }).say('ident', ['Ann']),
      'clientInfoUnsupported',
    );
    room.say('cinfo', [host, info]);
    t.is(room.login.stateName, 'ident');
  }
  const strict = makeLogin({ needs, settings: { requireMatchingHost: 'true' } });
  refused(
    t,
    strict.say('cinfo', ['other', info]),
    'mismatchedHostName',
    loginRefusals.mismatchedHostName.text.replace('{host}', 'Draw.example'),
  );
  const lax = makeLogin({ needs, settings: { requireMatchingHost: 'false' } });
  lax.say('cinfo', ['o'.repeat(101), info]);
  t.is(lax.log[0], `info ClientInfo Connected to host name '${'o'.repeat(100)}' instead of 'Draw.example'`);
  const unknown = makeLogin({ settings: { requireMatchingHost: 'true' } });
  t.is(unknown.login.stateName, 'ident', 'who does not know its name cannot');
});

const session = { isHere: true };

function lookupRoom(settings: Record<string, string> = {}, uses: unknown = 'notFound') {
  const described = { id: 'room', title: 'Room', hasPassword: true, closed: true };
  const directory = {
    needs: { hasWebSockets: false },
    find: (id: string) =>
      id === 'room' ? { ...session, describe: () => described, invites: { check: () => uses } } : undefined,
    findTemplate: (id: string) => (id === 'class' ? { alias: 'class' } : undefined),
    describeTemplate: (_: unknown, isJoining: boolean) => ({ id: 'class', isJoining }),
    describeAll: () => [],
    watch: () => {},
    unwatch: () => {},
  };
  return makeLogin({ settings, needs: { directory: directory as never } });
}

test('a look-up says what is wanted, once', (t) => {
  const host = lookupRoom();
  t.deepEqual(host.say('lookup'), [{ type: 'result', lookup: 'host', message: 'Host lookup OK!' }]);
  t.deepEqual(host.login.lookup, { kind: 'host' });
  refused(t, host.say('lookup'), 'lookupAlreadyDone');
  refused(t, lookupRoom().say('lookup', ['room', 'x']), 'lookupArguments');
  for (const nothing of ['', 7]) {
    const join = lookupRoom();
    t.deepEqual(join.say('lookup', [nothing]), [
      { type: 'result', lookup: 'join', message: 'Empty join lookup OK!' },
    ]);
    t.deepEqual(join.login.lookup, { kind: 'join', id: '', inviteSecret: '' });
    refused(t, lookupRoom({ mandatoryLookup: 'true' }).say('lookup', [nothing]), 'lookupRequired');
  }
  const room = lookupRoom();
  t.like(room.say('lookup', ['room'])[0], { lookup: 'join', message: 'Join lookup OK!' });
  t.deepEqual(room.login.lookup, { kind: 'join', id: 'room', inviteSecret: '' });
  t.deepEqual(lookupRoom().say('lookup', ['class'])[0]?.session, { id: 'class', isJoining: true });
  refused(t, lookupRoom().say('lookup', ['nowhere']), 'lookupFailed');
});

test('a look-up may be demanded, and newer protocols demand it', (t) => {
  for (const [settings, state] of [
    [{ mandatoryLookup: 'true' }, 'lookup'],
    [{ minimumProtocolVersion: 'dp:4.24.0' }, 'lookup'],
    [{ minimumProtocolVersion: 'dp:4.23.0' }, 'ident'],
    [{ minimumProtocolVersion: 'dp:3.24.0' }, 'ident'],
    [{}, 'ident'],
  ] as const) {
    const room = lookupRoom(settings as Record<string, string>);
    t.is(room.login.stateName, state, JSON.stringify(settings));
    if (state === 'lookup') {
      room.say('lookup', ['room']);
      t.is(room.login.stateName, 'ident');
      refused(
        t,
        lookupRoom(settings as Record<string, string>).say('ident', ['Ann']),
        'clientLookupUnsupported',
      );
    }
  }
});

test('an invite in a look-up is checked for who has said who they are', (t) => {
  for (const [use, reason] of [
    ['notFound', 'inviteNotFound'],
    ['limitReached', 'inviteLimitReached'],
    ['noSystemId', 'inviteNoClientKey'],
  ] as const) {
    const room = lookupRoom({}, use);
    room.say('cinfo', ['', info]);
    refused(t, room.say('lookup', ['room:secret']), reason);
    const unknown = lookupRoom({}, use);
    t.is(unknown.say('lookup', ['room:secret'])[0]?.lookup, 'join');
    t.deepEqual(unknown.login.lookup, { kind: 'join', id: 'room', inviteSecret: 'secret' });
  }
  const room = lookupRoom({}, { isNew: true });
  room.say('cinfo', ['', info]);
  const [reply] = room.say('lookup', ['room:secret']);
  t.like(reply?.session, { id: 'room', hasPassword: false });
});

const ban = (reaction: BanReaction, more: Partial<ServerBan> = {}): ServerBan => ({
  reaction,
  expires: undefined,
  reason: '',
  source: 'ip ban 3',
  ...more,
});

test('a ban fits by system id, then by number, then by address, which some are exempt from', (t) => {
  const [first, second, third] = [ban('normal'), ban('hang'), ban('timer')];
  const bans = {
    forSystem: (id: string) => (id === sid ? first : undefined),
    forUser: (uid: number) => (uid === 0 ? second : undefined),
    forAddress: (ip: string) => (ip === '10.0.0.7' ? third : undefined),
  };
  const person = { ip: '10.0.0.7', sids: ['x', sid], externalUid: 0, flags: new Set<string>() };
  t.is(findBan(bans, person), first);
  t.is(findBan(bans, { ...person, sids: ['x'] }), second);
  t.is(findBan(bans, { ...person, sids: [], externalUid: undefined }), third);
  t.is(findBan(bans, { ...person, sids: [], externalUid: 1 }), third);
  for (const flag of ['MOD', 'BANEXEMPT']) {
    t.is(findBan(bans, { ...person, sids: [], externalUid: 1, flags: new Set([flag]) }), undefined);
  }
});

test('a banned user reads until when, and why', (t) => {
  t.is(banText(ban('normal')), 'Permanently banned from this server');
  t.is(banText(ban('normal', { reason: 'spam' })), 'Permanently banned from this server: spam');
  const expires = Date.UTC(2027, 1, 3, 23);
  t.is(banText(ban('normal', { expires })), 'Banned from this server until 2027-02-03');
});

for (const [reaction, isOver, done, replies] of [
  ['normal', true, ['disconnect error: Permanently banned from this server'], []],
  ['neterror', true, ['disconnect error: Network error: no route to host'], []],
  ['garbage', true, ['ignored'], [{ type: 'result', state: 'checkauth', message: 'check authentication' }]],
  ['hang', true, ['ignored'], []],
  ['timer', false, [], []],
] as const) {
  test(`a ban with the reaction "${reaction}"`, (t) => {
    const room = makeLogin({ bans: { address: ban(reaction) } });
    t.is(applyServerBan(room.login), isOver);
    t.deepEqual(room.log, [`info Ban Login denied by ip ban 3 (reaction: ${reaction})`]);
    t.deepEqual(room.done, done as unknown as string[]);
    t.deepEqual(room.news(), replies as unknown as Reply[]);
    t.is(room.login.stateName, isOver ? 'done' : 'ident');
  });
}

test('a ban by timer lets somebody in for one to five seconds', (t) => {
  for (const [byte, ms] of [
    [0, 1000],
    [51, 1800],
    [255, 5000],
  ] as const) {
    const random = { bytes: () => Uint8Array.of(byte) };
    const room = makeLogin({ bans: { address: ban('timer') }, needs: { random } });
    applyServerBan(room.login);
    room.clock.advance(ms - 1);
    t.deepEqual(room.done, []);
    room.clock.advance(1);
    t.deepEqual(room.done, ['abort: banned (reaction: timer)']);
  }
  const gone = makeLogin({ bans: { address: ban('timer') } });
  applyServerBan(gone.login);
  gone.link.isClosed = true;
  gone.clock.advance(6000);
  t.deepEqual(gone.done, []);
});

test('who is not banned goes on', (t) => {
  const room = makeLogin();
  t.false(applyServerBan(room.login));
  t.deepEqual(room.log, []);
});
