// Who somebody is: a guest, the owner of an account, or one whom another server vouches for (login.md §6, §7).
import test, { type ExecutionContext } from 'ava';
import type { GuestAnswer } from '../../../../src/lib/core/login/needs.js';
import { type LoginRefusal, loginRefusals } from '../../../../src/lib/core/login/refusals.js';
import { account, type LoginRoomOptions, makeLogin, type Reply } from '../../../helpers/login-room.js';

type Room = ReturnType<typeof makeLogin>;

/** The one reply is this refusal, and the login is over. */
function refused(t: ExecutionContext, room: Room, replies: Reply[], reason: LoginRefusal): void {
  const { code, text } = loginRefusals[reason];
  t.deepEqual(replies, [{ type: 'error', code, message: text }]);
  t.deepEqual(room.refused, [code]);
  t.deepEqual(room.log, [`debug RuleBreak Login refused (${code})`]);
  t.is(room.done.filter((each) => each !== 'resume').at(-1), 'disconnect error: Login error');
  t.is(room.login.stateName, 'done');
  t.is(room.login.identity, undefined);
}

const url = 'https://login.example';
const askPassword = { type: 'result', state: 'needPassword', message: 'Password needed' };

function mismatch(intent: string, method: string, more: object = {}): Reply {
  return { type: 'result', state: 'intentMismatch', message: 'Intent mismatch', intent, method, ...more };
}

test('a guest gets in with a name, and sees the lobby', (t) => {
  for (const kwargs of [{}, { intent: '' }, { intent: 'guest' }]) {
    const room = makeLogin();
    t.deepEqual(room.say('ident', ['Ann'], kwargs), [
      {
        type: 'result',
        state: 'identOk',
        message: 'Guest login OK!',
        flags: ['HOST', 'WEB', 'WEBHOST', 'WEBSESSION'],
        ident: 'Ann',
        guest: true,
      },
      { type: 'login', message: 'Welcome', sessions: [] },
    ]);
    t.like(room.login.identity, {
      name: 'Ann',
      authId: '',
      isGuest: true,
      isModerator: false,
      isGhost: false,
      externalUid: undefined,
    });
    t.is(room.login.identity?.avatar.length, 0);
    t.is(room.login.stateName, 'lobby');
  }
});

for (const [what, reason, args, kwargs] of [
  ['nothing', 'identArguments', [], {}],
  ['three arguments', 'identArguments', ['a', 'b', 'c'], {}],
  ['a number', 'badUsername', [7], {}],
  ['an empty name', 'badUsername', [''], {}],
  ['a name that is forbidden', 'forbiddenUsername', ['forbidden'], {}],
  ['an unknown intent', 'identError', ['Ann'], { intent: 'host' }],
  ['a token that nobody asked for', 'tokenUnasked', ['Ann'], { extauth: 't' }],
] as const) {
  test(`${what} for a name is refused`, (t) => {
    const room = makeLogin();
    refused(t, room, room.say('ident', args, kwargs), reason);
  });
}

test('where guests are not allowed, nobody learns which names exist', (t) => {
  const options: LoginRoomOptions = { settings: { allowGuests: 'false' }, accounts: [account('ann')] };
  const unknown = makeLogin(options);
  const known = makeLogin(options);
  t.deepEqual(unknown.say('ident', ['bob']), [askPassword]);
  t.deepEqual(known.say('ident', ['ann']), [askPassword]);
  for (const [room, name, stored] of [
    [unknown, 'bob', /^sodium;\$argon2id\$/],
    [known, 'ann', /^of ann$/],
  ] as const) {
    t.deepEqual(room.say('ident', [name, 'guess']), []);
    t.is(room.checks[0]?.password, 'guess');
    t.regex(room.checks[0]?.stored ?? '', stored);
    t.deepEqual(room.done, ['pause']);
    const { code, text } = loginRefusals.badPassword;
    t.deepEqual(room.answer(false), [{ type: 'error', code, message: text }]);
    t.deepEqual(room.done, ['pause', 'resume']);
    t.is(room.login.stateName, 'ident');
  }
});

test('the owner of an account gets in with its password, and what it may do', (t) => {
  const room = makeLogin({ accounts: [account('ann', ['MOD', '', 'TRUSTED'])] });
  for (const intent of [undefined, 'auth'])
    t.deepEqual(room.say('ident', ['ann'], { intent }), [askPassword]);
  room.say('ident', ['ann', 'secret']);
  const [reply] = room.answer(true);
  t.like(reply, { state: 'identOk', message: 'Authenticated login OK!', ident: 'ann', guest: false });
  const flags = reply?.flags as string[];
  t.deepEqual(flags.slice(0, 3), ['MOD', 'TRUSTED', 'PERSIST'], 'moderators may keep sessions');
  t.like(room.login.identity, { authId: 'internal:ann', isGuest: false, isModerator: true });
});

for (const [what, reason, change, kwargs] of [
  ['with a token', 'tokenForAccount', {}, { extauth: 't' }],
  ['that is locked', 'bannedName', { isLocked: true }, {}],
] as const) {
  test(`an account ${what} lets nobody in`, (t) => {
    const room = makeLogin({ accounts: [{ ...account('ann'), ...change }] });
    refused(t, room, room.say('ident', ['ann', 'secret'], kwargs), reason);
    t.is(room.checks.length, 0);
  });
}

test('who wants to get in in another way than they could is asked again', (t) => {
  const room = makeLogin({ accounts: [account('ann')] });
  t.deepEqual(room.say('ident', ['ann', 'x'], { intent: 'guest' }), [mismatch('guest', 'auth')]);
  t.deepEqual(room.say('ident', ['ann', 'x'], { intent: 'extauth' }), [mismatch('extauth', 'auth')]);
  t.deepEqual(room.say('ident', ['bob'], { intent: 'auth' }), [mismatch('auth', 'guest')]);
  t.is(room.login.stateName, 'ident');
  t.is(room.checks.length, 0);
});

test('the tenth wrong password ends the connection, and each wrong one is waited for longer', (t) => {
  const room = makeLogin({ accounts: [account('ann')] });
  for (let tries = 1; tries <= 9; tries++) {
    room.say('ident', ['ann', 'wrong']);
    while (room.checks.length === 0) room.clock.advance(1000);
    t.is(room.answer(false)[0]?.code, 'badPassword');
    t.is(room.login.stateName, 'ident', `${tries}`);
  }
  room.say('ident', ['ann', 'wrong']);
  while (room.checks.length === 0) room.clock.advance(1000);
  t.is(room.answer(false)[0]?.code, 'badPassword');
  t.is(room.login.stateName, 'done');
});

test('where too many passwords wait, that is said, and none counts as wrong', (t) => {
  const room = makeLogin({ accounts: [account('ann')] });
  room.say('ident', ['ann', 'secret']);
  refused(t, room, room.answer(undefined), 'busy');
});

test('nothing happens to a connection that is gone when its password is checked', (t) => {
  const room = makeLogin({ accounts: [account('ann')] });
  room.say('ident', ['ann', 'secret']);
  room.link.isClosed = true;
  t.deepEqual(room.answer(true), []);
  t.deepEqual(room.done, ['pause']);
});

test('a picture counts where the server allows it', (t) => {
  const avatar = Buffer.from('picture').toString('base64');
  for (const [customAvatars, bytes] of [
    ['true', 7],
    ['false', 0],
  ] as const) {
    const room = makeLogin({ settings: { customAvatars } });
    room.say('ident', ['Ann'], { avatar });
    t.is(room.login.identity?.avatar.length, bytes);
  }
});

for (const [what, reason, flags, settings] of [
  ['without being a moderator', 'ghostWithoutMod', ['GHOST'], { enableGhosts: 'true' }],
  ['where there are none', 'ghostsNotAllowed', ['GHOST', 'MOD'], { enableGhosts: 'false' }],
] as const) {
  test(`no ghost gets in ${what}`, (t) => {
    const room = makeLogin({ accounts: [account('ann', flags)], settings });
    room.say('ident', ['ann', 'x']);
    refused(t, room, room.answer(true), reason);
  });
}

test('a moderator may be a ghost where the server allows it', (t) => {
  const room = makeLogin({
    accounts: [account('ann', ['GHOST', 'MOD'])],
    settings: { enableGhosts: 'true' },
  });
  room.say('ident', ['ann', 'x']);
  room.answer(true);
  t.like(room.login.identity, { isGhost: true, isModerator: true });
});

test('from a browser an account needs the right for it, a guest is looked at later', (t) => {
  const options = { isBrowser: true, settings: { allowGuestWeb: 'false' } };
  const ann = makeLogin({ ...options, accounts: [account('ann')] });
  ann.say('ident', ['ann', 'x']);
  refused(t, ann, ann.answer(true), 'webNotAllowed');
  const web = makeLogin({ ...options, accounts: [account('ann', ['WEB'])] });
  web.say('ident', ['ann', 'x']);
  web.answer(true);
  t.is(web.login.stateName, 'lobby');
  const guest = makeLogin(options);
  guest.say('ident', ['bob']);
  t.is(guest.login.stateName, 'lobby');
});

/** Asks for a token: the reply, and a room that waits for it. */
function asked(options: LoginRoomOptions = {}, kwargs: object = {}) {
  const room = makeLogin({ url, ...options });
  room.say('ident', ['Ann'], kwargs);
  room.guests.shift()?.done('auth');
  return { room, replies: room.news() };
}

test('who has no account here is asked about at the login server', (t) => {
  const room = makeLogin({ url });
  t.deepEqual(room.say('ident', ['Ann']), []);
  t.is(room.guests[0]?.name, 'Ann');
  t.deepEqual(room.done, ['pause']);
  room.guests[0]?.done('guest');
  t.like(room.news()[0], { state: 'identOk', guest: true });
  t.is(room.done.at(-1), 'resume');
});

for (const [answer, reason] of [
  ['outgroup', 'extauthOutgroup'],
  ['banned', 'extauthLocked'],
  ['refused', 'extauth'],
  ['busy', 'busy'],
] as const) {
  test(`a name that the login server calls "${answer}" is refused`, (t) => {
    const room = makeLogin({ url });
    room.say('ident', ['Ann']);
    room.guests[0]?.done(answer as GuestAnswer);
    refused(t, room, room.news(), reason);
  });
}

test('a login server that cannot be reached lets guests in only where that is wanted', (t) => {
  const strict = makeLogin({ url, settings: { extauthfallback: 'false' } });
  strict.say('ident', ['Ann']);
  strict.guests[0]?.done('unreachable');
  refused(t, strict, strict.news(), 'noExtAuth');
  for (const intent of [undefined, 'guest', 'auth', 'extauth']) {
    const lax = makeLogin({ url, settings: { extauthfallback: 'true' } });
    lax.say('ident', ['Ann'], { intent });
    lax.guests[0]?.done('unreachable');
    const [reply] = lax.news();
    if (intent === undefined || intent === 'guest') t.like(reply, { state: 'identOk', guest: true });
    else t.deepEqual(reply, mismatch(intent, 'guest', { extauthfallback: true }));
  }
});

test('an intent that does not fit what the login server says is asked for again', (t) => {
  const room = makeLogin({ url });
  room.say('ident', ['Ann'], { intent: 'extauth' });
  room.guests.shift()?.done('guest');
  t.deepEqual(room.news(), [mismatch('extauth', 'guest')]);
  for (const intent of ['guest', 'auth']) {
    const { replies } = asked({}, { intent });
    t.deepEqual(replies, [mismatch(intent, 'extauth')]);
  }
});

test('a token is asked for with a nonce, without zeros in front', (t) => {
  const token = {
    type: 'result',
    state: 'needExtAuth',
    message: 'Ext auth needed',
    extauthurl: url,
    nonce: '3333333333333333',
    group: 'artists',
  };
  for (const kwargs of [{}, { intent: 'extauth' }]) {
    const { replies } = asked({ settings: { extAuthAvatars: 'true' } }, kwargs);
    t.deepEqual(replies, [{ ...token, avatar: true }]);
  }
  t.deepEqual(asked({ settings: { extAuthAvatars: 'false' } }).replies, [{ ...token, avatar: false }]);
  const avatar = Buffer.from('own').toString('base64');
  const own = asked({ settings: { extAuthAvatars: 'true', customAvatars: 'true' } }, { avatar });
  t.is(own.replies[0]?.avatar, false, 'who brings a picture needs none');
  const zeros = { random: { bytes: () => Uint8Array.of(0, 5, 0, 0, 0, 0, 0, 0) } };
  t.is(asked({ needs: zeros }).replies[0]?.nonce, '5000000000000');
  const none = { random: { bytes: () => new Uint8Array(8) } };
  t.is(asked({ needs: none }).replies[0]?.nonce, '0');
});

test('without guests a token is asked for at once', (t) => {
  const room = makeLogin({ url, settings: { allowGuests: 'false' } });
  t.like(room.say('ident', ['Ann'])[0], { state: 'needExtAuth' });
  t.is(room.guests.length, 0);
});

test('a token lets in whom it names, with what it may do and its picture', (t) => {
  const token = { username: 'Mia', uid: 12, flags: ['TRUSTED'], avatar: Buffer.from('theirs') };
  const { room } = asked({ token, settings: { extAuthAvatars: 'true' } });
  t.like(room.say('ident', ['Ann'], { extauth: 'T' })[0], {
    state: 'identOk',
    message: 'Authenticated login OK!',
    ident: 'Mia',
    guest: false,
  });
  t.is(room.done.at(-1), 'token T for 3333333333333333');
  t.like(room.login.identity, {
    name: 'Mia',
    authId: 'login.example:12',
    isGuest: false,
    externalUid: 12,
  });
  t.true(room.login.identity?.flags.has('TRUSTED'));
  t.is(room.login.identity?.avatar.toString(), 'theirs');
});

test('without a picture in the token, or where that does not count, the own one is used', (t) => {
  const own = Buffer.from('own').toString('base64');
  for (const [extAuthAvatars, theirs, shown] of [
    ['true', undefined, 'own'],
    ['false', Buffer.from('theirs'), 'own'],
    ['true', Buffer.from('theirs'), 'theirs'],
  ] as const) {
    const token = { username: 'Mia', uid: 'u', flags: [], avatar: theirs };
    const settings = { extAuthAvatars, customAvatars: 'true' };
    const { room } = asked({ token, settings });
    room.say('ident', ['Ann'], { extauth: 'T', avatar: own });
    t.is(Buffer.from(room.login.identity?.avatar ?? []).toString(), shown);
    t.is(room.login.identity?.externalUid, undefined, 'only numbers can be banned');
    t.is(room.login.identity?.authId, 'login.example:u');
  }
});

for (const error of ['tokenSignature', 'tokenInvalid', 'tokenUnsupported'] as const) {
  test(`a token with a mistake is refused: ${error}`, (t) => {
    const { room } = asked({ token: { error } });
    refused(t, room, room.say('ident', ['Ann'], { extauth: 'T' }), error);
  });
}

test('flags in a token count as far as the server allows it', (t) => {
  const flagsWith = (flags: string[], settings: Record<string, string>) => {
    const token = { username: 'Mia', uid: 1, flags, avatar: undefined };
    const { room } = asked({ token, settings: { allowGuestHosts: 'false', ...settings } });
    const [reply] = room.say('ident', ['Ann'], { extauth: 'T' });
    return (reply?.type === 'error' ? reply.code : reply?.flags) as string | string[];
  };
  t.false(flagsWith(['HOST'], { extauthhost: 'false' })?.includes('HOST'));
  t.true(flagsWith(['HOST', 'X', 'X'], { extauthhost: 'true' })?.includes('HOST'));
  t.true(flagsWith(['X'], {})?.includes('X'), 'what nobody knows is kept');
  t.is(flagsWith(['GHOST', 'MOD'], { extauthmod: 'true' }), 'ghostsNotAllowed');
  const ghosts = { extauthghosts: 'true', enableGhosts: 'true' };
  t.is(flagsWith(['GHOST', 'MOD'], { ...ghosts, enableGhosts: 'false' }), 'ghostsNotAllowed');
  t.is(flagsWith(['GHOST', 'MOD'], { ...ghosts, extauthmod: 'false' }), 'ghostWithoutMod');
  t.is(flagsWith(['GHOST'], ghosts), 'ghostWithoutMod');
  t.true(flagsWith(['GHOST', 'MOD'], { ...ghosts, extauthmod: 'true' })?.includes('GHOST'));
});
