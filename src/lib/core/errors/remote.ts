// TABLE of errors of the admin API: on the way to a running server, in what it answers, and of requests to our own.

import { errorRows } from './rows.js';

export const remoteErrors = errorRows({
  'server-not-running': {
    kind: 'unreachable',
    text: 'this needs a running server, and none is using {place}',
    hint: "start it with 'dp serve', or name another one with --server URL",
  },
  'server-not-found': {
    kind: 'unreachable',
    text: 'this needs a running server, and none was found',
    hint: "start one with 'dp serve', or name another one with --server URL",
  },
  'server-address-invalid': {
    kind: 'badInput',
    text: "invalid address of the server '{server}': {address}",
    hint: 'write it as in http://127.0.0.1:27780',
  },
  'socket-silent': {
    kind: 'unreachable',
    text: 'no server answers at its socket {server}',
    hint: "start it with 'dp serve'",
  },
  'server-silent': {
    kind: 'unreachable',
    text: 'no server answers at {server}',
    hint: 'check that it runs with --web-port or --web-admin-port, and that its --web-admin-access allows this machine',
  },
  'server-unreachable': { kind: 'unreachable', text: 'cannot reach the server at {server}: {reason}' },
  'server-not-trusted': {
    kind: 'unreachable',
    text: 'cannot reach the server at {server}: its certificate is not trusted here ({reason})',
    hint: 'set NODE_EXTRA_CA_CERTS to the certificate of the authority that signed it',
  },
  'server-gone': {
    kind: 'unreachable',
    text: 'the server has stopped or no longer answers',
  },
  'server-answered': { kind: 'unreachable', text: 'the server at {server} answered {status}: {message}' },
  'no-admin-api': {
    kind: 'unreachable',
    text: '{server} is not an admin API',
    hint: 'use an address such as http://127.0.0.1:27780, or https://host/admin behind a proxy',
  },
  'answer-unexpected': {
    kind: 'fault',
    text: 'unexpected answer from the server at {server} to {operation}: {problem}',
    hint: 'compare the versions with: dp status, dp --version',
  },
  /** A newer server's code; its kind, message and hint are passed on. */
  'unknown-answer': {
    kind: 'fault',
    text: 'the server answered with an unknown error: {message}',
  },
  'socket-refused': {
    kind: 'refused',
    text: 'cannot connect to the server at {socket}: permission denied',
    hint: 'run this as the user that runs the server, or as root',
  },
  'socket-of-other-user': {
    kind: 'refused',
    text: 'cannot connect to the server at {socket}: it belongs to the user {owner}',
    hint: "run this as that user: sudo -u '#{owner}' dp …",
  },
  'too-many-wrong-passwords': {
    kind: 'refused',
    text: 'the server at {server} received too many wrong passwords from this address',
    hint: 'wait a moment, then try again',
  },
  'credentials-needed': {
    kind: 'refused',
    text: 'the server at {server} requires a name and a password',
    hint: 'pass --auth NAME:PASSWORD or set DP_AUTH',
  },
  'credentials-refused': {
    kind: 'refused',
    text: 'the server at {server} rejected the name and password',
  },
  'server-cannot-follow': { kind: 'unsupported', text: 'the server at {server} cannot follow its log' },
  'original-cannot': {
    kind: 'unsupported',
    text: 'the server is a drawpile-srv, whose admin API has no {what}',
    hint: 'use a dp server',
  },
  'original-found-nothing': { kind: 'notFound', text: 'the server found nothing: {message}' },
  'original-refused': { kind: 'refused', text: 'the server refused: {message}' },
  'original-conflict': { kind: 'conflict', text: 'the server cannot do this now: {message}' },
  'original-rejected-input': { kind: 'badInput', text: 'the server rejected the input: {message}' },
  'original-rejected-setting': { kind: 'badInput', text: "the server rejected '{value}' for {setting}" },

  // ---- requests to our own admin API ----
  'request-invalid': { kind: 'badInput', text: 'invalid request: {problem}' },
  'internal-error': { kind: 'fault', text: 'internal error', hint: 'see the server log' },
  'event-kind-unknown': {
    kind: 'badInput',
    text: "unknown kind of events '{kind}'",
    hint: 'use one of {kinds}',
  },
  'events-full': {
    kind: 'refused',
    http: 503,
    text: 'too many programs follow the events of this server',
    hint: 'try again later',
  },
  'events-no-descriptors': {
    kind: 'refused',
    http: 503,
    text: 'file descriptors of the server are running out: nobody else can follow its events now',
    hint: 'try again later; raise the limit with ulimit -n, or LimitNOFILE= in the service',
  },
  'events-too-many': {
    kind: 'refused',
    http: 429,
    text: 'too many programs follow the events of this server from one network',
    hint: 'try again later',
  },
  'role-insufficient': {
    kind: 'refused',
    text: "'{caller}' does not have the role {role}",
    hint: 'log in as an administrator',
  },
  'ban-permanent': {
    kind: 'refused',
    text: "'{caller}' is a moderator: only administrators add, change or remove bans without an expiry",
    hint: 'choose an expiry, or ask an administrator',
  },
  'grants-not-kept': {
    kind: 'unsupported',
    text: 'a settings file contains no tokens and logins',
    hint: 'use a database',
  },
  'reports-not-kept': {
    kind: 'unsupported',
    text: 'a settings file contains no abuse reports and notes',
    hint: 'ask the running server, which keeps them in memory, or use a database',
  },
  'report-not-found': {
    kind: 'notFound',
    text: 'no abuse report {id}',
    hint: 'list them with: dp report list --all',
  },
  'report-closed': {
    kind: 'conflict',
    text: 'abuse report {id} has already been closed by {by}',
    hint: 'open it again with: dp report reopen {id}',
  },
  'report-open': { kind: 'conflict', text: 'abuse report {id} is open' },
  'note-not-found': { kind: 'notFound', text: 'no note {id}', hint: 'list them with: dp note list' },
  'note-target-invalid': {
    kind: 'badInput',
    text: "a note cannot be about the {kind} '{target}': {problem}",
    hint: 'write it as dp user find shows it',
  },
  'notes-full': {
    kind: 'refused',
    text: 'there are already {most} notes',
    hint: 'delete some that are no longer needed: dp note list, dp note delete',
  },
  'token-exists': {
    kind: 'conflict',
    text: "there is already a token '{name}'",
    hint: 'choose another name, or revoke it first: dp token revoke {name}',
  },
  'token-not-found': {
    kind: 'notFound',
    text: "there is no token '{name}'",
    hint: 'list them with: dp token list',
  },
  'token-name-invalid': {
    kind: 'badInput',
    text: "'{name}' cannot be the name of a token",
    hint: 'use 1 to 64 letters, digits and . _ -',
  },
  'login-not-found': {
    kind: 'notFound',
    text: 'there is no login {id}',
    hint: 'list them with: dp login list',
  },
  'login-wrong': {
    kind: 'refused',
    http: 401,
    text: 'the name or password is incorrect',
    hint: 'use an account with the flag MOD or ADMIN, or the name and password of --web-admin-auth',
  },
  'login-choice': {
    kind: 'badInput',
    text: 'say which logins are to end',
    hint: 'name one by its number, or use --all',
  },
  'reset-link-wrong': {
    kind: 'refused',
    text: 'this link sets no password (any more): each works once, for a day',
    hint: 'ask an administrator for another one',
  },
  'login-link-wrong': {
    kind: 'refused',
    http: 401,
    text: 'this link was already used or has expired',
    hint: 'make a new one with: dp login link',
  },
  'login-needed': {
    kind: 'refused',
    http: 401,
    text: 'the token or login is unknown, revoked or expired',
    hint: 'log in again, or make a new token with: dp token create',
  },
  'csrf-token-wrong': {
    kind: 'refused',
    text: 'the request has a login cookie but not the header X-CSRF-Token that belongs to it',
    hint: 'send the csrf value that logging in returned',
  },
  'login-over-plaintext': {
    kind: 'refused',
    text: 'nobody can log in over an unencrypted connection from another machine',
    hint: 'use https',
  },
  'section-locked': {
    kind: 'refused',
    text: "the section '{section}' is locked against changes over HTTP",
  },
  'query-unknown': {
    kind: 'badInput',
    text: "unknown query parameter '{name}'",
    hint: 'send the arguments as JSON in the body, or in ?input=',
  },
  'query-no-object': { kind: 'badInput', text: 'the query input is not a JSON object' },
  'host-unknown': {
    kind: 'refused',
    text: "'{host}' is not a name of this server",
    hint: 'use its address, or start it with --web-admin-allowed-origin http://{host} or --local-host {host}',
  },
  'address-refused': {
    kind: 'refused',
    text: 'this server cannot be administered from {address}',
    hint: 'start it with --web-admin-auth NAME:PASSWORD, and if you restrict addresses, allow yours with --web-admin-access',
  },
  'origin-refused': {
    kind: 'refused',
    text: 'the web page {origin} may not use this server',
    hint: 'allow its origin with --web-admin-allowed-origin, if it is yours',
  },
  'page-refused': {
    kind: 'refused',
    text: 'web pages of other origins may not use this server',
    hint: 'allow its origin with --web-admin-allowed-origin, if it is yours',
  },
  'page-without-json': {
    kind: 'badInput',
    text: 'requests from web pages must be JSON',
    hint: 'set the header Content-Type: application/json',
    http: 415,
  },
});
