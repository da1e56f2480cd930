// TABLE of operations as far as the admin API of an original drawpile-srv can carry them out (http.md §1). What is
// not in the table it cannot, and the refusal names it.

import type { Ability, Lacks } from '../../admin/admin.js';
import { answerProblem, checkInput } from '../../admin/check-shape.js';
import {
  type InputOf,
  loadOperations,
  type OperationName,
  type OutputOf,
  operationOf,
} from '../../admin/operations.js';
import { fault, Refusal, refusal } from '../../core/errors.js';
import { isJsonObject, type JsonObject } from '../../core/protocol/command.js';
import { requireSettingName } from '../../core/settings/settings.js';
import { type AdminServerAddress, askAdminServer } from './admin-http.js';
import { completed } from './completed-answer.js';
import {
  accounts,
  addAccount,
  changeAccount,
  checkLogin,
  findAccount,
  removeAccount,
} from './original/accounts.js';
import { addBan, listBans, removeBans } from './original/bans.js';
import { chatPath, inChat } from './original/chat.js';
import { escaped, listServers, replaceList } from './original/list-servers.js';
import { queryLog } from './original/log.js';
import {
  kickMember,
  killSession,
  messageSessions,
  requestThumbnail,
  sessionPath,
  setRole,
  status,
  unlist,
} from './original/sessions.js';
import { changeSettings, settingViews } from './original/settings.js';
import { isPassedOn, lacking, part, passedOn, type Translation } from './original/translation.js';

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
  const answered = await translation((method, path, body) => askOriginal(server, method, path, body), input);
  const answer = isPassedOn(answered) ? completed(row.output, answered.passedOn) : answered;
  const problem = answerProblem(row.output, answer, true);
  if (problem !== undefined)
    throw fault('answer-unexpected', { server: server.label, operation: name, problem });
  // it has just been seen to have the shape
  return answer as OutputOf<Name>;
}

/** What every server answers, and changes nothing: it shows which kind a server is. */
export const operationOfAnyServer = 'server.status';

/** What its API lacks; 2.1 has less of it, and no locks. */
export async function lacksOfOriginal(server: AdminServerAddress): Promise<Lacks> {
  const { status } = await askAdminServer(server, 'GET', '/api/locks');
  const isOld = status === 404;
  const operations = Object.keys(await loadOperations()) as OperationName[];
  return {
    server: isOld ? 'drawpile-srv 2.1' : 'drawpile-srv',
    abilities: [
      ...operations.filter((name) => translations[name] === undefined),
      ...partlyLacking,
      ...(isOld ? absentIn21 : []),
    ],
  };
}

/** What translations refuse of what they carry out. */
const partlyLacking: readonly Ability[] = ['session.role:muted', 'ban.list:address'];

const absentIn21: readonly Ability[] = [
  'user.login',
  'ban.add:client',
  'ban.add:user',
  'session.role:trusted',
  'session.invite',
  'session.uninvite',
  'session.announce',
  'session.unlist',
  'online.kick',
  'extban.refresh',
  'extban.enable',
  'chat.open',
  'chat.say',
  'chat.read',
  'chat.close',
  'thumbnail.get',
  'thumbnail.request',
  'thumbnail.remove',
];

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

  'chat.open': (ask, { session, message, timeout }) =>
    passedOn(ask('POST', chatPath(session), { message, ...(timeout !== undefined && { timeout }) })),
  'chat.say': (ask, { session, message, offset = 0 }) =>
    passedOn(inChat(session, ask('PUT', chatPath(session), { message, offset }))),
  'chat.read': (ask, { session, offset = 0 }) =>
    passedOn(inChat(session, ask('GET', `${chatPath(session)}?offset=${offset}`))),
  'chat.close': (ask, { session, message = '', offset = 0 }) => {
    const query = new URLSearchParams({ offset: String(offset), message });
    return passedOn(inChat(session, ask('DELETE', `${chatPath(session)}?${query}`)));
  },

  'thumbnail.get': (ask, input) =>
    passedOn(
      ask('GET', `${sessionPath(input)}/thumbnail`).catch((error: unknown) => {
        if (error instanceof Refusal && error.kind === 'notFound') return null;
        throw error;
      }),
    ),
  'thumbnail.request': requestThumbnail,
  'thumbnail.remove': async (ask, input) => {
    await ask('DELETE', `${sessionPath(input)}/thumbnail`);
    return { id: input.session };
  },

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
