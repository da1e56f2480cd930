// TABLE of errors of the admin API: on the way to a running server, in what it answers, and of requests to our own.

import { errorRows } from './rows.js';

export const remoteErrors = errorRows({
  'server-not-running': {
    kind: 'unreachable',
    text: 'this needs a running server, and none works with {place}',
    hint: "start it with 'dp serve', or name another one with --server URL",
  },
  'server-not-found': {
    kind: 'unreachable',
    text: 'this needs a running server, and none was found',
    hint: "start one with 'dp serve', or name another one with --server URL",
  },
  'server-address-invalid': {
    kind: 'badInput',
    text: "the address of the server '{server}' is invalid: {address}",
    hint: 'write it as in http://127.0.0.1:27780',
  },
  'socket-silent': {
    kind: 'unreachable',
    text: 'no server answers on its socket at {server}',
    hint: "start it with 'dp serve'",
  },
  'server-silent': {
    kind: 'unreachable',
    text: 'no server answers at {server}',
    hint: 'check that it runs, with --web-admin-port, and that its --web-admin-access lets you in',
  },
  'server-unreachable': { kind: 'unreachable', text: 'cannot reach the server at {server}: {reason}' },
  'server-not-trusted': {
    kind: 'unreachable',
    text: 'cannot reach the server at {server}: its certificate is not trusted here ({reason})',
    hint: 'name a certificate that it is signed with in NODE_EXTRA_CA_CERTS',
  },
  'server-gone': {
    kind: 'unreachable',
    text: 'the server has stopped, or does not answer any more',
  },
  'server-answered': { kind: 'unreachable', text: 'the server at {server} answered {status}: {message}' },
  'no-admin-api': {
    kind: 'unreachable',
    text: 'what answers at {server} is no admin API',
    hint: 'give an address like http://127.0.0.1:27780, or https://host/admin behind a proxy',
  },
  'answer-unexpected': {
    kind: 'fault',
    text: 'the server at {server} answered {operation} with something else: {problem}',
    hint: 'see whether it has another version than this program: dp status, dp --version',
  },
  /** A newer server's code; its kind, message and hint are passed on. */
  'unknown-answer': {
    kind: 'fault',
    text: 'the server answered with an error that is unknown here: {message}',
  },
  'socket-refused': {
    kind: 'refused',
    text: 'this user may not talk to the server ({socket})',
    hint: 'become the user that runs the server, or root',
  },
  'socket-of-other-user': {
    kind: 'refused',
    text: 'this user may not talk to the server of the user {owner} ({socket})',
    hint: "become the user who runs it: sudo -u '#{owner}' dp …",
  },
  'too-many-wrong-passwords': {
    kind: 'refused',
    text: 'the server at {server} got too many wrong passwords from here',
    hint: 'wait a little, then try again',
  },
  'credentials-needed': {
    kind: 'refused',
    text: 'the server at {server} wants a name and a password',
    hint: 'give them with --auth NAME:PASSWORD or in DP_AUTH',
  },
  'credentials-refused': {
    kind: 'refused',
    text: 'the server at {server} does not take this name and password',
  },
  'server-cannot-follow': { kind: 'unsupported', text: 'the server at {server} cannot follow its log' },
  'original-cannot': {
    kind: 'unsupported',
    text: 'the server is a drawpile-srv, whose admin API has no {what}',
    hint: 'use it with a server of dp',
  },
  'original-found-nothing': { kind: 'notFound', text: 'the server found nothing: {message}' },
  'original-refused': { kind: 'refused', text: 'the server refused: {message}' },
  'original-conflict': { kind: 'conflict', text: 'the server cannot do this now: {message}' },
  'original-rejected-input': { kind: 'badInput', text: 'the server rejected the input: {message}' },
  'original-rejected-setting': { kind: 'badInput', text: "the server did not take '{value}' for {setting}" },

  // ---- requests to our own admin API ----
  'request-invalid': { kind: 'badInput', text: 'the request is invalid: {problem}' },
  'internal-error': { kind: 'fault', text: 'internal error', hint: "look into the server's log" },
  'role-insufficient': {
    kind: 'refused',
    text: "'{caller}' has not the role {role}",
    hint: 'use the name and password of an administrator',
  },
  'section-locked': {
    kind: 'refused',
    text: "the section '{section}' is locked against changes over HTTP",
  },
  'query-unknown': {
    kind: 'badInput',
    text: "the query has no '{name}'",
    hint: 'send the arguments as JSON in the body, or in ?input=',
  },
  'query-no-object': { kind: 'badInput', text: 'the query input is no JSON object' },
  'host-unknown': {
    kind: 'refused',
    text: "'{host}' is not a name of this server",
    hint: 'use its address, or start it with --web-admin-allowed-origin http://{host} or --local-host {host}',
  },
  'origin-refused': {
    kind: 'refused',
    text: 'the web page {origin} may not use this server',
    hint: 'allow its origin with --web-admin-allowed-origin, if it is yours',
  },
  'page-refused': {
    kind: 'refused',
    text: 'another web page may not use this server',
    hint: 'allow its origin with --web-admin-allowed-origin, if it is yours',
  },
  'page-without-json': {
    kind: 'badInput',
    text: 'a web page sends JSON',
    hint: 'set the header Content-Type: application/json',
    http: 415,
  },
});
