// TABLE of operations as far as the admin API of an original drawpile-srv can carry them out (http.md §1). What is
// not in the table it can't, and the refusal names it.

import type { BanView } from '../../admin/bans.js';
import { answerProblem, checkInput } from '../../admin/check-shape.js';
import type { LogRow } from '../../admin/needs.js';
import { type InputOf, type OperationName, type OutputOf, operationOf } from '../../admin/operations.js';
import type { SettingView } from '../../admin/settings.js';
import type { AccountView } from '../../admin/users.js';
import { formatSubnet, readStoredSubnet } from '../../core/addresses.js';
import { fault, Refusal, refusal } from '../../core/errors.js';
import type { BanReaction } from '../../core/login/needs.js';
import { isSameName } from '../../core/names.js';
import { isJsonObject, type JsonObject } from '../../core/protocol/command.js';
import { isSettingName, readSetting, requireSettingName, settingRow } from '../../core/settings/settings.js';
import { formatDateTime, lastMoment, parseDateTime } from '../../core/units.js';
import { type AdminServerAddress, askAdminServer } from './admin-http.js';
import { completed } from './completed-answer.js';

type Ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) => Promise<unknown>;
type Translation<Name extends OperationName> = (
  ask: Ask,
  input: InputOf<Name>,
) => Promise<Told<OutputOf<Name>>>;
/** An answer of an original is passed on where it has our keys; what it lacks is added, and what is wrong is found. */
type Told<Output> = Output | PassedOn;
type PassedOn = { readonly passedOn: unknown };

/** Carries an operation out over the old API; Refusal `unsupported` for what that lacks. */
export async function runOnOriginal<Name extends OperationName>(
  server: AdminServerAddress,
  name: Name,
  input: InputOf<Name>,
): Promise<OutputOf<Name>> {
  const row = await operationOf(name);
  checkInput(name, row.input, input);
  const translation: Translation<Name> | undefined = translations[name];
  if (!translation) throw lacking(name);
  const told = await translation((method, path, body) => askOriginal(server, method, path, body), input);
  const answer = isPassedOn(told) ? completed(row.output, told.passedOn) : told;
  const problem = answerProblem(row.output, answer, true);
  if (problem !== undefined)
    throw fault('answer-unexpected', { server: server.label, operation: name, problem });
  // it has just been seen to have the shape
  return answer as OutputOf<Name>;
}

async function passedOn(answer: Promise<unknown>): Promise<PassedOn> {
  return { passedOn: await answer };
}

function isPassedOn(told: unknown): told is PassedOn {
  return typeof told === 'object' && told !== null && 'passedOn' in told;
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

function settingView(name: string, value: unknown): SettingView | undefined {
  if (!isSettingName(name)) return undefined;
  const row = settingRow(name);
  const typed = (typeof value === 'string' ? readSetting(name, value) : value) as SettingView['value'];
  return {
    name,
    ...(typed !== undefined && { value: typed }),
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

async function settingViews(ask: Ask): Promise<SettingView[]> {
  const all = (await ask('GET', 'server/')) as JsonObject;
  return Object.entries(all)
    .map(([name, value]) => settingView(name, value))
    .filter((view) => view !== undefined);
}

const changeSettings: Translation<'config.change'> = async (ask, { set: wanted = {}, unset = [] }) => {
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

async function findAccount(ask: Ask, { key }: InputOf<'user.get'>): Promise<AccountView> {
  const found = (await accounts(ask)).find(({ id, name }) =>
    'id' in key ? id === key.id : name === key.name,
  );
  if (found) return found;
  throw refusal('account-not-found', { account: 'id' in key ? String(key.id) : key.name });
}

const addAccount: Translation<'user.add'> = async (ask, input) =>
  accountView(
    (await ask('POST', 'accounts/', {
      username: input.name,
      password: input.password,
      locked: input.isLocked ?? false,
      flags: (input.flags ?? []).join(',').toUpperCase(),
    })) as JsonObject,
  );

const changeAccount: Translation<'user.change'> = async (ask, input) => {
  const before = await findAccount(ask, input);
  const removed = new Set((input.removeFlags ?? []).map((flag) => flag.toUpperCase()));
  const added = (input.addFlags ?? []).map((flag) => flag.toUpperCase());
  const flags = [...(input.flags ?? before.flags), ...added].filter((flag) => !removed.has(flag));
  return accountView(
    (await ask('PUT', `accounts/${before.id}`, {
      ...(input.name !== undefined && { username: input.name }),
      ...(input.password !== undefined && { password: input.password }),
      ...(input.isLocked !== undefined && { locked: input.isLocked }),
      flags: [...new Set(flags)].join(','),
    })) as JsonObject,
  );
};

const removeAccount: Translation<'user.remove'> = async (ask, input) => {
  const account = await findAccount(ask, input);
  await ask('DELETE', `accounts/${account.id}`);
  return account;
};

const loginResults = ['unknown', 'wrong', 'locked', 'ok'] as const;
const checkLogin: Translation<'user.login'> = async (ask, input) => {
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

const listBans: Translation<'ban.list'> = async (ask, input) => {
  if (input.address !== undefined) throw lacking('search for the bans of an address');
  return (await allBans(ask, input.kind)).filter(({ isActive }) => isActive || input.withExpired === true);
};

const addBan: Translation<'ban.add'> = async (ask, input) => {
  const shared = { expires: formatDateTime(input.expires ?? lastMoment), comment: input.comment ?? '' };
  return banView(
    input.kind,
    (await ask('POST', `${banPaths[input.kind]}/`, banBody(input, shared))) as JsonObject,
  );
};

function banBody(input: InputOf<'ban.add'>, shared: JsonObject): JsonObject {
  if (input.kind === 'ip') return { ip: input.address, subnet: input.bits ?? 0, ...shared };
  const more = { ...shared, reaction: input.reaction ?? 'normal', reason: input.reason ?? '' };
  return input.kind === 'client' ? { sid: input.sid, ...more } : { userId: input.userId, ...more };
}

const removeBans: Translation<'ban.remove'> = async (ask, input) => {
  const all = await allBans(ask);
  const chosen =
    'refs' in input
      ? input.refs.map(({ kind, id }) => {
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

const queryLog: Translation<'log.query'> = async (ask, input) => {
  for (const name of ['afterId', 'addresses', 'level'] as const) {
    if (input[name] !== undefined) throw lacking(`filter of the log by ${name}`);
  }
  const sessions = input.sessions ?? [];
  if (sessions.length > 1) throw lacking('filter of the log by several sessions');
  const query = new URLSearchParams({
    session: sessions[0] ?? '',
    user: input.user ?? '',
    contains: input.contains ?? '',
  });
  const limit = input.limit ?? Number.POSITIVE_INFINITY;
  const skip = input.skip ?? 0;
  const found: LogRow[] = [];
  for (let page = 0; page < pagesAtMost; page++) {
    query.set('page', String(page));
    const entries = rows(await ask('GET', `log/?${query}`));
    found.push(...entries.map(logRow).filter((row) => isWanted(row, input)));
    const oldest = entries.at(-1)?.timestamp;
    if (entries.length < perPage || (input.order === 'newest' && found.length >= skip + limit)) break;
    if (input.from !== undefined && Date.parse(String(oldest)) < input.from) break;
  }
  if (input.order === 'oldest') found.reverse();
  return found.slice(skip, skip + limit);
};

function logRow(entry: JsonObject): LogRow {
  const [id = '0', ip = '', ...name] = String(entry.user ?? '').split(';');
  return {
    id: 0,
    time: Date.parse(String(entry.timestamp)),
    level: String(entry.level).toLowerCase() as LogRow['level'],
    topic: entry.topic as LogRow['topic'],
    message: String(entry.message),
    ...(entry.session !== undefined && { session: String(entry.session) }),
    ...(entry.user !== undefined && { user: { id: Number(id), ip, name: name.join(';') } }),
  };
}

function isWanted({ time, topic, user }: LogRow, input: InputOf<'log.query'>): boolean {
  const names = input.names?.map((name) => name.toLowerCase());
  return (
    (input.from === undefined || time >= input.from) &&
    (input.until === undefined || time < input.until) &&
    (input.topics === undefined || input.topics.includes(topic)) &&
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

const sessionPath = (input: { readonly session: string }) => `sessions/${part(input.session)}`;

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

const messageSessions: Translation<'session.message'> = async (ask, input) => {
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

const setRole: Translation<'session.role'> = async (ask, input) => {
  if (input.muted !== undefined) throw lacking('muting of users');
  const { op, trusted } = input;
  return passedOn(ask('PUT', `${sessionPath(input)}/${await memberId(ask, input)}`, { op, trusted }));
};

const kickMember: Translation<'session.kick'> = async (ask, input) => {
  const message = input.message === undefined ? '' : `?message=${part(input.message)}`;
  const { force } = (await ask(
    'DELETE',
    `${sessionPath(input)}/${await memberId(ask, input)}${message}`,
  )) as JsonObject;
  return { user: String(input.user), isForced: force === true };
};

const killSession: Translation<'session.kill'> = async (ask, input) => {
  const { id, userCount } = (await ask('GET', sessionPath(input))) as JsonObject;
  const query = new URLSearchParams({
    quiet: String(input.isQuiet === true),
    reason: String(input.reason ?? ''),
  });
  await ask('DELETE', `${sessionPath(input)}?${query}`);
  return { id: String(id), users: Number(userCount ?? 0) };
};

const unlist: Translation<'session.unlist'> = async (ask, input) => {
  const listings = rows(await ask('GET', `${sessionPath(input)}/listing`));
  const chosen = listings.filter(({ url }) => input.url === undefined || url === input.url);
  if (input.url !== undefined && chosen.length === 0) {
    throw refusal('listing-not-found', { url: String(input.url) });
  }
  for (const { id } of chosen) await ask('DELETE', `${sessionPath(input)}/listing/${id}`);
  return { urls: chosen.map(({ url }) => String(url)) };
};

const status: Translation<'server.status'> = async (ask) => {
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
    storage: 'database',
    place: '',
    stopsAt: null,
    problems: [],
  };
};

// ---- the table --------------------------------------------------------------------------------------------

const translations: { readonly [Name in OperationName]?: Translation<Name> } = {
  'config.list': settingViews,
  'config.get': async (ask, { name }) => {
    const wanted = requireSettingName(name);
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
    return replaceList(ask, [...list, isPattern === true ? entry : escaped(entry)]);
  },
  'listserver.remove': async (ask, { entry }) => {
    const { list } = await listServers(ask);
    const rest = list.filter((each) => each !== entry && each !== escaped(entry));
    if (rest.length === list.length) throw refusal('list-server-not-found', { entry });
    return replaceList(ask, rest);
  },
  'listserver.replace': (ask, { list }) => replaceList(ask, list),

  'session.list': (ask, { onlyListed }) =>
    passedOn(ask('GET', `sessions/${onlyListed === true ? '?listed=true' : ''}`)),
  'session.get': (ask, input) => passedOn(ask('GET', sessionPath(input))),
  'session.users': async (ask, input) => ({
    passedOn: ((await ask('GET', sessionPath(input))) as JsonObject).users,
  }),
  'session.set': (ask, input) => passedOn(ask('PUT', sessionPath(input), input.change)),
  'session.kill': killSession,
  'session.message': messageSessions,
  'session.kick': kickMember,
  'session.role': setRole,
  'session.invite': async (ask, input) => ({
    passedOn: {
      ...((await ask('POST', `${sessionPath(input)}/invites`, {
        maxUses: input.maxUses ?? 1,
        trust: input.trust ?? false,
        op: input.op ?? false,
      })) as JsonObject),
      session: input.session,
    },
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

  'online.list': (ask) => passedOn(ask('GET', 'users/')),
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
