// The server log and the external ban list (http.md §1.12, §1.13).

import { parseAddress } from '../../../core/addresses.js';
import { logLevelNames, logLevels } from '../../../core/log-levels.js';
import type { JsonObject } from '../../../core/protocol/command.js';
import { logTopics } from '../../../core/session/log-topics.js';
import type { LogEntry, LogTopic } from '../../../core/session/needs.js';
import { formatTimestamp, parseDateTime } from '../../../core/units.js';
import { flagOf, numberOf, requestNumber, textOf } from './coercion.js';
import { type Answer, answered, type Call, failed, notFound, type OriginalRoute, ok } from './route.js';

const perPage = 100;

const topics: ReadonlySet<string> = new Set(logTopics);

function describeEntry(entry: LogEntry): JsonObject {
  const { user } = entry;
  return {
    timestamp: formatTimestamp(entry.time),
    level: logLevelNames[entry.level],
    topic: entry.topic,
    message: entry.message,
    ...(entry.session && { session: entry.session }),
    ...(user && { user: `${user.id};${user.ip};${user.name}` }),
  };
}

const getLog = async ({ run, input }: Call) => {
  const afterText = textOf(input.after);
  const after = afterText === '' ? undefined : parseDateTime(afterText);
  if (afterText !== '' && after === undefined) return failed(400, 'Invalid timestamp');
  const page = Math.max(0, requestNumber(input.page, 0, 0));
  const session = textOf(input.session);
  const rows = run('log.query', {
    ...(after !== undefined && { from: after + 1000 }),
    ...(session !== '' && { sessions: [session] }),
    user: textOf(input.user),
    contains: textOf(input.contains),
    order: 'newest',
    limit: perPage,
    skip: page * perPage,
  });
  return answered(
    rows.then((entries) => ok(entries.map(describeEntry))),
    // where nothing is kept there is nothing to be read
    { unsupported: ok([]) },
  );
};

const postLog = async ({ run, input }: Call) => {
  const level = logLevels.find((each) => logLevelNames[each] === textOf(input.level));
  if (!level) return failed(400, 'Invalid level');
  const topic = textOf(input.topic);
  if (!topics.has(topic)) return failed(400, 'Invalid topic');
  const session = textOf(input.session);
  if (session !== '' && !/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i.test(session))
    return failed(400, 'Invalid session');
  const message = textOf(input.message);
  if (!/^\[[A-Za-z0-9_.-]+\]\s+\S/.test(message)) return failed(400, 'Invalid message');
  const user = userOf(input.user);
  const entry = await run('log.write', {
    level,
    topic: topic as LogTopic,
    message,
    ...(session !== '' && { session: session.toLowerCase() }),
    ...(user && { user }),
  });
  return ok({ entry: describeEntry(entry), _locked: false });
};

function userOf(value: unknown): LogEntry['user'] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { id, ip, name } = value as JsonObject;
  const integer = typeof id === 'number' ? Math.trunc(id) : numberOf(id);
  return {
    id: Math.min(Math.max(integer, 0), 255),
    ip: parseAddress(textOf(ip)) ? textOf(ip) : '',
    name: textOf(name),
  };
}

// ---- external bans --------------------------------------------------------------------------------------

/** `isCleared`: what was kept of the list is on its way out. */
async function describeExternalBans({ isLocked, run }: Call, isCleared = false): Promise<JsonObject> {
  const { bans, status } = await run('extban.list', {});
  const setting = async (name: string) => (await run('config.get', { name })).value;
  const interval = await setting('extBansCheckInterval');
  return {
    _locked: isLocked('extbans'),
    config: {
      extBansUrl: await setting('extBansUrl'),
      extBansCheckInterval: interval,
      extBansCacheUrl: isCleared ? '' : await setting('extBansCacheUrl'),
      extBansCacheKey: isCleared ? '' : await setting('extBansCacheKey'),
    },
    status: {
      url: status?.url ?? '',
      intervalMsecs: status?.intervalMs ?? Number(interval) * 1000,
      started: status?.isStarted ?? true,
      active: status?.isActive ?? false,
      msecsUntilNextCheck: status?.msUntilNextCheck ?? -1,
    },
    bans: bans.map((ban) => ({
      id: ban.id,
      ips: ban.ips.map(({ from, to, reaction }) => ({ from, to, reaction })),
      ipsexcluded: ban.excluded.map(({ from, to }) => ({ from, to })),
      system: ban.systems.map(({ sids, reaction }) => ({ sids, reaction })),
      users: ban.users.map(({ ids, reaction }) => ({ ids, reaction })),
      expires: ban.expiresText,
      comment: ban.comment,
      reason: ban.reason,
      enabled: ban.isEnabled,
    })),
  };
}

const refreshTexts = {
  triggered: 'refresh triggered',
  'already in progress': 'refresh already in progress',
  'not active': 'external bans not active',
} as const;

/** `msg` is the key that the originals have here (http.md §7.2). */
function refreshed(result: keyof typeof refreshTexts): Answer {
  const text = refreshTexts[result];
  return result === 'triggered'
    ? ok({ msg: text })
    : { status: 400, body: { msg: text, status: 'error', message: text } };
}

const section = 'extbans';

export const recordRoutes: readonly OriginalRoute[] = [
  {
    path: 'log',
    summary: 'The server log, newest first',
    methods: { GET: getLog, POST: postLog },
  },
  {
    path: 'extbans',
    summary: 'The external ban list',
    section,
    methods: {
      GET: async (call) => ok(await describeExternalBans(call)),
      DELETE: async (call) => {
        await call.run('extban.clear', {});
        return ok(await describeExternalBans(call, true));
      },
    },
  },
  {
    path: 'extbans/refresh',
    summary: 'Fetches the external ban list now',
    section,
    ignoresLock: true,
    methods: {
      POST: ({ run }) =>
        answered(
          run('extban.refresh', {}).then(({ result }) => refreshed(result)),
          { refused: refreshed('not active') },
        ),
    },
  },
  {
    path: 'extbans/:id',
    summary: 'Switches an entry of the external ban list on or off',
    section,
    methods: {
      PUT: async ({ run, params, input }) => {
        if (!/^\d{1,15}$/.test(params.id ?? '')) return notFound();
        if (input.enabled === undefined) return failed(400, "Missing 'enabled' in request");
        const done = { status: 200, body: undefined };
        return answered(
          run('extban.enable', { id: Number(params.id), isEnabled: flagOf(input.enabled) }).then(() => done),
          { notFound: done },
        );
      },
    },
  },
];
