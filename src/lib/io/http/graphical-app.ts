// Serves the app of administrators at /admin/, as built by `npm run build` (scripts/web.mjs). Its code is public;
// its data comes from the API, which requires a login. All files are in memory after the first request: a server
// that gave up its privileges may not be able to read them again.

import { existsSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readRegularAsync, sizeLimits } from '../files/regular-file.js';
import { sendUnknownPage } from './html.js';
import { etagOf, hasUnchanged, typeOf } from './web-site.js';

/**
 * No script or style but ours, from nowhere else, none in the page itself. Pictures of sessions come in answers, so that
 * they are data.
 */
export const appPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const prefix = '/admin/';
const year = 31_536_000;
/** Codings that the build made, the best first, with the ending of their files. */
const codings = { br: '.br', gzip: '.gz' } as const;

interface AppFile {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Buffer;
  readonly packed: { readonly [Coding in keyof typeof codings]?: Buffer };
}

/** By name, such as `app-3F2K.js`. */
export type AppFiles = ReadonlyMap<string, AppFile>;

/** Where the build puts it; undefined: this copy of dp was built without it. */
export function findAppFolder(): string | undefined {
  for (let folder = path.dirname(fileURLToPath(import.meta.url)); ; folder = path.dirname(folder)) {
    const built = path.join(folder, 'dist', 'web');
    if (existsSync(path.join(built, 'index.html'))) return built;
    if (path.dirname(folder) === folder) return undefined;
  }
}

let loaded: Promise<AppFiles> | undefined;

/** The files of the app, read once. */
export function loadAppFiles(): Promise<AppFiles> {
  loaded ??= readApp(findAppFolder());
  return loaded;
}

async function readApp(folder: string | undefined): Promise<AppFiles> {
  const files = new Map<string, AppFile>();
  if (folder === undefined) return files;
  const names = readdirSync(folder);
  const read = async (name: string) =>
    (await readRegularAsync(path.join(folder, name), sizeLimits.webPage)).bytes;
  for (const name of names) {
    if (/\.(br|gz|txt|map)$/.test(name)) continue;
    const bytes = await read(name);
    const packed: { br?: Buffer; gzip?: Buffer } = {};
    for (const [coding, ending] of Object.entries(codings) as ['br' | 'gzip', string][]) {
      if (names.includes(name + ending)) packed[coding] = await read(name + ending);
    }
    files.set(name, { type: typeOf(name), etag: etagOf(bytes), bytes, packed });
  }
  return files;
}

export function addGraphicalApp(app: FastifyInstance): void {
  const open = (summary: string) => ({
    schema: { summary, hide: true },
    config: { isOpen: true as const },
  });
  // Every address of the app is the same page, which looks at the address itself.
  const page = async (request: FastifyRequest, reply: FastifyReply) => {
    reply.headers({
      'content-security-policy': appPolicy,
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-cache',
    });
    return send(request, reply, (await loadAppFiles()).get('index.html'));
  };
  app.get(prefix, open('The app'), page);
  app.get(`${prefix}*`, open('The app'), page);
  app.get(`${prefix}assets/:name`, open('A file of the app'), async (request, reply) => {
    const { name } = request.params as { name: string };
    // another content has another name
    reply.header('cache-control', `public, max-age=${year}, immutable`);
    const file = name === 'index.html' ? undefined : (await loadAppFiles()).get(name);
    return send(request, reply, file);
  });
}

function send({ headers }: FastifyRequest, reply: FastifyReply, file: AppFile | undefined): FastifyReply {
  if (file === undefined) return sendUnknownPage(reply.header('cache-control', 'no-store'));
  reply.headers({ 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff', etag: file.etag });
  reply.header('vary', 'Accept-Encoding');
  if (hasUnchanged(headers, file)) return reply.code(304).send();
  const coding = codingFor(headers['accept-encoding'], file);
  if (coding !== undefined) reply.header('content-encoding', coding);
  return reply
    .code(200)
    .header('content-type', file.type)
    .send((coding && file.packed[coding]) ?? file.bytes);
}

/** The best that both sides have (RFC 9110 §12.5.3). */
function codingFor(
  accepted: string | string[] | undefined,
  { packed }: AppFile,
): keyof typeof codings | undefined {
  const wanted = String(accepted ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.trim().split(/\s*;\s*q=/))
    .filter(([, quality = '1']) => Number(quality) > 0)
    .map(([name]) => name);
  return (Object.keys(codings) as (keyof typeof codings)[]).find(
    (coding) => packed[coding] !== undefined && wanted.includes(coding),
  );
}
