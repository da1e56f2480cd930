// Sessions and what is in them (http.md §1.7).

import type { JsonObject } from '../../../core/protocol/command.js';
import { inviteLimit, inviteUsesAtMost } from '../../../core/session/invites.js';
import { sessionSettings, settingKeys } from '../../../core/settings/session-settings.js';
import { requestFlag, requestNumber, textOf, textProblem, wantsObject } from './coercion.js';
import { inSession, withMember } from './in-session.js';
import {
  type Answer,
  answered,
  type Call,
  failed,
  type Handler,
  notFound,
  type OriginalRoute,
  ok,
  unsupportedMethod,
} from './route.js';
import { deleteChat, getChat, postChat, putChat } from './session-chat.js';
import { deleteMemberThumbnail, deleteThumbnail, getThumbnail, postThumbnail } from './session-thumbnails.js';

type Run = Call['run'];

/** What this API has no room for. */
const leftOut: readonly string[] = [
  'bans',
  ...settingKeys.filter((key) => sessionSettings[key].isInRest === false),
];

/** The full form of a session. */
async function describe(run: Run, session: string) {
  const full = await run('session.get', { session });
  const shown = Object.entries(full).filter(([key]) => !leftOut.includes(key));
  return Object.fromEntries(shown) as Omit<typeof full, 'bans'>;
}

/** What is not a setting means nothing here; archiving is for sessions that are kept in files. */
async function settingsIn({ run, input }: Call, session: string): Promise<JsonObject> {
  const canArchive = 'archive' in (await describe(run, session));
  const known: readonly string[] = settingKeys.filter((key) => key !== 'archive' || canArchive);
  return Object.fromEntries(Object.entries(input).filter(([key]) => known.includes(key)));
}

const putSession = inSession(async (session, call) => {
  const { input, run } = call;
  const problem = textProblem(input, 'message', 'alert');
  if (problem !== undefined) return failed(400, problem);
  const answer = async () => (await say(call, { session })) ?? ok(await describe(run, session));
  return answered(
    (async () => {
      await run('session.set', { session, change: await settingsIn(call, session) });
      return answer();
    })(),
    {
      conflict: (message) => failed(503, message),
      badInput: (message) => failed(400, message),
      // what may not be changed stays as it is
      refused: answer,
    },
  );
});

const spoken = ['message', 'alert'] as const;
const tooLong = { message: 'Message too long', alert: 'Alert too long' } as const;

/** Sends the texts of a request to a session or user; an answer where one does not fit. */
async function say(call: Call, to: { session?: string; user?: number }): Promise<Answer | undefined> {
  for (const name of spoken) {
    const problem = await sayOne(call, to, name);
    if (problem) return problem;
  }
  return undefined;
}

/** One of the texts. http.md §7.9: an empty text is nothing, one that does not fit is said to be too long. */
async function sayOne(
  { run, input }: Call,
  to: { session?: string; user?: number },
  name: (typeof spoken)[number],
): Promise<Answer | undefined> {
  const text = textOf(input[name]);
  if (text.trim() === '') return undefined;
  const sent = run('session.message', { ...to, text, isAlert: name === 'alert' });
  const answer = await answered(
    sent.then(() => ok({})),
    { badInput: failed(400, tooLong[name]) },
  );
  return answer.status === 200 ? undefined : answer;
}

type Whom = { session: string; user: number };

const person = (whom: Whom, { run }: Call): Promise<Answer> =>
  answered(run('online.get', whom).then(ok), { notFound: notFound() });

const putMember = withMember(async (whom, call) => {
  const { input, run } = call;
  const problem = textProblem(input, 'message', 'alert');
  if (problem !== undefined) return failed(400, problem);
  const before = await run('online.get', whom);
  // a moderator stays operator
  const hasOp = typeof input.op === 'boolean' && (input.op || !before.mod);
  const roles = {
    ...(hasOp && { op: input.op === true }),
    ...(typeof input.trusted === 'boolean' && { trusted: input.trusted }),
  };
  return answered(
    (async () => {
      if (Object.keys(roles).length > 0) await run('session.role', { ...whom, ...roles });
      return (await say(call, whom)) ?? person(whom, call);
    })(),
    { notFound: notFound() },
  );
});

const deleteMember = withMember((whom, { run, input }) =>
  kicked(run('session.kick', { ...whom, message: textOf(input.message) })),
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

// ---- invites ------------------------------------------------------------------------------------------

const postInvite = inSession((session, { run, input }) => {
  const maxUses = requestNumber(input.maxUses, 0, 0);
  if (maxUses < 1) return failed(400, 'Missing or invalid maxUses');
  const made = run('session.invite', {
    session,
    // more than that is as much as there is (http.md §1.7.5)
    maxUses: Math.min(maxUses, inviteUsesAtMost),
    trust: requestFlag(input.trust, false, false),
    op: requestFlag(input.op, false, false),
  });
  return answered(
    made.then(({ session: _, ...invite }) => ok(invite)),
    { conflict: failed(400, `Too many invites (${inviteLimit} at most)`) },
  );
});

/** Asked for alone, an invite has the key `s` in its uses; the originals always leave it empty (http.md §1.7.5). */
const getInvite = inSession(async (session, { params, run }) => {
  const invites = await run('session.invites', { session });
  const invite = invites.find(({ secret }) => secret === params.secret);
  return invite ? ok({ ...invite, uses: invite.uses.map((use) => ({ ...use, s: '' })) }) : notFound();
});

// ---- passwords ----------------------------------------------------------------------------------------

function checkPassword(which: 'join' | 'operator'): Handler {
  return inSession((session, { run, input }) => {
    if (!Object.hasOwn(input, 'password')) return notFound();
    return answered(
      run('session.verify', { session, which, password: textOf(input.password) }).then(({ matches }) =>
        ok({ status: matches }),
      ),
      { conflict: ok({ status: false }) },
    );
  });
}

// ---- listings -----------------------------------------------------------------------------------------

const postListing = inSession((session, { run, input: { url } }) => {
  if (typeof url !== 'string') return failed(400, 'Missing url');
  return answered(
    run('session.announce', { session, url }).then(() => ok({ status: 'ok' })),
    {
      refused: failed(400, "Can't list an unlisted session"),
      // it is in the log
      badInput: ok({ status: 'ok' }),
    },
  );
});

const deleteListing = inSession(async (session, { run, params }) => {
  const { listings } = await describe(run, session);
  const listing = listings.find(({ id }) => String(id) === params.listing);
  if (!listing) return notFound();
  await run('session.unlist', { session, url: listing.url });
  return ok({ status: 'ok' });
});

/** An id that exists answers wrong methods with 400, one that does not with 404. */
const getOneListing = inSession(async (session, { params, run }) => {
  const { listings } = await describe(run, session);
  return listings.some(({ id }) => String(id) === params.listing) ? unsupportedMethod() : notFound();
});

const section = 'sessions';

export const sessionRoutes: readonly OriginalRoute[] = [
  {
    path: 'sessions',
    summary: 'All sessions, and a text for all of them',
    section,
    methods: {
      GET: async ({ isLocked, run, input }) => {
        const sessions = await run('session.list', {
          onlyListed: requestFlag(input.listed, false, false),
        });
        return ok(wantsObject(input) ? { sessions, _locked: isLocked(section) } : sessions);
      },
      PUT: async (call) => {
        const problem = textProblem(call.input, 'message', 'alert');
        if (problem !== undefined) return failed(400, problem);
        // a text that does not fit is left out, and keeps nobody from the other one
        for (const name of spoken) await sayOne(call, {}, name);
        return ok({});
      },
    },
  },
  {
    path: 'sessions/:session',
    summary: 'One session, by id or alias',
    section,
    methods: {
      GET: inSession(async (session, { run }) => ok(await describe(run, session))),
      POST: inSession(async (session, { run }) => ok(await describe(run, session))),
      PUT: putSession,
      DELETE: inSession(async (session, { run, input }) => {
        const isQuiet = requestFlag(input.quiet, false, false);
        const reason = isQuiet ? '' : textOf(input.reason);
        await run('session.kill', { session, isQuiet, reason });
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
    methods: {
      GET: inSession(async (session, { run }) => ok((await describe(run, session)).listings)),
      POST: postListing,
    },
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
      GET: inSession(async (session, { run }) => ok({ invites: await run('session.invites', { session }) })),
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
          run('session.uninvite', { session, secret: params.secret ?? '' }).then(() => ok({ status: 'ok' })),
          { notFound: notFound() },
        ),
      ),
    },
  },
  {
    path: 'sessions/:session/auth',
    summary: 'Whether a text is the password of a session',
    section,
    methods: { POST: checkPassword('join') },
  },
  {
    path: 'sessions/:session/auth/op',
    summary: 'Whether a text is the operator password of a session',
    section,
    methods: { POST: checkPassword('operator') },
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
