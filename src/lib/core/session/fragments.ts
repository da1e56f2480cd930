// Parts of the configuration that are sent directly to members and never through the history: bans, roles, invites …
// (sessions.md §9.2). Each list has its own rule for shortening it to one message.
import type { Buffer } from 'node:buffer';
import type { JsonObject } from '../protocol/command.js';
import type { ActionRecorder } from './actions.js';
import type { Invites } from './invites.js';
import type { Member, Present } from './member.js';
import { replies } from './replies.js';
import type { JournalEntry } from './saved.js';
import type { SessionBans } from './session-bans.js';

export type FragmentName = 'announcements' | 'banlist' | 'muted' | 'auth' | 'invitelist';

export interface FragmentsSession extends ActionRecorder {
  readonly people: Pick<Present, 'members'>;
  readonly bans: Pick<SessionBans, 'all'>;
  readonly invites: Pick<Invites, 'all' | 'removeOldest'>;
  readonly roles: { authList(): JsonObject[]; isOnline(authId: string): boolean };
  readonly listings: { readonly urls: readonly string[] };
  write(entry: JournalEntry): void;
}

/** Sends the named lists, in this order, to everyone who may see them. */
export function sendFragments(
  session: FragmentsSession,
  names: readonly FragmentName[],
  options: { clearsOthers?: boolean; to?: readonly Member[] } = {},
): void {
  const members = options.to ?? session.people.members;
  for (const name of names) {
    switch (name) {
      case 'announcements':
        send(
          members,
          list(
            name,
            session.listings.urls.map((url) => ({ url })),
          ),
        );
        break;
      case 'muted':
        send(
          members,
          list(
            name,
            session.people.members.filter((each) => each.isMuted).map((each) => each.id),
          ),
        );
        break;
      case 'banlist':
        sendBans(session, members, options.clearsOthers ?? false);
        break;
      case 'auth':
        send(
          members.filter((member) => member.isOperator),
          authFragment(session),
        );
        break;
      case 'invitelist':
        send(
          members.filter((member) => member.isOperator),
          inviteFragment(session),
        );
        break;
    }
  }
}

function fragment(config: JsonObject): Buffer | undefined {
  return replies.sessionConf(config);
}

/** Lists are mostly empty, and everyone gets all of them each time somebody comes: these frames are made once. */
const emptyLists: Readonly<Record<FragmentName, Buffer | undefined>> = {
  announcements: fragment({ announcements: [] }),
  banlist: fragment({ banlist: [] }),
  muted: fragment({ muted: [] }),
  auth: fragment({ auth: [] }),
  invitelist: fragment({ invitelist: [] }),
};

/** Undefined: it does not fit into a message. */
function list(name: FragmentName, items: readonly unknown[]): Buffer | undefined {
  return items.length === 0 ? emptyLists[name] : fragment({ [name]: items });
}

function send(members: readonly Member[], frame: Buffer | undefined): void {
  if (frame) for (const member of members) member.send(frame);
}

function sendBans(session: FragmentsSession, members: readonly Member[], clearsOthers: boolean): void {
  let short: Buffer | undefined;
  let detailed: Buffer | undefined;
  let none: Buffer | undefined;
  for (const member of members) {
    if (!member.isOperator && !member.isModerator) {
      if (clearsOthers) {
        none ??= list('banlist', []);
        member.send(none);
      }
      continue;
    }
    const brief = () => (short ??= list('banlist', banList(session, false)));
    if (member.isModerator || member.isLoopback) {
      detailed ??= list('banlist', banList(session, true)) ?? brief();
      member.send(detailed);
    } else {
      member.send(brief());
    }
  }
}

function banList(session: FragmentsSession, hasDetails: boolean): JsonObject[] {
  return session.bans.all.map((ban) => ({
    id: ban.id,
    username: ban.username,
    bannedBy: ban.bannedBy,
    ...(hasDetails && { ip: ban.ip, extauthid: ban.authId, s: ban.sid }),
  }));
}

/** Left out where it does not fit: offline untrusted, then offline non-operators, then everyone offline. */
function authFragment(session: FragmentsSession): Buffer | undefined {
  const rows = session.roles.authList();
  const isOnline = (row: JsonObject) => session.roles.isOnline(String(row.authId));
  const shortened = (isShown: (row: JsonObject) => boolean) => list('auth', rows.filter(isShown));
  return (
    list('auth', rows) ??
    shortened((row) => isOnline(row) || row.trusted === true || row.op === true) ??
    shortened((row) => isOnline(row) || row.op === true) ??
    shortened(isOnline)
  );
}

function inviteFragment(session: FragmentsSession): Buffer | undefined {
  for (;;) {
    const frame = list(
      'invitelist',
      // The newest first, as recorded.
      [...session.invites.all].reverse().map((invite) => ({
        secret: invite.secret,
        at: invite.at,
        maxUses: invite.maxUses,
        uses: invite.uses.map((use) => ({ name: use.name, at: use.at })),
        ...(invite.creator && { creator: invite.creator }),
        ...(invite.op && { op: true }),
        ...(invite.trust && { trust: true }),
      })),
    );
    if (frame) return frame;
    const oldest = session.invites.removeOldest();
    if (!oldest) return undefined;
    const { secret } = oldest;
    session.write({ key: 'uninvite', secret });
    const actor = { kind: 'rule', rule: 'inviteList' } as const;
    session.recordAction({ kind: 'uninvite', actor, effect: { secret, invite: oldest } });
  }
}
