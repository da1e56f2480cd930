// A drawpile-srv as far as its admin API was recorded (test/vectors/rest, rest-2.1): answers each request with what was
// recorded for it, and remembers what it has no recording of.

import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';

interface Recorded {
  name: string;
  method: string;
  path: string;
  reqHeaders?: Record<string, string>;
  reqBody?: unknown;
  status: number | null;
  resBody: unknown;
  resBodyIsJson: boolean;
}

export const originals = { '2.1': 'rest-2.1', '2.3': 'rest' } as const;
export type OriginalVersion = keyof typeof originals;

/** Of several recordings of a request, the one that is answered with. */
const preferred: Readonly<Record<OriginalVersion, readonly string[]>> = {
  '2.1': ['v21-session-get', 'v21-session-put', 'v21-server-put'],
  '2.3': [
    'status-get',
    'sessions-get',
    'users-get-v1',
    'session-get',
    'banlist-get',
    'systembans-get-v2',
    'userbans-get',
    'log-get',
    'locks-get',
    'accounts-get',
    'server-get-defaults',
    'chat-get',
    'thumbnail-get-none',
    'session-put-config',
    'session-put-message',
    'banlist-post',
    'accounts-post',
    'server-put-types',
  ],
};

/** Sessions of all recordings are one, and what only says how to answer is left out. */
function keyOf(method: string, path: string): string {
  const [name = ''] = path.split('?');
  const general = name
    .replace(/\/$/, '')
    .replace(/^(\/api\/sessions\/)[^/]+/, '$1:id')
    .replace(/^(\/api\/(?:banlist|systembans|userbans|accounts)\/)\d+$/, '$1:number');
  return `${method} ${general}`;
}

/** With `v=2` lists come in an object, beside whether their section is locked. */
function bareList(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('_locked' in body)) return body;
  const [list, ...others] = Object.entries(body).filter(([key]) => key !== '_locked');
  return others.length === 0 && Array.isArray(list?.[1]) ? list[1] : body;
}

function load(version: OriginalVersion): Map<string, Recorded> {
  const folder = `test/vectors/${originals[version]}`;
  const all = readdirSync(folder)
    .filter((name) => !name.startsWith('_'))
    .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as Recorded)
    .filter(({ status, path }) => status !== null && typeof path === 'string')
    .map((recorded) => ({ ...recorded, resBody: bareList(recorded.resBody) }));
  const first = preferred[version];
  const rank = ({ name, status }: Recorded) =>
    first.includes(name) ? first.indexOf(name) : first.length + (status === 200 ? 0 : 1);
  const answers = new Map<string, Recorded>();
  for (const recorded of all.sort((a, b) => rank(a) - rank(b))) {
    const key = keyOf(recorded.method, recorded.path);
    if (!answers.has(key)) answers.set(key, recorded);
  }
  return answers;
}

export async function startOriginal(t: ExecutionContext, version: OriginalVersion) {
  const answers = load(version);
  const asked: string[] = [];
  const unknown: string[] = [];
  const server = http.createServer((request, response) => {
    request.resume();
    const key = keyOf(request.method ?? '', request.url ?? '');
    asked.push(key);
    const recorded = answers.get(key);
    if (!recorded) unknown.push(key);
    const { status, resBody } = recorded ?? {
      status: 404,
      resBody: { message: 'Not found', status: 'error' },
    };
    response.writeHead(status ?? 500, { 'content-type': 'application/json' });
    response.end(JSON.stringify(resBody));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/api/`, asked, unknown };
}
