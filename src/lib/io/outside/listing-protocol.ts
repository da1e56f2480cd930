// How a list server is spoken to (http.md §2): addresses, what is said about a session, and what its answers mean. When
// something is said, and again, is listing.ts and listing-refresh.ts.

import { type Reason, reason } from '../../core/errors/reason.js';
import type { ListingFacts } from '../../core/session/needs.js';
import {
  BrokenOff,
  ForbiddenNetwork,
  type HttpAnswer,
  type HttpClient,
  HttpProblem,
  parseHttpUrl,
} from './http-client.js';

/** What all requests say of this server. */
export interface ListingProtocolOptions {
  client: HttpClient;
  /** Of this program, for the User-Agent header. */
  version: string;
  /** `--local-host`; '' = the list server uses the address we come from. */
  host: () => string;
  /** `--announce-port`, else the Drawpile port. */
  port: () => number;
  /** Setting `preferWebSockets`, and a WebSocket listener is open. */
  prefersWebSockets: () => boolean;
  /** Setting `privateUserList`. */
  hidesUserNames: () => boolean;
}

export interface Endpoint {
  /** Address of the collection; listings with the same one are refreshed together. */
  sessions: string;
  host: string;
  one(id: number): string;
}

/** What a list server gives for an announcement. */
export interface Given {
  id: number;
  key: string;
  expiryMs: number;
  intervalMs: number;
  /** Something for people. */
  message: string | undefined;
}

export type Outcome<Reply> = { reply: Reply } | Failure;

export interface Failure {
  /** A text is what the list server says. */
  error: Reason | string;
  /** `unclear`: the server took the request, and did not say what became of it. */
  kind: 'temporary' | 'unclear' | 'conflict' | 'final';
}

const minuteMs = 60_000;
const defaultExpiryMinutes = 6;

export class ListingProtocol {
  readonly #options: ListingProtocolOptions;

  constructor(options: ListingProtocolOptions) {
    this.#options = options;
  }

  async announce(endpoint: Endpoint, isTrusted: boolean, facts: ListingFacts): Promise<Outcome<Given>> {
    const outcome = await this.#request(isTrusted, 'POST', endpoint.sessions, this.#announcement(facts));
    return 'error' in outcome ? outcome : { reply: givenBy(outcome.reply) };
  }

  /** One request for all sessions at one server, by their ids there. */
  async refresh(
    server: string,
    isTrusted: boolean,
    sessions: readonly { id: number; key: string; facts: ListingFacts }[],
  ): Promise<Outcome<Refreshed>> {
    const body = Object.fromEntries(
      sessions.map(({ id, key, facts }) => [String(id), this.#refreshment(key, facts)]),
    );
    const outcome = await this.#request(isTrusted, 'PUT', server, body);
    if ('error' in outcome) return outcome;
    const responses = recordOf(outcome.reply.responses);
    const errors = recordOf(outcome.reply.errors);
    return {
      reply: {
        refusal: (id) =>
          responses[String(id)] === 'ok'
            ? undefined
            : (textOf(errors[String(id)]) ?? reason('list-without-reason')),
        message: textOf(outcome.reply.message),
      },
    };
  }

  async unlist(endpoint: Endpoint, isTrusted: boolean, { id, key }: Pick<Given, 'id' | 'key'>) {
    return this.#request(isTrusted, 'DELETE', endpoint.one(id), undefined, { 'X-Update-Key': key });
  }

  async #request(
    isTrusted: boolean,
    method: 'POST' | 'PUT' | 'DELETE',
    url: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<Outcome<Record<string, unknown>>> {
    try {
      const answer = await this.#options.client.request({
        method,
        url,
        headers: { 'User-Agent': `DrawpileListingClient/${this.#options.version}`, ...headers },
        body,
        isTrusted,
        // A refresh of many sessions is answered with a line for each.
        sizeLimitBytes: method === 'PUT' ? 1024 * 1024 : undefined,
      });
      return method === 'DELETE' && answer.status < 300 ? { reply: {} } : outcomeOf(answer);
    } catch (error) {
      if (!(error instanceof HttpProblem)) throw error;
      const kind =
        error instanceof ForbiddenNetwork ? 'final' : error instanceof BrokenOff ? 'unclear' : 'temporary';
      return { error: reason('list-network-error', { problem: error.reason }), kind };
    }
  }

  #announcement(facts: ListingFacts): Record<string, unknown> {
    const { host, port, prefersWebSockets, hidesUserNames } = this.#options;
    const hostName = host();
    const isOldGeneration = facts.protocol.startsWith('dp:4.21.');
    return {
      ...(hostName !== '' && { host: hostName }),
      port: port(),
      id: facts.alias || facts.id,
      protocol: facts.protocol,
      title: facts.title,
      owner: facts.founder,
      users: facts.users,
      activedrawingusers: facts.activeDrawingUsers,
      password: facts.hasPassword,
      nsfm: facts.isNsfm,
      ...(facts.maxUsers > 0 && { maxusers: facts.maxUsers }),
      ...(facts.allowsWeb && { allowweb: true }),
      ...(prefersWebSockets() && { preferwebsockets: true }),
      // Readers of the 2.1 lists expect names; later clients have no use for them.
      ...(isOldGeneration && { usernames: hidesUserNames() || facts.hasPassword ? [] : facts.userNames }),
    };
  }

  #refreshment(updatekey: string, facts: ListingFacts): Record<string, unknown> {
    const isOldGeneration = facts.protocol.startsWith('dp:4.21.');
    return {
      updatekey,
      title: facts.title,
      users: facts.users,
      activedrawingusers: facts.activeDrawingUsers,
      password: facts.hasPassword,
      owner: facts.founder,
      nsfm: facts.isNsfm,
      maxusers: facts.maxUsers,
      closed: false,
      allowweb: facts.allowsWeb,
      preferwebsockets: this.#options.prefersWebSockets(),
      ...(isOldGeneration && {
        usernames: this.#options.hidesUserNames() || facts.hasPassword ? [] : facts.userNames,
      }),
    };
  }
}

export interface Refreshed {
  /** Why the server does not list the session of this id any more; undefined: it does. */
  refusal(id: number): Reason | string | undefined;
  message: string | undefined;
}

function givenBy({ id, key, expires, message }: Record<string, unknown>): Given {
  const minutes = Math.max(2, Math.min(isCount(expires) ? expires : defaultExpiryMinutes, 24 * 60));
  return {
    id: isCount(id) ? id : 0,
    key: typeof key === 'string' ? key : '',
    expiryMs: minutes * minuteMs,
    intervalMs: (minutes - 1) * minuteMs,
    message: textOf(message),
  };
}

/** Root with `/` appended to the path if missing, then the suffix; a query is kept. http.md §2.1 */
export function endpointOf(url: string): Endpoint | undefined {
  const root = parseHttpUrl(url);
  if (root === undefined) return undefined;
  root.hash = '';
  const path = root.pathname.endsWith('/') ? root.pathname : `${root.pathname}/`;
  const at = (suffix: string) => {
    const endpoint = new URL(root.href);
    endpoint.pathname = path + suffix;
    return endpoint.href;
  };
  return { sessions: at('sessions/'), host: root.hostname, one: (id) => at(`sessions/${id}`) };
}

/** The error rules of http.md §2.2. */
function outcomeOf({ status, text }: HttpAnswer): Outcome<Record<string, unknown>> {
  const body = parseObject(text);
  if (status >= 200 && status < 300) {
    if (body !== undefined) return { reply: body };
    return {
      error: reason('answer-no-object'),
      kind: isJson(text) ? 'unclear' : 'temporary',
    };
  }
  if (status === 400 || status === 409 || status === 422) {
    const kind = status === 422 ? 'final' : 'conflict';
    if (body === undefined) {
      return {
        error: reason('list-refusal-unreadable', { status }),
        kind,
      };
    }
    return { error: textOf(body.message) ?? reason('list-refusal-unexplained', { status }), kind };
  }
  if (status === 410) return { error: reason('list-answer-gone'), kind: 'final' };
  const isTemporary = status >= 500 || status === 408 || status === 425 || status === 429;
  return { error: reason('list-answer-status', { status }), kind: isTemporary ? 'temporary' : 'final' };
}

/** Some value, though perhaps not an object. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Text of others that is shown to people: one line, not endless. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const line = value
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 500);
  return line === '' ? undefined : line;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
