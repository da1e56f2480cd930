// TABLE of what an administrator can do to stored data. `dp` commands and REST routes go through these rows.
// To add one: write its function in the file of its area, add a row; REST route and command are a few lines each.

import { change, look, type Operation } from './operation.js';

// a short command needs one of these files, not all: they are loaded when they are used
const bans = () => import('./bans.js');
const listServers = () => import('./list-servers.js');
const log = () => import('./log.js');
const server = () => import('./server.js');
const sessions = () => import('./sessions.js');
const storedSessions = () => import('./stored-sessions.js');
const settings = () => import('./settings.js');
const users = () => import('./users.js');

// biome-ignore format: one operation, one row
export const operations = {
  'config.list': look('All settings with their values and where they come from', async () => (await settings()).listSettings),
  'config.get': look('One setting', async () => (await settings()).getSetting),
  'config.change': change('server', 'Sets and unsets settings, all or none', async () => (await settings()).changeSettings),
  'config.check': look('What is wrong with the stored settings, accounts and bans', async () => (await settings()).checkAll),

  'user.list': look('All accounts', async () => (await users()).listUsers),
  'user.get': look('One account', async () => (await users()).getUser),
  'user.add': change('accounts', 'Adds an account', async () => (await users()).addUser),
  'user.change': change('accounts', 'Changes name, password, flags or lock of an account', async () => (await users()).changeUser),
  'user.remove': change('accounts', 'Removes an account', async () => (await users()).removeUser),
  'user.login': look('Whether a name and password would be let in', async () => (await users()).checkLogin),

  'ban.list': look('Bans of addresses, clients and users', async () => (await bans()).listBans),
  'ban.preview': look('What a ban of an address would cover', async () => (await bans()).previewBan),
  'ban.explain': look('Which bans match an address, and why', async () => (await bans()).explainAddress),
  'ban.add': change('bans', 'Bans an address, a client or a user', async () => (await bans()).addBan),
  'ban.change': change('bans', 'Changes expiry, reason or comment of a ban', async () => (await bans()).changeBan),
  'ban.remove': change('bans', 'Lifts bans', async () => (await bans()).removeBans),
  'ban.auto': change('bans', 'Bans addresses that were banned from several sessions', async () => (await bans()).autoBan),

  'log.query': look('Entries of the server log', async () => (await log()).queryLog),
  'log.purge': change(undefined, 'Deletes old entries of the server log', async () => (await log()).purgeLog),

  'listserver.list': look('Where sessions may be announced', async () => (await listServers()).listListServers),
  'listserver.add': change('listserverwhitelist', 'Allows announcements at a list server', async () => (await listServers()).addListServer),
  'listserver.remove': change('listserverwhitelist', 'No longer allows announcements at a list server', async () => (await listServers()).removeListServer),
  'listserver.replace': change('listserverwhitelist', 'Replaces the whole list', async () => (await listServers()).replaceListServers),

  'session.list': look('Sessions and templates', async () => (await sessions()).listSessions),
  'session.get': look('One session with everything about it', async () => (await sessions()).getSession),
  'session.users': look('Who is in a session and who was', async () => (await sessions()).listMembers),
  'session.export': look('The history of a session, piece by piece', async () => (await sessions()).exportSession),
  'session.set': change('sessions', 'Changes title, limits, password … of a session', async () => (await sessions()).setSession),
  'session.kill': change('sessions', 'Ends a session', async () => (await sessions()).killSession),
  'session.message': change('sessions', 'Says something to a session, to somebody in it, or to all sessions', async () => (await sessions()).messageSessions),
  'session.kick': change('sessions', 'Puts somebody out of a session', async () => (await sessions()).kickMember),
  'session.ban': change('sessions', 'Puts somebody out of a session for good', async () => (await sessions()).banMember),
  'session.unban': change('sessions', 'Lifts a ban of a session', async () => (await sessions()).unbanMember),
  'session.role': change('sessions', 'Makes somebody operator, trusted or muted, or not any more', async () => (await sessions()).setMemberRole),
  'session.invite': change('sessions', 'Makes an invite to a session', async () => (await sessions()).inviteToSession),
  'session.uninvite': change('sessions', 'Removes an invite', async () => (await sessions()).uninvite),
  'session.reset': change('sessions', 'Asks the people in a session to shorten its history', async () => (await sessions()).resetSession),
  'session.announce': change('sessions', 'Announces a session at a list server', async () => (await sessions()).announceSession),
  'session.problems': look('Stored sessions that cannot be used or are in doubt', async () => (await storedSessions()).listSessionProblems),
  'session.repair': change('sessions', 'Repairs a session whose stored settings were damaged', async () => (await storedSessions()).repairSession),
  'session.adopt': change('sessions', 'Makes a session of a history without a journal', async () => (await storedSessions()).adoptSession),
  'session.unlist': change('sessions', 'Takes back announcements of a session', async () => (await sessions()).unlistSession),

  'online.list': look('Everyone who is connected', async () => (await sessions()).listOnline),
  'online.kick': change('sessions', 'Ends a connection', async () => (await sessions()).kickOnline),

  'extban.list': look('The external ban list', async () => (await server()).listExternalBans),
  'extban.refresh': change(undefined, 'Fetches the external ban list now', async () => (await server()).refreshExternalBans),
  'extban.enable': change('extbans', 'Switches an entry of the external ban list on or off', async () => (await server()).enableExternalBan),

  'server.status': look('How the server is doing', async () => (await server()).getStatus),
  'server.stop': change(undefined, 'Stops the server, at once or in a while', async () => (await server()).stopServer),
  'server.keep': change(undefined, 'Cancels a stop that is ahead', async () => (await server()).cancelServerStop),
} as const;

export type OperationName = keyof typeof operations;

/** Loads the code of all operations: a server that gives up its privileges may not be able to read it later. */
export async function loadOperations(): Promise<void> {
  await Promise.all([import('./live.js'), ...Object.values(operations).map(({ load }) => load())]);
}

export type InputOf<Name extends OperationName> =
  (typeof operations)[Name] extends Operation<infer Input, infer _> ? Input : never;
export type OutputOf<Name extends OperationName> =
  (typeof operations)[Name] extends Operation<infer _, infer Output> ? Output : never;
