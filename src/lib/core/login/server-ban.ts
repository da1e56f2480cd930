// Bans from the whole server act late, after everything else was checked, and each in its own way (login.md §12).
import type { Login } from './login.js';
import type { ServerBan } from './needs.js';

/** The ban that keeps this person out, if any; accounts with MOD or BANEXEMPT are exempt from address bans. */
export function findServerBan(login: Login): ServerBan | undefined {
  const { bans } = login.needs;
  for (const sid of login.clientInfo?.sids ?? []) {
    const ban = bans.forSystem(sid);
    if (ban) return ban;
  }
  const { externalUid, flags } = login.identity ?? {};
  if (externalUid !== undefined) {
    const ban = bans.forUser(externalUid);
    if (ban) return ban;
  }
  return flags?.has('MOD') || flags?.has('BANEXEMPT') ? undefined : bans.forAddress(login.connection.ip);
}

/** What a banned person is told. */
export function banText(ban: ServerBan): string {
  const until =
    ban.expires === undefined
      ? 'Permanently banned from this server'
      : `Banned from this server until ${new Date(ban.expires).toISOString().slice(0, 10)}`;
  return ban.reason ? `${until}: ${ban.reason}` : until;
}

/** Applies a ban at host or join; true: the login goes no further. */
export function applyServerBan(login: Login): boolean {
  const ban = findServerBan(login);
  if (!ban) return false;
  login.note('info', 'Ban', `Kept out by ${ban.source} (${ban.reaction})`);
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
        if (!link.isClosed) link.abort('banned, cut off by timer');
      });
      return false;
    }
  }
}
