// Sessions, the users in them and the state of the server, over the admin API of an original (http.md §1).

import type { InputOf } from '../../../admin/operations.js';
import { refusal } from '../../../core/errors.js';
import { isSameName } from '../../../core/names.js';
import type { JsonObject } from '../../../core/protocol/command.js';
import { drawpileLink } from '../../../core/session/join-links.js';
import { type Ask, lacking, part, passedOn, rows, type Translation } from './translation.js';

export const sessionPath = (input: { readonly session: string }) => `sessions/${part(input.session)}`;

async function memberId(ask: Ask, input: InputOf<'session.ban'>): Promise<number> {
  const given = String(input.user);
  if (/^\d+$/.test(given)) return Number(given);
  const { users } = (await ask('GET', sessionPath(input))) as { users: JsonObject[] };
  const found = users.find(({ name, online }) => online !== false && isSameName(String(name), given));
  if (found) return Number(found.id);
  throw refusal('member-not-found', {
    user: given,
    present: users
      .filter(({ online }) => online !== false)
      .map(({ id, name }) => `${id} ${name}`)
      .join(', '),
  });
}

export const messageSessions: Translation<'session.message'> = async (ask, input) => {
  const body = { [input.isAlert === true ? 'alert' : 'message']: input.text };
  const { session, user } = input;
  if (session === undefined) {
    await ask('PUT', 'sessions/', body);
    const sessions = rows(await ask('GET', 'sessions/'));
    return {
      sessions: sessions.filter(({ id }) => id !== undefined).length,
      users: sessions.reduce((sum, { userCount }) => sum + Number(userCount ?? 0), 0),
    };
  }
  if (user !== undefined) {
    await ask('PUT', `${sessionPath({ session })}/${await memberId(ask, { session, user })}`, body);
    return { sessions: 1, users: 1 };
  }
  const { userCount } = (await ask('PUT', sessionPath({ session }), body)) as JsonObject;
  return { sessions: 1, users: Number(userCount ?? 0) };
};

export const setRole: Translation<'session.role'> = async (ask, input) => {
  if (input.muted !== undefined) throw lacking('muting of users');
  const { op, trusted } = input;
  return passedOn(ask('PUT', `${sessionPath(input)}/${await memberId(ask, input)}`, { op, trusted }));
};

export const kickMember: Translation<'session.kick'> = async (ask, input) => {
  const message = input.message === undefined ? '' : `?message=${part(input.message)}`;
  const { force } = (await ask(
    'DELETE',
    `${sessionPath(input)}/${await memberId(ask, input)}${message}`,
  )) as JsonObject;
  return { user: String(input.user), isForced: force === true };
};

export const requestThumbnail: Translation<'thumbnail.request'> = async (ask, input) => {
  const { session, user: _, ...body } = input;
  return passedOn(ask('POST', `${sessionPath({ session })}/${await memberId(ask, input)}/thumbnail`, body));
};

export const killSession: Translation<'session.kill'> = async (ask, input) => {
  const { id, userCount } = (await ask('GET', sessionPath(input))) as JsonObject;
  const query = new URLSearchParams({
    quiet: String(input.isQuiet === true),
    reason: String(input.reason ?? ''),
  });
  await ask('DELETE', `${sessionPath(input)}?${query}`);
  return { id: String(id), users: Number(userCount ?? 0) };
};

export const unlist: Translation<'session.unlist'> = async (ask, input) => {
  const listings = rows(await ask('GET', `${sessionPath(input)}/listing`));
  const chosen = listings.filter(({ url }) => input.url === undefined || url === input.url);
  if (input.url !== undefined && chosen.length === 0) {
    throw refusal('listing-not-found', { url: String(input.url) });
  }
  for (const { id } of chosen) await ask('DELETE', `${sessionPath(input)}/listing/${id}`);
  return { urls: chosen.map(({ url }) => String(url)) };
};

export const status: Translation<'server.status'> = async (ask) => {
  const now = (await ask('GET', 'status/')) as JsonObject;
  const sessions = rows(await ask('GET', 'sessions/')).filter(({ id }) => id !== undefined);
  const sum = (key: string) => sessions.reduce((total, each) => total + Number(each[key] ?? 0), 0);
  return {
    version: 'drawpile-srv',
    startedAt: Date.parse(String(now.started).replace(' ', 'T').replace(/Z?$/, 'Z')),
    sessions: Number(now.sessions),
    sessionsAtMost: Number(now.maxSessions),
    users: Number(now.users),
    usersInSessions: sum('userCount'),
    activeDrawers: sum('activeDrawingUserCount'),
    historyBytes: sum('size'),
    memoryBytes: 0,
    host: String(now.ext_host),
    port: Number(now.ext_port),
    link: drawpileLink(String(now.ext_host), Number(now.ext_port)),
    storage: 'database',
    place: '',
    stopsAt: null,
    problems: [],
  };
};
