// TABLE of the reasons for which a login is refused: the code on the wire (login.md §14) and the text. Recent
// clients show their own texts for some codes; older clients, scripts and the log show these. To add one: a row, and
// its code if it is new. `{name}` in a text is a value that `Login.fail` requires.

import { fillTemplate, type ParameterOf } from '../errors/rows.js';

/** TABLE wire code -> since which server it is there, and which command is answered with it. `ours`: not in the originals. */
export const loginCodes = {
  tlsRequired: { since: '2.1', step: 'startTls' },
  noTls: { since: '2.1', step: 'startTls' },
  clientInfoUnsupported: { since: '2.2.2', step: 'cinfo' },
  badversion: { since: '2.2.2', step: 'cinfo' },
  cinfoAlreadyDone: { since: '2.2.2', step: 'cinfo' },
  mismatchedHostName: { since: '2.2.2', step: 'cinfo' },
  clientLookupUnsupported: { since: '2.2.0', step: 'lookup' },
  lookupAlreadyDone: { since: '2.2.0', step: 'lookup' },
  lookupFailed: { since: '2.2.0', step: 'lookup' },
  lookupRequired: { since: '2.2.0', step: 'lookup' },
  inviteNotFound: { since: '2.2.2', step: 'lookup, join' },
  inviteLimitReached: { since: '2.2.2', step: 'lookup, join' },
  inviteNoClientKey: { since: '2.2.2', step: 'lookup, join' },
  syntax: { since: '2.1', step: 'any' },
  badUsername: { since: '2.1', step: 'ident' },
  forbiddenUsername: { since: '2.2.3', step: 'ident' },
  identError: { since: '2.2.0', step: 'ident' },
  bannedName: { since: '2.1', step: 'ident' },
  badPassword: { since: '2.1', step: 'ident, join' },
  extAuthError: { since: '2.1', step: 'ident' },
  extauth: { since: '2.1', step: 'ident' },
  extauthOutgroup: { since: '2.1', step: 'ident' },
  extauthLocked: { since: '2.3', step: 'ident' },
  noExtAuth: { since: '2.1', step: 'ident' },
  webNotAllowed: { since: '2.2.1', step: 'ident' },
  ghostsNotAllowed: { since: '2.2.0', step: 'ident' },
  ghostWithoutMod: { since: '2.2.0', step: 'ident' },
  ghostHost: { since: '2.2.0', step: 'host' },
  unauthorizedHost: { since: '2.1', step: 'host' },
  passwordedHost: { since: '2.2.2', step: 'host' },
  lookupHostMismatch: { since: '2.2.0', step: 'host' },
  lookupJoinMismatch: { since: '2.2.0', step: 'join' },
  lookupMismatch: { since: '2.2.0', step: 'join' },
  protoverns: { since: '2.2.0', step: 'host' },
  protoverold: { since: '2.2.0', step: 'host' },
  badAlias: { since: '2.1', step: 'host' },
  idInUse: { since: '2.1', step: 'host' },
  badProtocol: { since: '2.1', step: 'host' },
  closed: { since: '2.1', step: 'host, join' },
  notFound: { since: '2.1', step: 'join' },
  banned: { since: '2.1', step: 'join' },
  noWebJoin: { since: '2.2.1', step: 'join' },
  authOnly: { since: '2.1', step: 'join' },
  nameInuse: { since: '2.1', step: 'join' },
  busy: { since: 'ours', step: 'any' },
} as const satisfies Record<string, { since: string; step: string }>;

export type LoginCode = keyof typeof loginCodes;

interface RefusalRow {
  code: LoginCode;
  text: string;
}

const tooOld =
  'Your version of Drawpile is too old for this server. You can get a newer one from drawpile.net.';

/** TABLE reason -> code and text. A reason that is alone with its code is called like it. */
export const loginRefusals = {
  tlsRequired: { code: 'tlsRequired', text: 'This server requires encryption (TLS)' },
  noTls: { code: 'noTls', text: 'This server has no encryption (TLS)' },
  // cinfo
  clientInfoUnsupported: { code: 'clientInfoUnsupported', text: tooOld },
  badversion: { code: 'badversion', text: 'Your version of Drawpile is not supported by this server' },
  cinfoAlreadyDone: { code: 'cinfoAlreadyDone', text: 'Client info was sent already' },
  clientInfoArguments: { code: 'syntax', text: 'Expected a host name and an object' },
  mismatchedHostName: { code: 'mismatchedHostName', text: 'This server is reached as {host}' },
  // lookup
  clientLookupUnsupported: { code: 'clientLookupUnsupported', text: tooOld },
  lookupAlreadyDone: { code: 'lookupAlreadyDone', text: 'The session was looked up already' },
  lookupArguments: { code: 'syntax', text: 'Expected at most one argument' },
  lookupFailed: { code: 'lookupFailed', text: 'There is no such session' },
  lookupRequired: {
    code: 'lookupRequired',
    text: 'On this server sessions can only be joined by a direct link',
  },
  inviteNotFound: { code: 'inviteNotFound', text: 'This invite is not valid any more' },
  inviteLimitReached: { code: 'inviteLimitReached', text: 'This invite has been used up' },
  inviteNoClientKey: {
    code: 'inviteNoClientKey',
    text: 'Your version of Drawpile does not support invites',
  },
  // ident
  identArguments: { code: 'syntax', text: 'Expected a user name and, for accounts, a password' },
  badUsername: { code: 'badUsername', text: 'This user name is not valid' },
  forbiddenUsername: { code: 'forbiddenUsername', text: 'This user name is not allowed on this server' },
  identError: { code: 'identError', text: 'Invalid ident intent' },
  bannedName: { code: 'bannedName', text: 'This account is locked' },
  badPassword: { code: 'badPassword', text: 'Incorrect password' },
  tokenForAccount: { code: 'extAuthError', text: 'This name belongs to an account of this server' },
  tokenUnasked: { code: 'extAuthError', text: 'No login token was asked for' },
  tokenSignature: { code: 'extAuthError', text: 'Ext auth token signature mismatch!' },
  tokenInvalid: { code: 'extAuthError', text: 'Ext auth token is invalid!' },
  tokenUnsupported: { code: 'extAuthError', text: 'External login is not set up' },
  extauth: { code: 'extauth', text: 'The login server gave no usable answer' },
  extauthOutgroup: {
    code: 'extauthOutgroup',
    text: 'Your account is not in the group that may use this server',
  },
  extauthLocked: { code: 'extauthLocked', text: 'This account is locked' },
  noExtAuth: { code: 'noExtAuth', text: 'The login server cannot be reached' },
  webNotAllowed: { code: 'webNotAllowed', text: 'This account may not be used from a web browser here' },
  ghostsNotAllowed: { code: 'ghostsNotAllowed', text: 'Ghosts are not allowed on this server' },
  ghostWithoutMod: { code: 'ghostWithoutMod', text: 'Only moderators can be ghosts' },
  // host
  lookupHostMismatch: {
    code: 'lookupHostMismatch',
    text: 'You asked to join a session, not to host one',
  },
  passwordNoText: { code: 'syntax', text: 'The password must be a text' },
  mayNotHost: { code: 'unauthorizedHost', text: 'You may not host sessions here' },
  mayNotUseWeb: { code: 'unauthorizedHost', text: 'Guests may not use this server from a web browser' },
  mayNotHostFromWeb: {
    code: 'unauthorizedHost',
    text: 'You may not host sessions from a web browser here',
  },
  passwordedHost: {
    code: 'passwordedHost',
    text: 'From a web browser you can host only sessions with a password here',
  },
  ghostHost: { code: 'ghostHost', text: 'Ghosts cannot host sessions' },
  protocolUnreadable: { code: 'syntax', text: 'Unparsable protocol version' },
  protoverns: {
    code: 'protoverns',
    text: 'Only protocol versions of the kind {namespace} are allowed',
  },
  protoverold: {
    code: 'protoverold',
    text: 'Your version of Drawpile is too old to host here, the least is {version}. You can get a newer one from drawpile.net.',
  },
  userIdInvalid: { code: 'syntax', text: 'Invalid user id (must be in range 1-254)' },
  badAlias: { code: 'badAlias', text: 'Invalid session alias' },
  serverFull: { code: 'closed', text: 'This server is full' },
  idInUse: { code: 'idInUse', text: 'This session id is already in use' },
  badProtocol: { code: 'badProtocol', text: 'This server does not support your protocol version' },
  // join
  joinArguments: { code: 'syntax', text: 'Expected a session id' },
  lookupJoinMismatch: { code: 'lookupJoinMismatch', text: 'You did not ask to join a session' },
  lookupMismatch: { code: 'lookupMismatch', text: 'This is not the session that you looked up' },
  notFound: { code: 'notFound', text: 'Session not found!' },
  notLoadable: { code: 'notFound', text: 'This session could not be loaded' },
  noWebForGuests: {
    code: 'noWebJoin',
    text: 'Guests may not join sessions from a web browser on this server',
  },
  noWebJoin: { code: 'noWebJoin', text: 'This session cannot be joined from a web browser' },
  sessionShut: {
    code: 'closed',
    text: 'This session is closed until an administrator has checked its stored settings',
  },
  banned: { code: 'banned', text: 'You have been banned from this session (ban {ban})' },
  sessionClosed: { code: 'closed', text: 'This session is closed' },
  authOnly: { code: 'authOnly', text: 'This session is only for registered users' },
  nameInuse: { code: 'nameInuse', text: 'This user name is already in use' },
  sessionResetting: {
    code: 'closed',
    text: 'This session is being reset, try again in a moment',
  },
  sessionFull: { code: 'closed', text: 'This session is full' },
  // anywhere
  busy: { code: 'busy', text: 'The server is too busy at the moment, try again later' },
} as const satisfies Record<string, RefusalRow>;

export type LoginRefusal = keyof typeof loginRefusals;

type NamesIn<Reason extends LoginRefusal> = ParameterOf<(typeof loginRefusals)[Reason]['text']>;

/** Reasons whose text is the same every time. */
export type PlainRefusal = {
  [Reason in LoginRefusal]: [NamesIn<Reason>] extends [never] ? Reason : never;
}[LoginRefusal];

/** What a refusal wants besides its reason: nothing, or the values for its text. */
export type RefusalValues<Reason extends LoginRefusal> = [NamesIn<Reason>] extends [never]
  ? []
  : [values: Readonly<Record<NamesIn<Reason>, string | number>>];

/** The row of a refusal, with the values in its text. */
export function loginRefusal<Reason extends LoginRefusal>(
  reason: Reason,
  ...[values]: RefusalValues<Reason>
): RefusalRow {
  const { code, text }: RefusalRow = loginRefusals[reason];
  return { code, text: fillTemplate(text, values ?? {}) };
}
