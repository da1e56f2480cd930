// Downloads of files of a server: `GET /api/dp/1/file/content?kind=KIND&name=NAME`, made of what file.read answers, so that a
// browser can store what it does not hold in memory.

import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Admin } from '../../admin/admin.js';
import { checkInput } from '../../admin/check-shape.js';
import { type FileReference, fileKind, fileName } from '../../admin/file-shapes.js';
import { object } from '../../admin/schema.js';
import { ownPrefix, requireQuery } from './operation-routes.js';

const asked = object({ kind: fileKind, name: fileName });

type Run = Admin['run'];

/** `runFor`: how operations are run for who asks. `others`: what the query may have beside the file. */
export function addFileRoute(
  app: FastifyInstance,
  runFor: (request: FastifyRequest) => Run | Promise<Run>,
  others: readonly string[] = [],
): void {
  const schema = { summary: 'Download a file', tags: ['file'], querystring: asked };
  app.get(
    `${ownPrefix}file/content`,
    { schema, validatorCompiler: () => () => true },
    async (request, reply) => {
      requireQuery(request.query, ['kind', 'name', ...others]);
      const { kind, name } = request.query as Partial<FileReference>;
      const file = { kind, name };
      checkInput('file/content', asked, file);
      const run = await runFor(request);
      const known = file as FileReference;
      // what is wrong is said before anything is sent
      const first = await run('file.read', known);
      reply.headers({
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename*=UTF-8''${encodedName(known.name)}`,
        'content-length': first.sizeBytes,
        'content-security-policy': "default-src 'none'; sandbox",
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
      return reply.send(Readable.from(pieces(run, known, first)));
    },
  );
}

async function* pieces(
  run: Run,
  file: FileReference,
  first: { readonly bytes: string; readonly sizeBytes: number; readonly next?: number },
): AsyncGenerator<Buffer> {
  let part: Pick<typeof first, 'bytes' | 'next'> = first;
  for (;;) {
    const bytes = Buffer.from(part.bytes, 'base64');
    if (bytes.length > 0) yield bytes;
    if (part.next === undefined) return;
    part = await run('file.read', { ...file, from: part.next, until: first.sizeBytes });
  }
}

/** The last part, for a header (RFC 8187): nothing in it ends the line, or turns the text around. */
function encodedName(name: string): string {
  const last = name.split('/').at(-1) ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are meant
  const shown = last.replaceAll(/[\u0000-\u001f\u007f"\\:*?<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '_');
  return encodeURIComponent(shown.replaceAll(/\p{Surrogate}/gu, '_')).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
