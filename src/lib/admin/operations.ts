// TABLE of what an administrator can do to stored data. `dp` commands and REST routes go through these rows.
// To add one: write its function in the file of its area, add a row; REST route and command are a few lines each.

import { addBan, autoBan, changeBan, explainAddress, listBans, previewBan, removeBans } from './bans.js';
import { addListServer, listListServers, removeListServer, replaceListServers } from './list-servers.js';
import { purgeLog, queryLog } from './log.js';
import { change, look, type Operation } from './operation.js';
import { changeSettings, checkAll, getSetting, listSettings } from './settings.js';
import { addUser, changeUser, checkLogin, getUser, listUsers, removeUser } from './users.js';

// biome-ignore format: one operation, one row
export const operations = {
  'config.list': look('All settings with their values and where they come from', listSettings),
  'config.get': look('One setting', getSetting),
  'config.change': change('server', 'Sets and unsets settings, all or none', changeSettings),
  'config.check': look('What is wrong with the stored settings, accounts and bans', checkAll),

  'user.list': look('All accounts', listUsers),
  'user.get': look('One account', getUser),
  'user.add': change('accounts', 'Adds an account', addUser),
  'user.change': change('accounts', 'Changes name, password, flags or lock of an account', changeUser),
  'user.remove': change('accounts', 'Removes an account', removeUser),
  'user.login': look('Whether a name and password would be let in', checkLogin),

  'ban.list': look('Bans of addresses, clients and users', listBans),
  'ban.preview': look('What a ban of an address would cover', previewBan),
  'ban.explain': look('Which bans match an address, and why', explainAddress),
  'ban.add': change('bans', 'Bans an address, a client or a user', addBan),
  'ban.change': change('bans', 'Changes expiry, reason or comment of a ban', changeBan),
  'ban.remove': change('bans', 'Lifts bans', removeBans),
  'ban.auto': change('bans', 'Bans addresses that were banned from several sessions', autoBan),

  'log.query': look('Entries of the server log', queryLog),
  'log.purge': change(undefined, 'Deletes old entries of the server log', purgeLog),

  'listserver.list': look('Where sessions may be announced', listListServers),
  'listserver.add': change('listserverwhitelist', 'Allows announcements at a list server', addListServer),
  'listserver.remove': change('listserverwhitelist', 'No longer allows announcements at a list server', removeListServer),
  'listserver.replace': change('listserverwhitelist', 'Replaces the whole list', replaceListServers),
} as const;

export type OperationName = keyof typeof operations;

export type InputOf<Name extends OperationName> =
  (typeof operations)[Name] extends Operation<infer Input, infer _> ? Input : never;
export type OutputOf<Name extends OperationName> =
  (typeof operations)[Name] extends Operation<infer _, infer Output> ? Output : never;
