// dp's own routes, derived from the operations table: `POST /api/dp/1/<area>/<verb>` with the operation's input as
// JSON. Read-only operations are also available by GET, with the input as JSON in the query `input`.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { runHere } from '../../admin/admin.js';
import { isLocked } from '../../admin/live.js';
import { type Caller, followRole, type Operation, requireRole } from '../../admin/operation.js';
import type { OperationName, Operations } from '../../admin/operations.js';
import { described, object, oneWord, text } from '../../admin/schema.js';
import { type ErrorKind, errorKinds, refusal } from '../../core/errors.js';
import { printableJson } from '../../core/printable.js';
import { isJsonObject, type JsonObject } from '../../core/protocol/command.js';
import type { LogEntry } from '../../core/session/needs.js';
import type { ApiDescription } from './api-description.js';
import { sendJson } from './json.js';
import type { HttpNeeds } from './original/route.js';

export const ownPrefix = '/api/dp/1/';
/** Bytes that wait for one who follows the log; beyond that entries are left out. */
const followBytesAtMost = 1024 * 1024;

export function operationPath(name: OperationName): string {
  return `${ownPrefix}${name.replace('.', '/')}`;
}

const failure = {
  ...object(
    {
      status: oneWord('error'),
      code: text,
      kind: oneWord(...(Object.keys(errorKinds) as ErrorKind[])),
      message: text,
    },
    { reason: described(text, 'code of the reason within the message'), hint: text },
  ),
  description: 'What was wrong',
} as const;

/** What the description says of an operation; answers are written by json.ts, inputs checked by what checks everywhere. */
function describeOperation(name: OperationName, { summary, role, output }: Operation) {
  return {
    schema: {
      operationId: name,
      summary,
      tags: [name.replace(/\..*/s, '')],
      'x-role': role,
      response: { 200: { description: 'Done', ...output }, default: failure },
    },
    validatorCompiler: () => () => true,
    serializerCompiler: () => JSON.stringify,
  };
}

export function addOperationRoutes(
  app: FastifyInstance,
  needs: HttpNeeds,
  operations: Operations,
  description: ApiDescription,
): void {
  for (const name of Object.keys(operations) as OperationName[]) {
    const operation = operations[name];
    const run = async (request: FastifyRequest, input: unknown) => {
      const own = neededBy(needs, request);
      requireUnlocked(own, operation);
      return runHere(own, name, input);
    };
    const described = describeOperation(name, operation);
    const { schema } = described;
    app.post(
      operationPath(name),
      {
        ...described,
        schema: { ...schema, body: operation.input },
        ...(operation.inputBytesAtMost !== undefined && { bodyLimit: operation.inputBytesAtMost }),
      },
      async (request, reply) => {
        requireQuery(request.query, []);
        return sendJson(reply, 200, await run(request, request.body ?? {}));
      },
    );
    if (operation.isChange) continue;
    const querystring = object({}, { input: { ...text, description: 'the input of POST, as JSON' } });
    app.get(
      operationPath(name),
      { ...described, schema: { ...schema, operationId: `${name}.get`, querystring } },
      async (request, reply) => {
        requireQuery(request.query, ['input']);
        const input = readInput((request.query as { input?: string }).input);
        return sendJson(reply, 200, await run(request, input));
      },
    );
  }
  app.get(
    `${ownPrefix}openapi.json`,
    { schema: { summary: 'This description', tags: ['about'] } },
    (_request, reply) => sendJson(reply, 200, description.document),
  );
  app.get(
    `${ownPrefix}log/follow`,
    {
      schema: {
        summary: 'New entries of the log as they are written, one JSON object per line',
        tags: ['log'],
      },
    },
    (request, reply) => {
      requireRole(neededBy(needs, request), followRole);
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, { 'content-type': 'application/x-ndjson' });
      raw.flushHeaders();
      const stop = needs.live.follow((entry: LogEntry) => {
        if (raw.writableLength <= followBytesAtMost) raw.write(`${printableJson(entry)}\n`);
      });
      raw.on('close', stop);
      raw.on('error', stop);
    },
  );
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined: nobody was asked for a name. */
    caller: Caller | undefined;
  }
}

/** The needs of operations for one request: with who asks. */
export function neededBy(needs: HttpNeeds, { caller }: Pick<FastifyRequest, 'caller'>): HttpNeeds {
  return caller === undefined ? needs : { ...needs, caller };
}

function requireUnlocked({ live }: HttpNeeds, { section }: Operation): void {
  if (!section || !isLocked(live, section)) return;
  throw refusal('section-locked', { section });
}

/** What nobody reads would be ignored. */
export function requireQuery(query: unknown, known: readonly string[]): void {
  const unknown = Object.keys(query as object).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw refusal('query-unknown', { name: unknown });
}

function readInput(text: string | undefined): JsonObject {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!isJsonObject(value)) throw refusal('query-no-object');
  return value;
}
