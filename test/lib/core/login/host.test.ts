// A new session as the last step of a login (login.md §9).
import test from 'ava';
import type { LoginRefusal } from '../../../../src/lib/core/login/refusals.js';
import {
  cinfo,
  hosting,
  inLobby,
  madeUp,
  protocol,
  refused,
  sid,
  type Values,
} from '../../../helpers/lobby-room.js';
import { makeLogin } from '../../../helpers/login-room.js';

test('who hosts gets a session with what they said, and is in it', (t) => {
  const made = madeUp({ alias: 'inks' });
  const room = inLobby(made, { settings: { invites: 'true', forceNsfm: 'true' } });
  const replies = room.say('host', [], { ...hosting, alias: 'inks', capabilities: 'a, b  c' });
  t.deepEqual(replies, [
    {
      type: 'result',
      state: 'host',
      message: 'Starting new session!',
      join: { id: 'inks', uniqueId: 'uniqueid', user: 1, flags: ['SKIP'], authId: '' },
    },
  ]);
  t.deepEqual(made.written, [{ alias: 'inks', founder: 'ann', address: '10.0.0.7', protocol }]);
  t.deepEqual(made.session.config.initialized, {
    flags: { allowWeb: true, nsfm: true, invites: true, unlisted: false },
    password: '',
  });
  t.deepEqual(room.done, ['entered']);
  t.is(room.login.stateName, 'done');
  const [joined] = made.joined;
  t.is(joined?.id, 1);
  t.deepEqual(joined?.options, { isHost: true });
  t.deepEqual(joined?.userInfo, {
    name: 'ann',
    authId: '',
    flags: joined?.userInfo.flags,
    isModerator: false,
    isGhost: false,
    isBrowser: false,
    ip: '10.0.0.7',
    sid,
    avatar: joined?.userInfo.avatar,
    capabilities: new Set(['a', 'b', 'c']),
    clientInfo: { app_version: '2.3.0', s: sid },
    isMinorIncompatible: false,
    inviteSecret: '',
  });
});

for (const [what, reason, kwargs, options, values] of [
  ['with a list for a password', 'passwordNoText', { password: [] }, {}, {}],
  ['where guests may not', 'mayNotHost', {}, { settings: { allowGuestHosts: 'false' } }, {}],
  ['a ghost', 'ghostHost', {}, { flags: ['MOD', 'GHOST', 'HOST'], settings: { enableGhosts: 'true' } }, {}],
  ['without a protocol', 'protocolUnreadable', { protocol: '' }, {}, {}],
  [
    'with the protocol of another program',
    'protoverns',
    { protocol: 'xx:4.24.0' },
    { settings: { minimumProtocolVersion: 'dp:4.21.0' } },
    { namespace: 'dp' },
  ],
  [
    'with an old protocol',
    'protoverold',
    { protocol: 'dp:4.20.1' },
    { settings: { minimumProtocolVersion: 'dp:4.21.2' } },
    { version: 'dp:4.21.2' },
  ],
  ['as user 0', 'userIdInvalid', { user_id: 0 }, {}, {}],
  ['as user 255', 'userIdInvalid', { user_id: 255 }, {}, {}],
  ['under a bad alias', 'badAlias', { alias: 'a b' }, {}, {}],
  ['on a full server', 'serverFull', {}, { refusal: 'closed' }, {}],
  ['under a name that is taken', 'idInUse', {}, { refusal: 'idInUse' }, {}],
  ['with a protocol that the server cannot', 'badProtocol', {}, { refusal: 'badProtocol' }, {}],
  [
    'from a browser where guests may not',
    'mayNotUseWeb',
    {},
    { isBrowser: true, settings: { allowGuestWeb: 'false' } },
    {},
  ],
  [
    'from a browser where guests may not host there',
    'mayNotHostFromWeb',
    {},
    { isBrowser: true, settings: { allowGuestWebHosts: 'false', allowGuestWeb: 'true' } },
    {},
  ],
  [
    'from a browser without a password where it needs one',
    'passwordedHost',
    {},
    {
      isBrowser: true,
      settings: { allowGuestWeb: 'true', passwordDependentWebSession: 'true', allowGuestWebSession: 'false' },
    },
    {},
  ],
  ['a session that is refused when it is made', 'serverFull', {}, { sees: { create: () => 'closed' } }, {}],
] as readonly [string, LoginRefusal, object, Parameters<typeof inLobby>[1], Values][]) {
  test(`hosting is refused: ${what}`, (t) => {
    const room = inLobby(madeUp(), options);
    refused(t, room, room.say('host', [], { ...hosting, ...kwargs }), reason, values);
  });
}

test('hosting takes what is just allowed', (t) => {
  const cases: [object, Parameters<typeof inLobby>[1]][] = [
    [{ user_id: 254 }, {}],
    [{ protocol: 'dp:4.21.2' }, { settings: { minimumProtocolVersion: 'dp:4.21.2' } }],
    [{ protocol: 'xx:1.1.1' }, { flags: ['MOD', 'HOST'], settings: { minimumProtocolVersion: 'dp:4.21.2' } }],
    [{ protocol: 'dp:4.1.1', s: '' }, {}],
    [{ password: '' }, { isBrowser: true, settings: { passwordDependentWebSession: 'true' } }],
  ];
  for (const [kwargs, options] of cases) {
    const made = madeUp();
    const room = inLobby(made, options);
    t.is(room.say('host', [], { ...hosting, ...kwargs })[0]?.state, 'host', JSON.stringify(kwargs));
    t.is(made.joined.length, 1);
  }
});

test('newer protocols need a system id', (t) => {
  for (const [command, args] of [
    ['host', []],
    ['join', ['room']],
  ] as const) {
    const room = inLobby(madeUp());
    t.deepEqual(room.say(command, args, { ...hosting, s: '' }), []);
    t.deepEqual(room.log, ['warn RuleBreak Client info without system id']);
  }
});

test('client info that is repeated must be the same, and well-formed', (t) => {
  for (const [kwargs, problem] of [
    [{ s: 'x' }, 'Malformed system id'],
    [{ ...cinfo, app_version: '9.9.9' }, 'Client info differs from the earlier one'],
  ] as const) {
    for (const command of ['host', 'join']) {
      const made = madeUp();
      const room = makeLogin();
      room.say('cinfo', ['', cinfo]);
      room.say('ident', ['ann']);
      room.log.length = 0;
      t.deepEqual(room.say(command, ['room'], { ...hosting, ...kwargs }), []);
      t.deepEqual(room.log, [`warn RuleBreak ${problem}`]);
      t.deepEqual(made.joined, []);
    }
  }
});

test('who looked up a session does not host, who looked up none does', (t) => {
  for (const [wanted, isRefused] of [
    ['room', true],
    ['', false],
    [undefined, false],
  ] as const) {
    const made = madeUp({ describe: () => ({ id: 'uniqueid' }) });
    const again = makeLogin({
      needs: {
        directory: {
          needs: { hasWebSockets: true },
          find: () => made.session,
          findTemplate: () => undefined,
          describeAll: () => [],
          watch: () => {},
          unwatch: () => {},
          refusal: () => undefined,
          create: () => made.session,
        } as never,
      },
    });
    again.say('lookup', wanted === undefined ? [] : [wanted]);
    again.say('ident', ['ann']);
    const replies = again.say('host', [], hosting);
    if (isRefused) refused(t, again, replies, 'lookupHostMismatch');
    else t.is(replies[0]?.state, 'host');
  }
});

test('a password is hashed before the session is there', (t) => {
  let hashed: ((stored: string | undefined) => void) | undefined;
  const passwords = {
    verify: () => {},
    hash: (password: string, done: (stored: string | undefined) => void) => {
      t.is(password, '5');
      hashed = done;
    },
  } as never;
  const made = madeUp();
  const room = inLobby(made, { needs: { passwords } });
  t.deepEqual(room.say('host', [], { ...hosting, password: 5 }), []);
  t.deepEqual(room.done, ['pause']);
  t.deepEqual(made.written, []);
  hashed?.('stored');
  t.is(room.news()[0]?.state, 'host');
  t.like(made.session.config.initialized as object, { password: 'stored' });
  const busy = inLobby(madeUp(), { needs: { passwords } });
  busy.say('host', [], { ...hosting, password: 5 });
  hashed?.(undefined);
  refused(t, busy, busy.news(), 'busy');
});

test('whether browsers may join a new session', (t) => {
  const allowed = (kwargs: object, options: Parameters<typeof inLobby>[1], stored?: string) => {
    const made = madeUp();
    const passwords = { hash: (_: string, done: (text?: string) => void) => done(stored), verify: () => {} };
    const room = inLobby(made, { ...options, needs: { passwords: passwords as never } });
    room.say('host', [], { ...hosting, ...kwargs });
    return (made.session.config.initialized as { flags: { allowWeb: boolean } }).flags.allowWeb;
  };
  const may = { allowGuestWebSession: 'true' };
  const mayNot = { allowGuestWebSession: 'false' };
  const depends = { passwordDependentWebSession: 'true' };
  t.true(allowed({ web: false }, { isBrowser: true }), 'from a browser, in any case');
  t.false(allowed({ web: false }, { settings: may }));
  t.true(allowed({ web: true }, { settings: may }));
  t.true(allowed({}, { settings: may }));
  t.false(allowed({ web: true }, { settings: mayNot }));
  t.false(allowed({}, { settings: { ...mayNot, ...depends } }));
  t.true(allowed({ password: 'x' }, { settings: { ...mayNot, ...depends } }, 'stored'));
  t.false(allowed({ password: 'x' }, { settings: mayNot }, 'stored'));
});

test('which new sessions are left out of the list', (t) => {
  for (const [unlistedHostPolicy, isBrowser, unlisted] of [
    ['ALL', false, true],
    ['ALL', true, true],
    ['WEB', false, false],
    ['WEB', true, true],
    ['', true, false],
  ] as const) {
    const made = madeUp();
    inLobby(made, { isBrowser, settings: { unlistedHostPolicy } }).say('host', [], hosting);
    t.like(made.session.config.initialized as object, { flags: { unlisted } as never });
  }
});
