// Sessions and what is in them (http.md §1.7).

import { chatOf, chatTimeoutMs, openChat } from '../../../admin/admin-chat.js';
import { isLocked } from '../../../admin/live.js';
import { describePerson, kickPeer, peerOf, tellMember } from '../../../admin/people.js';
import {
  changeOpenSession,
  describeFully,
  describeInvite,
  describeSessions,
  listingsOf,
  openSession,
  sayInSession,
  setRoles,
} from '../../../admin/session-actions.js';
import { Refusal } from '../../../core/errors.js';
import type { JsonObject } from '../../../core/protocol/command.js';
import { byAdministrator } from '../../../core/session/actor.js';
import { announce, unlist } from '../../../core/session/announcing.js';
import { endSession } from '../../../core/session/ending.js';
import { inviteLimit } from '../../../core/session/invites.js';
import { createInvite, removeInvite } from '../../../core/session/inviting.js';
import type { Member } from '../../../core/session/member.js';
import type { Session } from '../../../core/session/session.js';
import { formatTimestamp } from '../../../core/units.js';
import { requestFlag, requestNumber, textOf, textProblem, wantsObject } from './coercion.js';
import { type Answer, type Call, failed, type Handler, notFound, type OriginalRoute, ok } from './route.js';

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

/** Archiving is for sessions that are kept in files; elsewhere the key means nothing. */
function wishesOf({ needs, input }: Call): JsonObject {
  const { archive, ...others } = input;
  const canArchive = archive !== undefined && needs.live.directory.needs.store.isPersistent;
  return canArchive ? { ...others, archive } : others;
}

const putSession = inSession(async (session, call) => {
  const { input, needs } = call;
  const problem = textProblem(input, 'message', 'alert');
  if (problem !== undefined) return failed(400, problem);
  try {
    await changeOpenSession(session, wishesOf(call));
  } catch (error) {
    if (error instanceof Refusal) return failed(error.kind === 'conflict' ? 503 : 400, error.message);
    throw error;
  }
  for (const [name, label] of [
    ['message', 'Message'],
    ['alert', 'Alert'],
  ] as const) {
    if (!Object.hasOwn(input, name)) continue;
    const text = textOf(input[name]);
    // http.md §7.9: an empty text is nothing, one that does not fit is said to be too long
    if (text !== '' && !sayInSession(session, text, name === 'alert'))
      return failed(400, `${label} too long`);
  }
  return ok(describeFully(needs.live, session));
});

const person = (_session: Session, member: Member, { needs }: Call): Answer => {
  const peer = peerOf(needs.live, member);
  return peer ? ok(describePerson(needs.live, peer)) : notFound();
};

const putMember = withMember((session, member, call) => {
  const { input } = call;
  const problem = textProblem(input, 'message', 'alert');
  if (problem !== undefined) return failed(400, problem);
  setRoles(session, member, {
    op: typeof input.op === 'boolean' ? input.op : undefined,
    trusted: typeof input.trusted === 'boolean' ? input.trusted : undefined,
  });
  if (!tellMember(session, member, textOf(input.message), false)) return failed(400, 'Message too long');
  if (!tellMember(session, member, textOf(input.alert), true)) return failed(400, 'Alert too long');
  return person(session, member, call);
});

const deleteMember = withMember((_session, member, { needs, input }) => {
  const peer = peerOf(needs.live, member);
  return peer ? kicked(() => kickPeer(needs.live, peer, textOf(input.message))) : notFound();
});

/** The answer to a kick, of which the text may be too long. */
export function kicked(kick: () => { isForced: boolean }): Answer {
  try {
    return ok({ status: 'ok', force: kick().isForced });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // `error` is the key that the originals have here (http.md §7.2)
    return { status: 400, body: { status: 'error', error: 'message too long', message: 'message too long' } };
  }
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

const postInvite = inSession((session, { input }) => {
  const maxUses = requestNumber(input.maxUses, 0, 0);
  if (maxUses < 1) return failed(400, 'Missing or invalid maxUses');
  const made = createInvite(session, byAdministrator, {
    maxUses,
    trust: requestFlag(input.trust, false, false),
    op: requestFlag(input.op, false, false),
  });
  return 'refused' in made
    ? failed(400, `Too many invites (${inviteLimit} at most)`)
    : ok(describeInvite(made.invite, false));
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
  return { status: 202, body: { correlator: thumbnails.request(member, wish, textOf(input.reason)) } };
});

function pick(input: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.filter((name) => typeof input[name] === 'number').map((name) => [name, input[name]]),
  );
}

const deleteMemberThumbnail = withMember(({ thumbnails }, member) => {
  if (thumbnails.pending?.member !== member) return failed(404, 'Client is not generating a thumbnail');
  thumbnails.cancel();
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
  if (generation) session.thumbnails.cancel();
  return ok({ status: 'ok', thumbnail, generation });
});

// ---- listings -----------------------------------------------------------------------------------------

const postListing = inSession((session, { input }) => {
  if (typeof input.url !== 'string') return failed(400, 'Missing url');
  const done = announce(session, byAdministrator, input.url);
  if ('refused' in done) {
    if (done.why === 'unlisted') return failed(400, "Can't list an unlisted session");
    const problem = `Announcing at ${input.url.slice(0, 200)} is not possible: ${done.refused}`;
    session.note('warn', 'PubList', problem);
  }
  return ok({ status: 'ok' });
});

const deleteListing = inSession((session, { params }) => {
  const listing = listingsOf(session).find(({ id }) => String(id) === params.listing);
  if (!listing) return notFound();
  unlist(session, byAdministrator, listing.url);
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
      GET: ({ needs: { live }, input }) => {
        const sessions = describeSessions(live, requestFlag(input.listed, false, false));
        return ok(wantsObject(input) ? { sessions, _locked: isLocked(live, section) } : sessions);
      },
      PUT: async ({ needs: { live }, input }) => {
        const problem = textProblem(input, 'message', 'alert');
        if (problem !== undefined) return failed(400, problem);
        for (const each of live.directory.all) {
          if (each.state.name === 'stored') continue;
          if (textOf(input.message) !== '') sayInSession(each, textOf(input.message), false);
          if (textOf(input.alert) !== '') sayInSession(each, textOf(input.alert), true);
        }
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
      DELETE: inSession((session, { input }) => {
        endSession(session, byAdministrator, {
          isQuiet: requestFlag(input.quiet, false, false),
          reason: textOf(input.reason),
        });
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
      DELETE: inSession((session, { params }) =>
        'refused' in removeInvite(session, byAdministrator, params.secret!)
          ? notFound()
          : ok({ status: 'ok' }),
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
