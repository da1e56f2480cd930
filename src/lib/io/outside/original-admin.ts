// TABLE of operations as far as the admin API of an original drawpile-srv can carry them out (http.md §1). What is
// not in the table it can't, and the refusal names it.

import type { BanView } from '../../admin/bans.js';
import type { OperationName } from '../../admin/operations.js';
import type { AccountView } from '../../admin/users.js';
import { formatSubnet, readStoredSubnet } from '../../core/addresses.js';
import { fault, Refusal, refusal } from '../../core/errors.js';
import type { BanReaction } from '../../core/login/needs.js';
import { isSameName } from '../../core/names.js';
import { isJsonObject, type JsonObject } from '../../core/protocol/command.js';
import { isSettingName, readSetting, requireSettingName, settingRow } from '../../core/settings/settings.js';
import { formatDateTime, lastMoment, parseDateTime } from '../../core/units.js';
import { type AdminServerAddress, askAdminServer } from './admin-http.js';

type Ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) => Promise<unknown>;
type Translation = (ask: Ask, input: JsonObject) => Promise<unknown>;

/** Carries an operation out over the old API; Refusal `unsupported` for what that lacks. */
export async function runOnOriginal(
  server: AdminServerAddress,
  name: OperationName,
  input: JsonObject,
): Promise<unknown> {
  const translation = translations[name];
  if (!translation) throw lacking(name);
  return translation((method, path, body) => askOriginal(server, method, path, body), input);
}

function lacking(what: string): Refusal {
  return refusal('original-cannot', { what });
}

async function askOriginal(
  server: AdminServerAddress,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const { status, json, text } = await askAdminServer(server, method, `/api/${path}`, body);
  if (status >= 200 && status < 300) {
    if (json === undefined && text !== '') {
      throw fault('no-admin-api', { server: server.label });
    }
    return json;
  }
  const message = isJsonObject(json) && typeof json.message === 'string' ? json.message : `${status}`;
  if (status === 404) throw refusal('original-found-nothing', { message });
  if (status === 403) throw refusal('original-refused', { message });
  if (status === 409) throw refusal('original-conflict', { message });
  if (status === 400) throw refusal('original-rejected-input', { message });
  throw fault('server-answered', { server: server.label, status, message });
}

const part = (value: unknown) => encodeURIComponent(String(value));
const rows = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

// ---- settings -----------------------------------------------------------------------------------------

function settingView(name: string, value: unknown): JsonObject | undefined {
  if (!isSettingName(name)) return undefined;
  const row = settingRow(name);
  const typed = typeof value === 'string' ? readSetting(name, value) : value;
  return {
    name,
    value: typed,
    text: row.kind.format(typed as never),
    default: row.default,
    // The old API does not tell where a value comes from.
    origin: 'database',
    kind: row.kind.name,
    help: row.help,
    since: row.since,
    isSecret: row.isSecret,
  };
}

async function settingViews(ask: Ask): Promise<JsonObject[]> {
  const all = (await ask('GET', 'server/')) as JsonObject;
  return Object.entries(all)
    .map(([name, value]) => settingView(name, value))
    .filter((view) => view !== undefined);
}

const changeSettings: Translation = async (ask, input) => {
  const wanted = (input.set ?? {}) as Record<string, string>;
  const unset = (input.unset ?? []) as string[];
  const texts: Record<string, string> = {};
  for (const [typed, text] of Object.entries(wanted)) texts[requireSettingName(typed)] = text;
  for (const typed of unset) {
    const name = requireSettingName(typed);
    texts[name] = settingRow(name).default;
  }
  const before = (await ask('GET', 'server/')) as JsonObject;
  const unknown = Object.keys(texts).find((name) => !(name in before));
  if (unknown !== undefined) throw lacking(`setting ${unknown}`);
  const after = (await ask('PUT', 'server/', texts)) as JsonObject;
  for (const [name, text] of Object.entries(texts)) {
    if (isSettingName(name) && after[name] !== settingRow(name).kind.parse(text)) {
      throw refusal('original-rejected-setting', { value: text, setting: name });
    }
  }
  return Object.keys(texts).flatMap((name) => settingView(name, after[name]) ?? []);
};

// ---- accounts -----------------------------------------------------------------------------------------

function accountView({ id, username, locked, flags }: JsonObject): AccountView {
  return {
    id: Number(id),
    name: String(username),
    flags: String(flags ?? '')
      .split(',')
      .filter((flag) => flag !== ''),
    isLocked: locked === true,
    password: 'unknown',
  };
}

const accounts = async (ask: Ask) => rows(await ask('GET', 'accounts/')).map(accountView);

async function findAccount(ask: Ask, input: JsonObject): Promise<AccountView> {
  const key = input.key as { id?: number; name?: string };
  const found = (await accounts(ask)).find(({ id, name }) =>
    key.id === undefined ? name === key.name : id === key.id,
  );
  if (found) return found;
  throw refusal('account-not-found', { account: key.name ?? String(key.id) });
}

const addAccount: Translation = async (ask, input) =>
  accountView(
    (await ask('POST', 'accounts/', {
      username: input.name,
      password: input.password,
      locked: input.isLocked ?? false,
      flags: ((input.flags ?? []) as string[]).join(',').toUpperCase(),
    })) as JsonObject,
  );

const changeAccount: Translation = async (ask, input) => {
  const before = await findAccount(ask, input);
  const removed = new Set(((input.removeFlags ?? []) as string[]).map((flag) => flag.toUpperCase()));
  const added = ((input.addFlags ?? []) as string[]).map((flag) => flag.toUpperCase());
  const flags = [...((input.flags ?? before.flags) as string[]), ...added].filter(
    (flag) => !removed.has(flag),
  );
  return accountView(
    (await ask('PUT', `accounts/${before.id}`, {
      ...(input.name !== undefined && { username: input.name }),
      ...(input.password !== undefined && { password: input.password }),
      ...(input.isLocked !== undefined && { locked: input.isLocked }),
      flags: [...new Set(flags)].join(','),
    })) as JsonObject,
  );
};

const removeAccount: Translation = async (ask, input) => {
  const account = await findAccount(ask, input);
  await ask('DELETE', `accounts/${account.id}`);
  return account;
};

const loginResults = ['unknown', 'wrong', 'locked', 'ok'] as const;
const checkLogin: Translation = async (ask, input) => {
  const { status } = (await ask('POST', 'accounts/auth', {
    username: input.name,
    password: input.password,
  })) as { status: number };
  return loginResults[status] ?? 'unknown';
};

// ---- bans ---------------------------------------------------------------------------------------------

const banPaths = { ip: 'banlist', client: 'systembans', user: 'userbans' } as const;
type Kind = keyof typeof banPaths;

function banView(kind: Kind, ban: JsonObject): BanView {
  const expires = parseDateTime(String(ban.expires));
  const added = parseDateTime(String(ban.added));
  const read =
    kind === 'ip' ? readStoredSubnet({ address: String(ban.ip), bits: Number(ban.subnet) }) : undefined;
  return {
    ref: `${kind}:${ban.id}`,
    kind,
    id: Number(ban.id),
    target:
      kind === 'ip'
        ? read && 'subnet' in read
          ? formatSubnet(read.subnet)
          : String(ban.ip)
        : String(kind === 'client' ? ban.sid : ban.userId),
    isActive: expires === undefined || expires > Date.now(),
    expires: expires === undefined || expires >= lastMoment ? null : expires,
    added: added ?? null,
    comment: String(ban.comment ?? ''),
    reason: String(ban.reason ?? ''),
    reaction: (ban.reaction ?? 'normal') as BanReaction,
  };
}

async function allBans(ask: Ask, only?: Kind): Promise<BanView[]> {
  const kinds = only === undefined ? (Object.keys(banPaths) as Kind[]) : [only];
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      try {
        return rows(await ask('GET', `${banPaths[kind]}/`)).map((ban) => banView(kind, ban));
      } catch (error) {
        // 2.1 has bans of addresses only
        if (kind !== 'ip' && error instanceof Refusal && error.kind === 'notFound') return [];
        throw error;
      }
    }),
  );
  return lists.flat();
}

const listBans: Translation = async (ask, input) => {
  if (input.address !== undefined) throw lacking('search for the bans of an address');
  return (await allBans(ask, input.kind as Kind | undefined)).filter(
    ({ isActive }) => isActive || input.withExpired === true,
  );
};

const addBan: Translation = async (ask, input) => {
  const kind = input.kind as Kind;
  const expires = formatDateTime((input.expires as number | undefined) ?? lastMoment);
  const shared = { expires, comment: input.comment ?? '' };
  const more = { reaction: input.reaction ?? 'normal', reason: input.reason ?? '' };
  const body =
    kind === 'ip'
      ? { ip: input.address, subnet: input.bits ?? 0, ...shared }
      : kind === 'client'
        ? { sid: input.sid, ...shared, ...more }
        : { userId: input.userId, ...shared, ...more };
  return banView(kind, (await ask('POST', `${banPaths[kind]}/`, body)) as JsonObject);
};

const removeBans: Translation = async (ask, input) => {
  const all = await allBans(ask);
  const refs = input.refs as { kind: Kind; id: number }[] | undefined;
  const chosen = refs
    ? refs.map(({ kind, id }) => {
        const ban = all.find((each) => each.kind === kind && each.id === id);
        if (ban) return ban;
        throw refusal('ban-not-found', { ban: `${kind}:${id}` });
      })
    : all.filter(({ isActive }) => isActive === (input.which === 'active'));
  for (const { kind, id } of chosen) await ask('DELETE', `${banPaths[kind]}/${id}`);
  return chosen;
};

// ---- log ----------------------------------------------------------------------------------------------

const pagesAtMost = 100;
const perPage = 100;

const queryLog: Translation = async (ask, input) => {
  for (const name of ['afterId', 'addresses', 'level'] as const) {
    if (input[name] !== undefined) throw lacking(`filter of the log by ${name}`);
  }
  const sessions = (input.sessions ?? []) as string[];
  if (sessions.length > 1) throw lacking('filter of the log by several sessions');
  const query = new URLSearchParams({
    session: sessions[0] ?? '',
    user: String(input.user ?? ''),
    contains: String(input.contains ?? ''),
  });
  const limit = (input.limit as number | undefined) ?? Number.POSITIVE_INFINITY;
  const skip = (input.skip as number | undefined) ?? 0;
  const found: JsonObject[] = [];
  for (let page = 0; page < pagesAtMost; page++) {
    query.set('page', String(page));
    const entries = rows(await ask('GET', `log/?${query}`));
    found.push(...entries.map(logRow).filter((row) => isWanted(row, input)));
    const oldest = entries.at(-1)?.timestamp;
    if (entries.length < perPage || (input.order === 'newest' && found.length >= skip + limit)) break;
    if (typeof input.from === 'number' && Date.parse(String(oldest)) < input.from) break;
  }
  if (input.order === 'oldest') found.reverse();
  return found.slice(skip, skip + limit);
};

function logRow(entry: JsonObject): JsonObject {
  const [id = '0', ip = '', ...name] = String(entry.user ?? '').split(';');
  return {
    id: 0,
    time: Date.parse(String(entry.timestamp)),
    level: String(entry.level).toLowerCase(),
    topic: entry.topic,
    message: entry.message,
    ...(entry.session !== undefined && { session: entry.session }),
    ...(entry.user !== undefined && { user: { id: Number(id), ip, name: name.join(';') } }),
  };
}

function isWanted(row: JsonObject, input: JsonObject): boolean {
  const time = row.time as number;
  const topics = input.topics as string[] | undefined;
  const names = (input.names as string[] | undefined)?.map((name) => name.toLowerCase());
  const user = row.user as { name: string } | undefined;
  return (
    (typeof input.from !== 'number' || time >= input.from) &&
    (typeof input.until !== 'number' || time < input.until) &&
    (topics === undefined || topics.includes(String(row.topic))) &&
    (names === undefined || (user !== undefined && names.includes(user.name.toLowerCase())))
  );
}

// ---- list servers ---------------------------------------------------------------------------------------

async function listServers(ask: Ask): Promise<{ isEnabled: boolean; entries: 'patterns'; list: string[] }> {
  const { enabled, whitelist } = (await ask('GET', 'listserverwhitelist/')) as JsonObject;
  return { isEnabled: enabled === true, entries: 'patterns', list: (whitelist ?? []) as string[] };
}

const escaped = (entry: string) => `^${entry.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;

const replaceList = async (ask: Ask, list: readonly string[]) => {
  await ask('PUT', 'listserverwhitelist/', { whitelist: list });
  return listServers(ask);
};

// ---- sessions -------------------------------------------------------------------------------------------

const sessionPath = (input: JsonObject) => `sessions/${part(input.session)}`;

async function memberId(ask: Ask, input: JsonObject): Promise<number> {
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

const messageSessions: Translation = async (ask, input) => {
  const body = { [input.isAlert === true ? 'alert' : 'message']: input.text };
  if (input.session === undefined) {
    await ask('PUT', 'sessions/', body);
    const sessions = rows(await ask('GET', 'sessions/'));
    return {
      sessions: sessions.filter(({ id }) => id !== undefined).length,
      users: sessions.reduce((sum, { userCount }) => sum + Number(userCount ?? 0), 0),
    };
  }
  if (input.user !== undefined) {
    await ask('PUT', `${sessionPath(input)}/${await memberId(ask, input)}`, body);
    return { sessions: 1, users: 1 };
  }
  const { userCount } = (await ask('PUT', sessionPath(input), body)) as JsonObject;
  return { sessions: 1, users: Number(userCount ?? 0) };
};

const setRole: Translation = async (ask, input) => {
  if (input.muted !== undefined) throw lacking('muting of users');
  const { op, trusted } = input;
  return ask('PUT', `${sessionPath(input)}/${await memberId(ask, input)}`, { op, trusted });
};

const kickMember: Translation = async (ask, input) => {
  const message = input.message === undefined ? '' : `?message=${part(input.message)}`;
  const { force } = (await ask(
    'DELETE',
    `${sessionPath(input)}/${await memberId(ask, input)}${message}`,
  )) as JsonObject;
  return { user: String(input.user), isForced: force === true };
};

const killSession: Translation = async (ask, input) => {
  const { id, userCount } = (await ask('GET', sessionPath(input))) as JsonObject;
  const query = new URLSearchParams({
    quiet: String(input.isQuiet === true),
    reason: String(input.reason ?? ''),
  });
  await ask('DELETE', `${sessionPath(input)}?${query}`);
  return { id, users: Number(userCount ?? 0) };
};

const unlist: Translation = async (ask, input) => {
  const listings = rows(await ask('GET', `${sessionPath(input)}/listing`));
  const chosen = listings.filter(({ url }) => input.url === undefined || url === input.url);
  if (input.url !== undefined && chosen.length === 0) {
    throw refusal('listing-not-found', { url: String(input.url) });
  }
  for (const { id } of chosen) await ask('DELETE', `${sessionPath(input)}/listing/${id}`);
  return { urls: chosen.map(({ url }) => url) };
};

const users = async (ask: Ask) => rows(await ask('GET', 'users/'));

const status: Translation = async (ask) => {
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
    host: now.ext_host,
    port: Number(now.ext_port),
    storage: 'database',
    place: '',
    stopsAt: null,
  };
};

// ---- the table --------------------------------------------------------------------------------------------

const translations: Partial<Record<OperationName, Translation>> = {
  'config.list': settingViews,
  'config.get': async (ask, { name }) => {
    const wanted = requireSettingName(String(name));
    const found = (await settingViews(ask)).find((view) => view.name === wanted);
    if (found) return found;
    throw lacking(`setting ${wanted}`);
  },
  'config.change': changeSettings,

  'user.list': accounts,
  'user.get': findAccount,
  'user.add': addAccount,
  'user.change': changeAccount,
  'user.remove': removeAccount,
  'user.login': checkLogin,

  'ban.list': listBans,
  'ban.add': addBan,
  'ban.remove': removeBans,

  'log.query': queryLog,

  'listserver.list': listServers,
  'listserver.add': async (ask, { entry, isPattern }) => {
    const { list } = await listServers(ask);
    return replaceList(ask, [...list, isPattern === true ? String(entry) : escaped(String(entry))]);
  },
  'listserver.remove': async (ask, { entry }) => {
    const { list } = await listServers(ask);
    const rest = list.filter((each) => each !== entry && each !== escaped(String(entry)));
    if (rest.length === list.length) throw refusal('list-server-not-found', { entry: String(entry) });
    return replaceList(ask, rest);
  },
  'listserver.replace': (ask, { list }) => replaceList(ask, list as string[]),

  'session.list': (ask, { onlyListed }) =>
    ask('GET', `sessions/${onlyListed === true ? '?listed=true' : ''}`),
  'session.get': (ask, input) => ask('GET', sessionPath(input)),
  'session.users': async (ask, input) => ((await ask('GET', sessionPath(input))) as JsonObject).users,
  'session.set': (ask, input) => ask('PUT', sessionPath(input), input.change),
  'session.kill': killSession,
  'session.message': messageSessions,
  'session.kick': kickMember,
  'session.role': setRole,
  'session.invite': async (ask, input) => ({
    ...((await ask('POST', `${sessionPath(input)}/invites`, {
      maxUses: input.maxUses ?? 1,
      trust: input.trust ?? false,
      op: input.op ?? false,
    })) as JsonObject),
    session: input.session,
  }),
  'session.uninvite': async (ask, input) => {
    await ask('DELETE', `${sessionPath(input)}/invites/${part(input.secret)}`);
    return { secret: input.secret };
  },
  'session.announce': async (ask, input) => {
    await ask('POST', `${sessionPath(input)}/listing`, { url: input.url });
    return { id: input.session };
  },
  'session.unlist': unlist,

  'online.list': users,
  'online.kick': async (ask, { uid, message }) => {
    const query = message === undefined ? '' : `?message=${part(message)}`;
    const { force } = (await ask('DELETE', `users/${part(uid)}${query}`)) as JsonObject;
    return { isForced: force === true };
  },

  'extban.refresh': async (ask) => {
    await ask('POST', 'extbans/refresh', {});
    return { result: 'triggered' };
  },
  'extban.enable': async (ask, { id, isEnabled }) => {
    await ask('PUT', `extbans/${part(id)}`, { enabled: isEnabled });
    return { id, isEnabled };
  },

  'server.status': status,
};
