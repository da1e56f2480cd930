// TABLE of what an administrator can do to stored data. `dp` commands and REST routes go through these rows.
// To add one: write its function in the file of its area, add a row; REST route and command are a few lines each.

import { change, look, type Operation } from './operation.js';

// a short command needs one of these files, not all: they are loaded when they are used
const bans = () => import('./bans.js');
const listServers = () => import('./list-servers.js');
const log = () => import('./log.js');
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
} as const;

export type OperationName = keyof typeof operations;

export type InputOf<Name extends OperationName> =
  (typeof operations)[Name] extends Operation<infer Input, infer _> ? Input : never;
export type OutputOf<Name extends OperationName> =
  (typeof operations)[Name] extends Operation<infer _, infer Output> ? Output : never;
