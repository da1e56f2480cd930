// Operations on the running server itself: its status, stopping it, its external ban list.

import { reason } from '../core/errors/reason.js';
import { refusal } from '../core/errors.js';
import type { Actor } from '../core/session/actor.js';
import { drawpileLink } from '../core/session/join-links.js';
import { fits, sendServerMessage } from '../core/session/server-message.js';
import { texts } from '../core/session/texts.js';
import { describeDuration } from '../core/units.js';
import { certificateStatus, statusOfCertificate } from './certificates.js';
import { type ExternalBanList, type LiveServer, requireLive } from './live.js';
import { type AdminNeeds, actorFor, change, look } from './operation.js';
import { record } from './recording.js';
import {
  described,
  expiry,
  flag,
  integer,
  list,
  moment,
  nothing,
  number,
  object,
  oneWord,
  orNull,
  type Static,
  text,
  within,
} from './schema.js';

const serverStatus = object(
  {
    version: text,
    startedAt: moment,
    sessions: integer,
    sessionsAtMost: integer,
    users: described(integer, 'connections, whether in a session or not'),
    usersInSessions: integer,
    activeDrawers: integer,
    historyBytes: integer,
    memoryBytes: integer,
    host: text,
    port: integer,
    storage: oneWord('database', 'file', 'memory'),
    place: text,
    stopsAt: described(expiry, 'time of a scheduled shutdown, milliseconds since 1970; null: none'),
    problems: described(list(text), 'current problems; empty: none'),
  },
  // servers of before know nothing of it
  {
    certificate: described(certificateStatus, 'of TLS; null: none'),
    link: described(text, 'to this server, for users'),
    pid: described(integer, 'of the process; another one after a restart'),
    restartProblem: described(orNull(text), 'why the last restart did not come about; null: it did'),
  },
);
export type ServerStatus = Static<typeof serverStatus>;

const stopInput = object(
  {},
  {
    seconds: described(
      within(number, { minimum: 0, maximum: 24 * 3600 }),
      'delay, at most a day; 0 or left out: now',
    ),
    message: described(text, 'shown to all users'),
  },
);

const restartInput = object(
  {},
  {
    closesTls: described(flag, 'disconnect what this server encrypts; without it the restart is refused'),
    onlyNewer: described(flag, 'only when another version is installed'),
  },
);
const restartOutput = object({
  pid: described(integer, 'of the process that will serve; as before: nothing was restarted'),
  version: described(text, 'of the installed program'),
  closes: described(integer, 'connections that are disconnected'),
});

export const serverOperations = {
  'server.status': look({
    summary: 'Show the status of the server',
    input: nothing,
    output: serverStatus,
    run: getStatus,
  }),
  'server.stop': change(undefined, {
    summary: 'Stop the server, now or after a delay',
    input: stopInput,
    output: object({ stopsAt: moment }),
    run: stopServer,
  }),
  'server.restart': change(undefined, {
    summary: 'Replace the process of the server by one of the installed version',
    input: restartInput,
    output: restartOutput,
    run: restartServer,
  }),
  'server.keep': change(undefined, {
    summary: 'Cancel a scheduled shutdown',
    input: nothing,
    output: object({ wasAhead: flag }),
    run: cancelServerStop,
  }),
};

const addressRange = { from: text, to: text } as const;
const externalBan = object({
  id: integer,
  ips: list(object({ ...addressRange, reaction: text })),
  excluded: list(object(addressRange)),
  systems: list(object({ sids: list(text), reaction: text })),
  users: list(object({ ids: list(integer), reaction: text })),
  expiresText: text,
  comment: text,
  reason: text,
  isEnabled: flag,
});
const externalBanState = object({ id: integer, isEnabled: flag });

export const externalBanOperations = {
  'extban.list': look({
    summary: 'Show the external ban list',
    input: nothing,
    output: object({
      status: orNull(
        object(
          { url: text, intervalMs: number, isStarted: flag, isActive: flag },
          { msUntilNextCheck: number },
        ),
      ),
      bans: list(externalBan),
    }),
    run: async (needs) => {
      const { externalBans } = requireLive(needs);
      return { status: statusOf(externalBans), bans: externalBans?.list ?? [] };
    },
  }),
  'extban.refresh': change(undefined, {
    summary: 'Fetch the external ban list now',
    input: nothing,
    output: object({ result: oneWord('triggered', 'already in progress') }),
    run: async (needs) => {
      const result = requireLive(needs).externalBans?.refresh() ?? 'not active';
      if (result === 'not active') throw refusal('external-bans-unfollowed');
      await record(needs, { on: externalBanSubject() });
      return { result };
    },
  }),
  'extban.clear': change('extbans', {
    summary: 'Discard the external ban list until it is fetched again',
    input: nothing,
    output: object({ removed: described(integer, 'number of entries it had') }),
    run: async (needs) => {
      const { externalBans } = requireLive(needs);
      const removed = externalBans?.list.length ?? 0;
      externalBans?.clear();
      await record(needs, { on: externalBanSubject(), before: { entries: removed } });
      return { removed };
    },
  }),
  'extban.enable': change('extbans', {
    summary: 'Enable or disable an entry of the external ban list',
    input: externalBanState,
    output: externalBanState,
    run: async (needs, { id, isEnabled }) => {
      const { externalBans } = requireLive(needs);
      const entry = externalBans?.list.find((each) => each.id === id);
      if (!externalBans || !entry) throw refusal('external-ban-not-found', { ban: id });
      const before = { isEnabled: entry.isEnabled };
      await externalBans.setEnabled(id, isEnabled);
      await record(needs, {
        on: externalBanSubject(String(id)),
        before,
        after: { isEnabled },
      });
      return { id, isEnabled };
    },
  }),
};

const externalBanSubject = (name = '') => ({ kind: 'external bans', name }) as const;

function statusOf(externalBans: ExternalBanList | undefined) {
  if (externalBans === undefined) return null;
  const { url, intervalMs, isStarted, isActive, msUntilNextCheck } = externalBans.status;
  return {
    url,
    intervalMs,
    isStarted,
    isActive,
    ...(msUntilNextCheck !== undefined && { msUntilNextCheck }),
  };
}

async function getStatus(needs: AdminNeeds): Promise<ServerStatus> {
  const live = requireLive(needs);
  const sessions = [...live.directory.all];
  const sum = (count: (session: (typeof sessions)[number]) => number) =>
    sessions.reduce((total, session) => total + count(session), 0);
  return {
    version: live.version,
    startedAt: live.startedAt,
    sessions: sessions.length,
    sessionsAtMost: live.settings.get('sessionCountLimit'),
    users: live.peers.count,
    usersInSessions: sum(({ people }) => people.count),
    activeDrawers: sum(({ people }) => people.activeDrawerCount),
    historyBytes: sum(({ history }) => history.sizeBytes),
    memoryBytes: live.memoryBytes,
    host: live.address.host,
    port: live.address.port,
    link: drawpileLink(live.address.host, live.address.port),
    storage: needs.stores.kind,
    place: needs.stores.place,
    stopsAt: live.pendingStop?.at ?? null,
    problems: live.problems,
    certificate: statusOfCertificate(live.certificate),
    ...(live.pid !== undefined && { pid: live.pid, restartProblem: live.restartProblem ?? null }),
  };
}

/**
 * Another process is started and has checked everything when this answers. It takes over a moment later: `server.status` has
 * its pid then, or says what was in the way.
 */
async function restartServer(
  needs: AdminNeeds,
  input: Static<typeof restartInput>,
): Promise<Static<typeof restartOutput>> {
  const live = requireLive(needs);
  if (!live.restart) throw refusal('restart-unsupported', { reason: reason('restart-unsupervised') });
  const { pid, version, closes, finish, cancel } = await live.restart({
    closesTls: input.closesTls === true,
  });
  if (input.onlyNewer === true && version === live.version) {
    cancel();
    return { pid: live.pid ?? 0, version, closes: 0 };
  }
  live.restartProblem = undefined;
  await record(needs, { on: theServer, before: { version: live.version }, after: { version, closes } });
  live.clock.after(answerMs, () => {
    finish().catch((error: Error) => {
      live.restartProblem = error.message;
      live.log.write({ time: live.clock.now(), level: 'error', topic: 'Status', message: error.message });
    });
  });
  return { pid, version, closes };
}

const theServer = { kind: 'server', name: '' } as const;

/** At once or in a while, of which everybody is notified; a second call takes the place of the first. */
/** Time for an answer to leave before the server stops. */
const answerMs = 50;

async function stopServer(needs: AdminNeeds, input: Static<typeof stopInput>): Promise<{ stopsAt: number }> {
  const live = requireLive(needs);
  const seconds = input.seconds ?? 0;
  const message = input.message?.trim() ?? '';
  if (!fits(message)) throw refusal('stop-message-too-long');
  cancelStop(live);
  const at = live.clock.now() + seconds * 1000;
  const when = seconds > 0 ? texts.stopsIn(describeDuration(seconds)) : '';
  messageAll(live, actorFor(needs), [when, message].filter(Boolean).join(' '));
  const run = () => {
    live.pendingStop = undefined;
    live.stop(message);
  };
  await record(needs, { on: theServer, after: { seconds, message } });
  cancelStop(live); // another one that came meanwhile: the latest holds
  // only now, and not in the same turn: the caller gets an answer first
  live.pendingStop = { at, timer: live.clock.after(Math.max(at - live.clock.now(), answerMs), run) };
  return { stopsAt: at };
}

/** A stop that is ahead does not happen. */
async function cancelServerStop(needs: AdminNeeds): Promise<{ wasAhead: boolean }> {
  const live = requireLive(needs);
  const wasAhead = cancelStop(live);
  if (wasAhead) {
    messageAll(live, actorFor(needs), texts.stopCancelled);
    await record(needs, { on: theServer });
  }
  return { wasAhead };
}

function cancelStop(live: LiveServer): boolean {
  const pending = live.pendingStop;
  pending?.timer.cancel();
  live.pendingStop = undefined;
  return pending !== undefined;
}

function messageAll(live: LiveServer, actor: Actor, text: string): void {
  for (const session of live.directory.all) sendServerMessage(session, actor, { text, isAlert: true });
}
