// Actions on a session and on people in it: one road, whoever goes it. The effect, what people are told and what is
// remembered are the same; the log names who acted; what may not be is refused in the same words.
import test, { type ExecutionContext } from 'ava';
import { reason } from '../../src/lib/core/errors/reason.js';
import type { Action, Refused } from '../../src/lib/core/session/actions.js';
import { type Actor, actorOf, byAdministrator } from '../../src/lib/core/session/actor.js';
import { announce, unlist } from '../../src/lib/core/session/announcing.js';
import { endSession } from '../../src/lib/core/session/ending.js';
import { createInvite, removeInvite } from '../../src/lib/core/session/inviting.js';
import { banPast, kick, removeBan } from '../../src/lib/core/session/kick.js';
import { setMuted } from '../../src/lib/core/session/muting.js';
import { setRole } from '../../src/lib/core/session/rights.js';
import { sendServerMessage } from '../../src/lib/core/session/server-message.js';
import type { Session } from '../../src/lib/core/session/session.js';
import { changeSession } from '../../src/lib/core/session/sessionconf.js';
import { Client } from '../helpers/client.js';
import { startTestServer, type TestServer } from '../helpers/server.js';
import { until } from '../helpers/until.js';
import { type JsonObject, jsonOf } from '../helpers/wire.js';

type Who = 'operator' | 'moderator' | 'administrator';

const everybody = ['operator', 'moderator', 'administrator'] as const satisfies readonly Who[];

const names: Record<Who, string> = {
  operator: 'host',
  moderator: 'mo',
  administrator: 'the server administrator',
};

interface Company {
  server: TestServer;
  session: Session;
  host: Client;
  guest: Client;
  actors: Record<Who, Actor>;
  /** What the log of the server says about a topic, newest last. */
  logged(topic: string): { message: string; user: string | undefined; level: string }[];
}

async function company(t: ExecutionContext): Promise<Company> {
  const server = await startTestServer({ accounts: [{ name: 'mo', password: 'mod', flags: ['MOD'] }] });
  t.teardown(() => server.stop());
  const host = await Client.host(server.port, { name: 'host' });
  const mo = await Client.open(server.port, { name: 'mo', password: 'mod' });
  await mo.logIn('join');
  await mo.join(host.sessionId);
  const guest = await Client.join(server.port, host.sessionId, { name: 'guest' });
  const session = server.running.directory.find(host.sessionId)!;
  session.options.invites = true;
  const member = (name: string) => session.people.byName(name)!;
  return {
    server,
    session,
    host,
    guest,
    actors: {
      operator: actorOf(member('host')),
      moderator: actorOf(member('mo')),
      administrator: byAdministrator,
    },
    logged: (topic) =>
      server.log
        .filter((entry) => entry.topic === topic && entry.session === session.id)
        .map(({ message, user, level }) => ({ message, user: user?.name, level })),
  };
}

const guestOf = ({ session }: Company) => session.people.byName('guest')!;

/** Waits until a client hears of such a configuration. */
function configured(client: Client, holds: (config: JsonObject) => boolean): Promise<unknown> {
  return client.next((message) => {
    const json = jsonOf(message);
    return json?.type === 'sessionconf' && holds(json.config as JsonObject);
  });
}

/** Runs an action for everybody who may do it, each in a session of its own. */
function forEach(who: readonly Who[], check: (t: ExecutionContext, here: Company, who: Who) => unknown) {
  return async (t: ExecutionContext) => {
    for (const each of who) {
      const here = await company(t);
      t.is(here.actors[each].kind, each);
      await check(t, here, each);
    }
  };
}

/** What was done, without who is behind it. */
function actionOf<Name extends Action['kind']>(
  t: ExecutionContext,
  action: Name,
  done: Action | Refused | undefined,
  actor: Actor,
): Action<Name>['effect'] {
  if (!done || !('kind' in done) || done.kind !== action) {
    throw new Error(`expected the action ${action}, got ${JSON.stringify(done)}`);
  }
  t.is(done.actor, actor);
  return done.effect as Action<Name>['effect'];
}

test(
  'who is kicked is out and loses their roles, whoever kicks; the log names who it was',
  forEach(everybody, async (t, here, who) => {
    const { actors, guest, host, logged, session } = here;
    setRole(session, byAdministrator, guestOf(here), 'trusted', true);
    const done = kick(session, actors[who], guestOf(here), { isBan: false });
    t.is(actionOf(t, 'kick', done, actors[who]).person.name, 'guest');
    t.is(session.people.byName('guest'), undefined);
    t.deepEqual(logged('Kick'), [{ message: `Kicked by ${names[who]}`, user: 'guest', level: 'info' }]);
    const told = await host.reply('msg', { T: 'kick' });
    t.deepEqual(told.P, { target: 'guest', by: names[who] });
    const again = await Client.join(here.server.port, host.sessionId, {
      name: 'guest',
      sid: guest.sid,
    });
    t.false(session.people.byName('guest')!.isTrusted);
    await again.leave();
  }),
);

test(
  'a ban holds, also of somebody who has left, whoever bans; it can be lifted',
  forEach(everybody, async (t, here, who) => {
    const { actors, guest, logged, session } = here;
    const { userId } = guest;
    await guest.leave();
    await until('the guest has left', () => session.people.get(userId) === undefined);
    const done = banPast(session, actors[who], userId);
    const { ban } = actionOf(t, 'ban', done, actors[who]);
    t.is(session.bans.all[0]!.bannedBy, names[who]);
    t.deepEqual(logged('Ban'), [
      { message: `Banned by ${names[who]} (ban ${ban})`, user: 'guest', level: 'info' },
    ]);
    t.deepEqual(banPast(session, actors[who], userId), { refused: reason('ban-there-already') });
    t.deepEqual(actionOf(t, 'unban', removeBan(session, actors[who], ban), actors[who]), {
      ban,
      name: 'guest',
    });
    t.is(removeBan(session, actors[who], ban), undefined);
    t.deepEqual(logged('Unban'), [
      { message: `guest unbanned by ${names[who]} (ban ${ban})`, user: undefined, level: 'info' },
    ]);
  }),
);

test('in a session nobody puts out a moderator or themselves; an administrator can', async (t) => {
  const { actors, session } = await company(t);
  const [host, mo] = ['host', 'mo'].map((name) => session.people.byName(name)!);
  const options = { isBan: false };
  t.deepEqual(kick(session, actors.operator, mo!, options), { refused: reason('kick-of-moderator') });
  t.deepEqual(kick(session, actors.operator, host!, options), { refused: reason('kick-of-oneself') });
  t.deepEqual(kick(session, actors.moderator, mo!, options), { refused: reason('kick-of-oneself') });
  t.is(session.people.count, 3);
  t.true('kind' in kick(session, byAdministrator, mo!, options));
  t.is(session.people.byName('mo'), undefined);
});

test('a deputy kicks neither operators nor trusted people', async (t) => {
  const { guest, host, server, session } = await company(t);
  session.options.deputies = true;
  const other = await Client.join(server.port, host.sessionId, { name: 'other' });
  const [deputy, trusted] = [guest, other].map(({ userId }) => session.people.get(userId)!);
  setRole(session, byAdministrator, deputy!, 'trusted', true);
  setRole(session, byAdministrator, trusted!, 'trusted', true);
  const actor = actorOf(deputy!);
  t.is(actor.kind, 'deputy');
  const options = { isBan: false };
  t.deepEqual(kick(session, actor, session.people.byName('host')!, options), {
    refused: reason('kick-of-operator'),
  });
  t.deepEqual(kick(session, actor, trusted!, options), { refused: reason('kick-of-trusted') });
  setRole(session, byAdministrator, trusted!, 'trusted', false);
  t.true('kind' in kick(session, actor, trusted!, options));
});

test(
  'who is muted is told and remembered as muted, whoever mutes; moderators never are',
  forEach(everybody, async (t, here, who) => {
    const { actors, guest, logged, session } = here;
    const member = guestOf(here);
    const isMuted = (wanted: boolean) => setMuted(session, actors[who], member, wanted);
    t.is(actionOf(t, 'mute', isMuted(true), actors[who]).person.name, 'guest');
    t.true(member.isMuted);
    t.true(session.roles.guests.has(member.userInfo, 'muted'));
    t.is(isMuted(true), undefined, 'it is so already');
    actionOf(t, 'unmute', isMuted(false), actors[who]);
    t.false(session.roles.guests.has(member.userInfo, 'muted'));
    t.deepEqual(logged('Mute'), [{ message: `Muted by ${names[who]}`, user: 'guest', level: 'info' }]);
    t.deepEqual(logged('Unmute'), [{ message: `Unmuted by ${names[who]}`, user: 'guest', level: 'info' }]);
    const told = (await guest.reply('msg')).message;
    t.is(told, `${names[who]} muted you: nobody else sees what you write in the chat.`);
    const mo = session.people.byName('mo')!;
    t.deepEqual(setMuted(session, actors[who], mo, true), { refused: reason('mute-of-moderator') });
  }),
);

test(
  'roles are given and taken, whoever does it; moderators stay operators',
  forEach(everybody, async (t, here, who) => {
    const { actors, host, logged, session } = here;
    const member = guestOf(here);
    const how = `by ${names[who]}`;
    for (const [role, give, take, given, taken] of [
      ['operator', 'op', 'deop', 'Made operator', 'Operator status revoked'],
      ['trusted', 'trust', 'untrust', 'Trusted', 'Trust revoked'],
    ] as const) {
      t.is(actionOf(t, give, setRole(session, actors[who], member, role, true), actors[who]).how, how);
      t.is(setRole(session, actors[who], member, role, true), undefined, 'it is so already');
      t.true(session.roles.guests.has(member.userInfo, role));
      actionOf(t, take, setRole(session, actors[who], member, role, false), actors[who]);
      t.false(session.roles.guests.has(member.userInfo, role));
      const topics = role === 'operator' ? (['Op', 'Deop'] as const) : (['Trust', 'Untrust'] as const);
      const about = { user: 'guest', level: 'info' };
      t.deepEqual(logged(topics[0]).at(-1), { message: `${given} ${how}`, ...about });
      t.deepEqual(logged(topics[1]).at(-1), { message: `${taken} ${how}`, ...about });
      const told = await host.reply('msg', { T: `${give}give` });
      t.deepEqual(told.P, { target: 'guest', by: names[who] });
    }
    const mo = session.people.byName('mo')!;
    t.deepEqual(setRole(session, actors[who], mo, 'operator', false), {
      refused: reason('moderator-is-operator'),
    });
    t.true(mo.isOperator);
  }),
);

test(
  'an invite is made and removed, whoever does it, and the log says by whom',
  forEach(everybody, async (t, here, who) => {
    const { actors, host, logged, session } = here;
    const actor = actors[who];
    const made = createInvite(session, actor, { maxUses: 3, trust: true, op: true });
    const { secret } = actionOf(t, 'invite', made, actor);
    t.is(session.invites.find(secret)?.creator, who === 'administrator' ? '' : names[who]);
    await configured(host, ({ invitelist }) => Array.isArray(invitelist) && invitelist.length === 1);
    actionOf(t, 'uninvite', removeInvite(session, actor, secret), actor);
    t.deepEqual(removeInvite(session, actor, secret), { refused: reason('invite-unknown') });
    const [user, by] =
      who === 'administrator' ? [undefined, ' (by the server administrator)'] : [names[who], ''];
    t.deepEqual(logged('Invite'), [
      { message: `Created op and trust invite with 3 use(s)${by}`, user, level: 'info' },
      { message: `Removed invite${by}`, user, level: 'info' },
    ]);
  }),
);

test('invites are limited for everybody; that they are off holds for operators only', async (t) => {
  const { actors, session } = await company(t);
  const options = { maxUses: 1, trust: false, op: false };
  session.options.invites = false;
  const refused = reason('invites-disabled');
  t.deepEqual(createInvite(session, actors.operator, options), { refused });
  t.deepEqual(removeInvite(session, actors.operator, 'any'), { refused });
  for (let i = 0; i < 25; i++) {
    t.false('refused' in createInvite(session, actors.moderator, options));
    t.false('refused' in createInvite(session, byAdministrator, options));
  }
  for (const actor of [actors.moderator, byAdministrator]) {
    t.deepEqual(createInvite(session, actor, options), {
      refused: reason('invites-too-many', { count: 50 }),
    });
  }
});

test(
  'a session is ended with a reason, and the log of the server says by whom',
  forEach(['moderator', 'administrator'], async (t, here, who) => {
    const { actors, guest, logged, server, session } = here;
    const done = endSession(session, actors[who], { reason: ' enough ' });
    t.deepEqual(actionOf(t, 'end', done, actors[who]), { reason: 'enough', isQuiet: false });
    t.is(endSession(session, actors[who]), undefined, 'it is over');
    const alert = await guest.reply('alert');
    t.is(alert.message, `Session terminated by ${names[who]}: enough`);
    await until('the session is gone', () => server.sessionCount === 0);
    const line = `Session terminated by ${names[who]}: enough`;
    t.deepEqual(
      logged('Status').filter(({ message }) => message.includes('terminated')),
      [{ message: line, user: undefined, level: 'info' }],
    );
  }),
);

test('an administrator who follows the chat is told that the session is over, whoever ended it', async (t) => {
  for (const who of ['moderator', 'administrator'] as const) {
    const { actors, session } = await company(t);
    let ended = 0;
    session.listener = { chatReceived: () => {}, ended: () => void ended++ };
    endSession(session, actors[who]);
    t.is(ended, 1);
  }
});

test('a session that a rule ends says by which', async (t) => {
  const { guest, host, logged, server, session } = await company(t);
  const mo = session.people.byName('mo')!;
  kick(session, byAdministrator, mo, { isBan: false });
  await guest.leave();
  await host.leave();
  await until('the session is gone', () => server.sessionCount === 0);
  t.true(
    logged('Status').some(
      ({ message }) => message === 'Session terminated by the server, because the session is empty',
    ),
  );
});

test(
  'what is set is told and logged, whoever sets it',
  forEach(everybody, async (t, here, who) => {
    const { actors, host, logged, session } = here;
    await new Promise((resolve) =>
      changeSession(session, { title: 'new', nsfm: true }, actors[who], resolve),
    );
    t.is(session.options.title, 'new');
    await configured(host, ({ title, nsfm }) => title === 'new' && nsfm === true);
    const [user, by] =
      who === 'administrator' ? [undefined, ' (by the server administrator)'] : [names[who], ''];
    t.deepEqual(logged('Status').at(-1), {
      message: `Changed title to 'new', tagged NSFM${by}`,
      user,
      level: 'info',
    });
  }),
);

test(
  'a listing is refused in the same words, whoever asks; who asked is in the log',
  forEach(everybody, async (t, here, who) => {
    const { actors, logged, session } = here;
    const actor = actors[who];
    for (const url of ['no address', `https://example.com/${'x'.repeat(1000)}`]) {
      t.deepEqual(announce(session, actor, url), { why: 'badUrl', refused: reason('list-url-invalid') });
    }
    const url = 'https://example.com/';
    t.is(actionOf(t, 'announce', announce(session, actor, url), actor).url, url);
    t.is(actionOf(t, 'unlist', unlist(session, actor, ''), actor).url, '');
    session.options.unlisted = true;
    const refused = reason('listing-of-unlisted');
    t.deepEqual(announce(session, actor, url), { why: 'unlisted', refused });
    const [user, by] =
      who === 'administrator' ? [undefined, ' (by the server administrator)'] : [names[who], ''];
    t.deepEqual(
      logged('PubList').filter(({ level }) => level === 'debug'),
      [
        { message: `Requested an announcement at ${url}${by}`, user, level: 'debug' },
        { message: `Withdrew all announcements${by}`, user, level: 'debug' },
      ],
    );
  }),
);

test('what an administrator says to one person is nowhere in the log', async (t) => {
  const here = await company(t);
  const { guest, server, session } = here;
  const done = sendServerMessage(session, byAdministrator, {
    text: 'between us',
    isAlert: false,
    to: guestOf(here),
  });
  t.is(actionOf(t, 'message', done, byAdministrator).person?.name, 'guest');
  const { message } = await guest.reply('msg');
  t.is(message, 'Private message from the server administrator: between us');
  t.false(server.log.some((entry) => entry.message.includes('between us')));
  t.true(
    server.log.some((entry) => entry.message === 'Sent a message to guest (by the server administrator)'),
  );
  t.deepEqual(sendServerMessage(session, byAdministrator, { text: 'x'.repeat(66_000), isAlert: true }), {
    refused: reason('message-beyond-limit'),
  });
  t.is(sendServerMessage(session, byAdministrator, { text: '', isAlert: true }), undefined);
});

test(
  'who asks for a picture is in the log, whoever it is; the reason is not for people in the session',
  forEach(['moderator', 'administrator'], async (t, here, who) => {
    const { actors, host, logged, server, session } = here;
    const done = session.thumbnails.request(actors[who], guestOf(here), {}, 'a look');
    const { correlator } = actionOf(t, 'askForThumbnail', done, actors[who]);
    t.is(session.thumbnails.pending?.correlator, correlator);
    actionOf(t, 'cancelThumbnail', session.thumbnails.cancel(actors[who]), actors[who]);
    t.is(session.thumbnails.cancel(actors[who]), undefined, 'nobody is asked');
    const about = { user: 'guest', level: 'info' };
    t.deepEqual(
      logged('Status').filter(({ user, level }) => user === 'guest' && level === 'info'),
      [
        { message: `Thumbnail requested by ${names[who]}`, ...about },
        { message: `Thumbnail request cancelled by ${names[who]}`, ...about },
      ],
    );
    await host.ping();
    t.true(server.log.some(({ message }) => message.includes('a look')));
    t.false(host.log.some(({ payload }) => Buffer.from(payload).includes('a look')));
  }),
);
