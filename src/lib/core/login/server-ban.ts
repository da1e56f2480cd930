// Server bans take effect late, after all other checks, and each in its own way (login.md §12).
import type { Login } from './login.js';
import type { ServerBan, ServerBans } from './needs.js';

/** What server bans are matched against. */
export interface BannedPerson {
  ip: string;
  /** Both halves of the system id, or one. */
  sids: readonly string[];
  externalUid: number | undefined;
  flags: ReadonlySet<string>;
}

/** The ban that fits, if any; accounts with MOD or BANEXEMPT are exempt from address bans. */
export function findBan(bans: ServerBans, person: BannedPerson): ServerBan | undefined {
  for (const sid of person.sids) {
    const ban = bans.forSystem(sid);
    if (ban) return ban;
  }
  const byUid = person.externalUid === undefined ? undefined : bans.forUser(person.externalUid);
  if (byUid) return byUid;
  return person.flags.has('MOD') || person.flags.has('BANEXEMPT') ? undefined : bans.forAddress(person.ip);
}

/** The ban that applies to this login, if any. */
export function findServerBan(login: Login): ServerBan | undefined {
  return findBan(login.needs.bans, {
    ip: login.connection.ip,
    sids: login.clientInfo?.sids ?? [],
    externalUid: login.identity?.externalUid,
    flags: login.identity?.flags ?? new Set(),
  });
}

/** The text for a banned user. */
export function banText(ban: ServerBan): string {
  const until =
    ban.expires === undefined
      ? 'Permanently banned from this server'
      : `Banned from this server until ${new Date(ban.expires).toISOString().slice(0, 10)}`;
  return ban.reason ? `${until}: ${ban.reason}` : until;
}

/** Applies a ban at host or join; true: the login has ended. */
export function applyServerBan(login: Login): boolean {
  const ban = findServerBan(login);
  if (!ban) return false;
  login.writeLog('info', 'Ban', `Login denied by ${ban.source} (reaction: ${ban.reaction})`);
  switch (ban.reaction) {
    case 'normal':
      login.disconnect('error', banText(ban));
      return true;
    case 'neterror':
      login.disconnect('error', 'Network error: no route to host');
      return true;
    case 'garbage':
      login.result({ state: 'checkauth', message: 'check authentication' });
      login.close();
      login.link.ignoreInput();
      return true;
    case 'hang':
      login.close();
      login.link.ignoreInput();
      return true;
    case 'timer': {
      const { clock, random } = login.needs;
      const delayMs = 1000 + ((random.bytes(1)[0] ?? 0) / 255) * 4000;
      const { link } = login;
      clock.after(delayMs, () => {
        if (!link.isClosed) link.abort('banned (reaction: timer)');
      });
      return false;
    }
  }
}
