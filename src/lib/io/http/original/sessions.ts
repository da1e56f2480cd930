// Sessions and what is in them (http.md §1.7).

import { chatOf, chatTimeoutMs, openChat } from '../../../admin/admin-chat.js';
import { isLocked } from '../../../admin/live.js';
import { describePerson, peerOf } from '../../../admin/people.js';
import {
  describeFully,
  describeInvite,
  listingsOf,
  openSession,
  sessionSettingKeys,
} from '../../../admin/session-actions.js';
import type { JsonObject } from '../../../core/protocol/command.js';
import { byAdministrator } from '../../../core/session/actor.js';
import { inviteLimit } from '../../../core/session/invites.js';
import type { Member } from '../../../core/session/member.js';
import type { Session } from '../../../core/session/session.js';
import { formatTimestamp } from '../../../core/units.js';
import { requestFlag, requestNumber, textOf, textProblem, wantsObject } from './coercion.js';
import {
  type Answer,
  answered,
  type Call,
  failed,
  type Handler,
  notFound,
  type OriginalRoute,
  ok,
} from './route.js';

/** A handler that is about a session; 404 when there is none. */
function inSession(handle: (session: Session, call: Call) => Answer | Promise<Answer>): Handler {
  return async (call) => {
    const session = await openSession(call.needs.live, call.params.session!);
    return session ? handle(session, call) : notFound();
  };
}

/** A handler that is about somebody in a session. */
function withMember(
  handle: (session: Session, member: Member, call: Call) => Answer | Promise<Answer>,
): Handler {
  return inSession((session, call) => {
    const { user = '' } = call.params;
    const member = /^[1-9]\d{0,2}$/.test(user) ? session.people.get(Number(user)) : undefined;
    return member ? handle(session, member, call) : notFound();
  });
}

/** What is no setting means nothing here; archiving is for sessions that are kept in files. */
function wishesOf({ needs, input }: Call): JsonObject {
  const canArchive = needs.live.directory.needs.store.isPersistent;
  const known = sessionSettingKeys.filter((key) => key !== 'archive' || canArchive);
  return Object.fromEntries(Object.entries(input).filter(([key]) => known.includes(key)));
}

const putSession = inSession(async (session, call) => {
  const { input, needs, run } = call;
  const problem = textProblem(input, 'message', 'alert');
  if (problem !== undefined) return failed(400, problem);
  const { id } = session;
  return answered(
    (async () => {
      await run('session.set', { session: id, change: wishesOf(call) });
      return (await say(call, { session: id })) ?? ok(describeFully(needs.live, session));
    })(),
    {
      conflict: (message) => failed(503, message),
      badInput: (message) => failed(400, message),
      // what may not be changed stays as it is
      refused: async () => (await say(call, { session: id })) ?? ok(describeFully(needs.live, session)),
    },
  );
});

/** The texts of a request, to whoever it is about; an answer where one does not fit. */
async function say(
  { run, input }: Call,
  to: { session?: string; user?: number },
): Promise<Answer | undefined> {
  for (const [name, label] of [
    ['message', 'Message'],
    ['alert', 'Alert'],
  ] as const) {
    const text = textOf(input[name]);
    // http.md §7.9: an empty text is nothing, one that does not fit is said to be too long
    if (text.trim() === '') continue;
    const told = run('session.message', { ...to, text, isAlert: name === 'alert' });
    const problem = await answered(
      told.then(() => ok({})),
      { badInput: failed(400, `${label} too long`) },
    );
    if (problem.status !== 200) return problem;
  }
  return undefined;
}

const person = (_session: Session, member: Member, { needs }: Call): Answer => {
  const peer = peerOf(needs.live, member);
  return peer ? ok(describePerson(needs.live, peer)) : notFound();
};

const putMember = withMember(async (session, member, call) => {
  const { input, run } = call;
  const problem = textProblem(input, 'message', 'alert');
  if (problem !== undefined) return failed(400, problem);
  const whom = { session: session.id, user: member.id };
  // a moderator stays operator
  const hasOp = typeof input.op === 'boolean' && (input.op || !member.isModerator);
  const roles = {
    ...(hasOp && { op: input.op === true }),
    ...(typeof input.trusted === 'boolean' && { trusted: input.trusted }),
  };
  return answered(
    (async () => {
      if (Object.keys(roles).length > 0) await run('session.role', { ...whom, ...roles });
      return (await say(call, whom)) ?? person(session, member, call);
    })(),
    { notFound: notFound() },
  );
});

const deleteMember = withMember((session, member, { run, input }) =>
  kicked(run('session.kick', { session: session.id, user: member.id, message: textOf(input.message) })),
);

/** The answer to a kick, of which the text may be too long. */
export function kicked(kick: Promise<{ readonly isForced: boolean }>): Promise<Answer> {
  return answered(
    kick.then(({ isForced }) => ok({ status: 'ok', force: isForced })),
    {
      notFound: notFound(),
      // `error` is the key that the originals have here (http.md §7.2)
      badInput: {
        status: 400,
        body: { status: 'error', error: 'message too long', message: 'message too long' },
      },
    },
  );
}

// ---- chat ---------------------------------------------------------------------------------------------

const postChat = inSession((session, { input }) => {
  const open = chatOf(session);
  if (open) {
    open.touch();
    return failed(409, 'Chat already connected');
  }
  const message = textOf(input.message).trim();
  if (message === '') return failed(400, 'Missing message');
  const timeout = requestNumber(input.timeout, chatTimeoutMs.default, 0);
  if (timeout < chatTimeoutMs.least)
    return failed(400, `Timeout too short, must be >= ${chatTimeoutMs.least} ms`);
  if (timeout > chatTimeoutMs.most)
    return failed(400, `Timeout too long, must be <= ${chatTimeoutMs.most} ms`);
  const chat = openChat(session, timeout);
  chat.say(message);
  return ok(chat.from(0));
});

function inChat(
  handle: (chat: NonNullable<ReturnType<typeof chatOf>>, offset: number, call: Call) => Answer,
): Handler {
  return inSession((session, call) => {
    const chat = chatOf(session);
    if (!chat) return failed(404, 'Chat not connected');
    chat.touch();
    return handle(chat, requestNumber(call.input.offset, 0, -1), call);
  });
}

const invalidOffset = () => failed(400, 'Invalid offset');

const putChat = inChat((chat, offset, { input }) => {
  const message = textOf(input.message).trim();
  if (message === '') return failed(400, 'Missing message');
  if (offset < 0) return invalidOffset();
  chat.say(message);
  return ok(chat.from(offset));
});

const getChat = inChat((chat, offset) => (offset < 0 ? invalidOffset() : ok(chat.from(offset))));

const deleteChat = inChat((chat, offset, { input }) => {
  if (offset < 0) return invalidOffset();
  const message = textOf(input.message).trim();
  if (message !== '') chat.say(message);
  const answer = ok(chat.from(offset));
  chat.close('');
  return answer;
});

// ---- invites ------------------------------------------------------------------------------------------

const postInvite = inSession((session, { run, input }) => {
  const maxUses = requestNumber(input.maxUses, 0, 0);
  if (maxUses < 1) return failed(400, 'Missing or invalid maxUses');
  const made = run('session.invite', {
    session: session.id,
    maxUses,
    trust: requestFlag(input.trust, false, false),
    op: requestFlag(input.op, false, false),
  });
  return answered(
    made.then(({ session: _, ...invite }) => ok(invite)),
    { conflict: failed(400, `Too many invites (${inviteLimit} at most)`) },
  );
});

const getInvite = inSession((session, { params }) => {
  const invite = session.invites.find(params.secret!);
  return invite ? ok(describeInvite(invite, true)) : notFound();
});

// ---- passwords ----------------------------------------------------------------------------------------

function checkPassword(which: 'password' | 'opword'): Handler {
  return inSession(async (session, { input }) => {
    if (!Object.hasOwn(input, 'password')) return notFound();
    const given = textOf(input.password);
    const kept = session[which];
    if (which === 'password' && !kept.isSet) return ok({ status: true });
    const matches = await new Promise<boolean | undefined>((resolve) => kept.verify(given, resolve));
    return ok({ status: matches ?? false });
  });
}

// ---- thumbnails ---------------------------------------------------------------------------------------

const postThumbnail = withMember(({ thumbnails }, member, { input }) => {
  if (!member.visitor.capabilities.has('THUMBNAIL')) {
    return failed(400, 'Client does not have thumbnail capabilities');
  }
  for (const name of ['maxWidth', 'maxHeight', 'quality']) {
    const value = input[name];
    if (value !== undefined && value !== null && typeof value !== 'number') {
      return failed(400, `${name} must be a number`);
    }
  }
  if (thumbnails.pending?.member === member) {
    return failed(409, 'This client is already generating a thumbnail');
  }
  const wish = {
    ...pick(input, ['maxWidth', 'maxHeight', 'quality']),
    format: textOf(input.format),
  };
  const { effect } = thumbnails.request(byAdministrator, member, wish, textOf(input.reason));
  return { status: 202, body: { correlator: effect.correlator } };
});

function pick(input: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.filter((name) => typeof input[name] === 'number').map((name) => [name, input[name]]),
  );
}

const deleteMemberThumbnail = withMember(({ thumbnails }, member) => {
  if (thumbnails.pending?.member !== member) return failed(404, 'Client is not generating a thumbnail');
  thumbnails.cancel(byAdministrator);
  return ok({ status: 'ok' });
});

const getThumbnail = inSession(
  (session) =>
    new Promise<Answer>((resolve) => {
      session.thumbnails.load((found) =>
        resolve(
          found
            ? ok({ at: formatTimestamp(found.at), data: found.bytes.toString('base64') })
            : failed(404, 'No thumbnail available'),
        ),
      );
    }),
);

const deleteThumbnail = inSession((session, { input }) => {
  const thumbnail = requestFlag(input.thumbnail, true, true);
  const generation = requestFlag(input.generation, true, true);
  if (thumbnail) session.thumbnails.forgetLatest();
  if (generation) session.thumbnails.cancel(byAdministrator);
  return ok({ status: 'ok', thumbnail, generation });
});

// ---- listings -----------------------------------------------------------------------------------------

const postListing = inSession((session, { run, input: { url } }) => {
  if (typeof url !== 'string') return failed(400, 'Missing url');
  return answered(
    run('session.announce', { session: session.id, url }).then(() => ok({ status: 'ok' })),
    {
      refused: failed(400, "Can't list an unlisted session"),
      badInput: (message) => {
        session.note('warn', 'PubList', `Announcing at ${url.slice(0, 200)} is not possible: ${message}`);
        return ok({ status: 'ok' });
      },
    },
  );
});

const deleteListing = inSession(async (session, { run, params }) => {
  const listing = listingsOf(session).find(({ id }) => String(id) === params.listing);
  if (!listing) return notFound();
  await run('session.unlist', { session: session.id, url: listing.url });
  return ok({ status: 'ok' });
});

/** An id that exists answers wrong methods with 400, one that doesn't with 404. */
const getOneListing = inSession((session, { params }) =>
  listingsOf(session).some(({ id }) => String(id) === params.listing)
    ? failed(400, 'Unsupported method')
    : notFound(),
);

const section = 'sessions';

export const sessionRoutes: readonly OriginalRoute[] = [
  {
    path: 'sessions',
    summary: 'All sessions, and a text for all of them',
    section,
    methods: {
      GET: async ({ needs: { live }, run, input }) => {
        const sessions = await run('session.list', {
          onlyListed: requestFlag(input.listed, false, false),
        });
        return ok(wantsObject(input) ? { sessions, _locked: isLocked(live, section) } : sessions);
      },
      PUT: async (call) => {
        const problem = textProblem(call.input, 'message', 'alert');
        if (problem !== undefined) return failed(400, problem);
        await say(call, {});
        return ok({});
      },
    },
  },
  {
    path: 'sessions/:session',
    summary: 'One session, by id or alias',
    section,
    methods: {
      GET: inSession((session, { needs }) => ok(describeFully(needs.live, session))),
      POST: inSession((session, { needs }) => ok(describeFully(needs.live, session))),
      PUT: putSession,
      DELETE: inSession(async (session, { run, input }) => {
        const isQuiet = requestFlag(input.quiet, false, false);
        const reason = isQuiet ? '' : textOf(input.reason);
        await run('session.kill', { session: session.id, isQuiet, reason });
        return ok({ status: 'ok' });
      }),
    },
  },
  {
    path: 'sessions/:session/:user',
    summary: 'Somebody in a session',
    section,
    methods: { GET: withMember(person), PUT: putMember, DELETE: deleteMember },
  },
  {
    path: 'sessions/:session/listing',
    summary: 'Where a session is announced',
    section,
    methods: { GET: inSession((session) => ok(listingsOf(session))), POST: postListing },
  },
  {
    path: 'sessions/:session/listing/:listing',
    summary: 'One announcement',
    section,
    methods: { GET: getOneListing, POST: getOneListing, PUT: getOneListing, DELETE: deleteListing },
  },
  {
    path: 'sessions/:session/invites',
    summary: 'Invites of a session',
    section,
    methods: {
      GET: inSession((session) =>
        ok({ invites: session.invites.all.map((invite) => describeInvite(invite, false)) }),
      ),
      POST: postInvite,
    },
  },
  {
    path: 'sessions/:session/invites/:secret',
    summary: 'One invite',
    section,
    methods: {
      GET: getInvite,
      DELETE: inSession((session, { run, params }) =>
        answered(
          run('session.uninvite', { session: session.id, secret: params.secret! }).then(() =>
            ok({ status: 'ok' }),
          ),
          { notFound: notFound() },
        ),
      ),
    },
  },
  {
    path: 'sessions/:session/auth',
    summary: 'Whether a text is the password of a session',
    section,
    methods: { POST: checkPassword('password') },
  },
  {
    path: 'sessions/:session/auth/op',
    summary: 'Whether a text is the operator password of a session',
    section,
    methods: { POST: checkPassword('opword') },
  },
  {
    path: 'sessions/:session/chat',
    summary: 'A conversation with a session',
    section,
    methods: { GET: getChat, POST: postChat, PUT: putChat, DELETE: deleteChat },
  },
  {
    path: 'sessions/:session/thumbnail',
    summary: 'The newest picture of a session',
    section,
    methods: { GET: getThumbnail, DELETE: deleteThumbnail },
  },
  {
    path: 'sessions/:session/:user/thumbnail',
    summary: 'Asks a client for a picture',
    section,
    methods: { POST: postThumbnail, DELETE: deleteMemberThumbnail },
  },
];
