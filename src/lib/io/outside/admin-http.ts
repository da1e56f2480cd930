// Requests to the admin API of a running server, over its port or its socket on this machine. Says in words what is
// in the way, and what to do about it.

import { statSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { dirname } from 'node:path';
import { fault, type Refusal, readReport, refusal } from '../../core/errors.js';
import { isJsonObject } from '../../core/protocol/command.js';

export interface AdminServerAddress {
  /** For messages: a URL without credentials, or the path of the socket. */
  readonly label: string;
  readonly socketPath?: string;
  /** Where the API is, without its `/api`. */
  readonly base?: URL;
  /** `name:password`, or a token. */
  readonly auth?: string | undefined;
}

export interface AdminAnswer {
  status: number;
  text: string;
  /** Undefined when it is no JSON. */
  json: unknown;
}

/** Without an answer for so long the server is taken for gone. */
const patienceMs = 30_000;
const answerBytesAtMost = 64 * 1024 * 1024;

/** Reads `--server`: a URL, perhaps with credentials and `/api`, or `unix:` and a path. Undefined: neither. */
export function readServerAddress(text: string, auth: string | undefined): AdminServerAddress | undefined {
  if (text.startsWith('unix:')) return { label: text.slice(5), socketPath: text.slice(5), auth };
  if (text.startsWith('/')) return { label: text, socketPath: text, auth };
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) return undefined;
  const base = new URL(text);
  const own =
    base.username === ''
      ? undefined
      : `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`;
  base.username = '';
  base.password = '';
  base.search = '';
  base.hash = '';
  base.pathname = base.pathname.replace(/\/+$/, '').replace(/\/api$/, '');
  return { label: base.href.replace(/\/$/, ''), base, auth: auth ?? own };
}

function optionsFor(server: AdminServerAddress, method: string, path: string): http.RequestOptions {
  const { base, socketPath, auth } = server;
  const prefix = base?.pathname.replace(/\/+$/, '') ?? '';
  return {
    method,
    path: `${prefix}${path}`,
    headers: {
      accept: 'application/json',
      ...(auth !== undefined && { authorization: authorizationOf(auth) }),
    },
    ...(base
      ? {
          host: base.hostname.replace(/^\[(.*)\]$/, '$1'),
          port: base.port || (base.protocol === 'https:' ? 443 : 80),
        }
      : { socketPath }),
  };
}

/** A token has no colon in it, a name and a password have. */
function authorizationOf(auth: string): string {
  return auth.includes(':') ? `Basic ${Buffer.from(auth).toString('base64')}` : `Bearer ${auth}`;
}

/** Refusal or Fault when there is no answer, or the server does not let us in. */
export function askAdminServer(
  server: AdminServerAddress,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<AdminAnswer> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const options = optionsFor(server, method, path);
  const headers = {
    ...options.headers,
    ...(payload !== undefined && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(payload)),
    }),
  };
  return new Promise((resolve, reject) => {
    const request = send(server, { ...options, headers }, (response) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      response.on('data', (piece: Buffer) => {
        bytes += piece.length;
        pieces.push(piece);
        if (bytes > answerBytesAtMost) request.destroy(new Error('the answer is too long'));
      });
      response.on('error', (error) => reject(explain(server, error)));
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        const text = Buffer.concat(pieces).toString();
        if (status === 401 || status === 429) reject(notLetIn(server, status));
        else resolve({ status, text, json: parsed(text) });
      });
    });
    request.setTimeout(patienceMs, () =>
      request.destroy(new Error(`no answer in ${patienceMs / 1000} seconds`)),
    );
    request.on('error', (error) => reject(explain(server, error)));
    request.end(payload);
  });
}

/** One line after the other of an answer that does not end by itself; a silence of `silenceMs` ends it. */
export function followAdminServer(
  server: AdminServerAddress,
  path: string,
  onLine: (line: string) => void,
  silenceMs?: number,
): Promise<{ ended: Promise<void>; stop(): void }> {
  return new Promise((resolve, reject) => {
    const request = send(server, optionsFor(server, 'GET', path), (response) => {
      const status = response.statusCode ?? 0;
      if (status !== 200) {
        void firstPartOf(response).then((text) => {
          if (status === 401 || status === 429) return reject(notLetIn(server, status));
          const json = parsed(text);
          const report = isJsonObject(json) ? readReport(json) : undefined;
          reject(report ?? refusal('server-cannot-follow', { server: server.label }));
        });
        return;
      }
      let rest = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        const lines = (rest + piece).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onLine(line);
      });
      response.on('error', () => {});
      const ended = new Promise<void>((done) => response.once('close', () => done()));
      resolve({ ended, stop: () => request.destroy() });
    });
    if (silenceMs !== undefined) request.setTimeout(silenceMs, () => request.destroy());
    request.on('error', (error) => reject(explain(server, error)));
    request.end();
  });
}

/** Of an answer that says why not; '' where it breaks off. */
async function firstPartOf(response: http.IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const piece of response.setEncoding('utf8')) {
      text += piece;
      if (text.length > answerBytesAtMost) break;
    }
  } catch {
    return '';
  }
  return text;
}

function send(
  server: AdminServerAddress,
  options: http.RequestOptions,
  onResponse: (response: http.IncomingMessage) => void,
): http.ClientRequest {
  return server.base?.protocol === 'https:'
    ? https.request({ ...options, agent: false }, onResponse)
    : http.request({ ...options, agent: false }, onResponse);
}

/** JSON; undefined: it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notLetIn(server: AdminServerAddress, status: number): Refusal {
  if (status === 429) {
    return refusal('too-many-wrong-passwords', { server: server.label });
  }
  return server.auth === undefined
    ? refusal('credentials-needed', { server: server.label })
    : refusal('credentials-refused', { server: server.label });
}

function explain(server: AdminServerAddress, cause: NodeJS.ErrnoException): Error {
  const { label, socketPath } = server;
  if (cause.code === 'EACCES' && socketPath !== undefined) return noPermission(socketPath, cause);
  if (cause.code === 'ECONNREFUSED' || cause.code === 'ENOENT') {
    return fault(socketPath === undefined ? 'server-silent' : 'socket-silent', { server: label }, cause);
  }
  const isTls = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(cause.code ?? '');
  return fault(
    isTls ? 'server-not-trusted' : 'server-unreachable',
    { server: label, reason: cause.message },
    cause,
  );
}

/** Names who may use a socket that we may not. */
export function noPermission(socketPath: string, cause?: unknown): Refusal {
  let owner: number | undefined;
  for (const place of [socketPath, dirname(socketPath)]) {
    try {
      owner = statSync(place).uid;
      break;
    } catch {
      // not even that may be looked at
    }
  }
  return owner === undefined
    ? refusal('socket-refused', { socket: socketPath }, cause)
    : refusal('socket-of-other-user', { socket: socketPath, owner }, cause);
}
