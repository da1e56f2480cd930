// dp's own routes, derived from the operations table: `POST /api/dp/1/<area>/<verb>` with the operation's input as
// JSON. What only looks can be asked with GET as well, the input as JSON in the query `input`.

import type { FastifyInstance } from 'fastify';
import { checkInput } from '../../admin/check-input.js';
import { isLocked } from '../../admin/live.js';
import type { Operation } from '../../admin/operation.js';
import { operationInputs } from '../../admin/operation-inputs.js';
import { type OperationName, operations } from '../../admin/operations.js';
import { refusal } from '../../core/errors.js';
import { printableJson } from '../../core/printable.js';
import { isJsonObject, type JsonObject } from '../../core/protocol/command.js';
import type { LogEntry } from '../../core/session/needs.js';
import { sendJson } from './json.js';
import type { HttpNeeds } from './original/route.js';

export const ownPrefix = '/api/dp/1/';
/** Bytes that wait for one who follows the log; beyond that entries are left out. */
const followBytesAtMost = 1024 * 1024;

export function operationPath(name: OperationName): string {
  return `${ownPrefix}${name.replace('.', '/')}`;
}

/** `describe` makes the description of the whole API. */
export function addOperationRoutes(
  app: FastifyInstance,
  needs: HttpNeeds,
  describe: () => Promise<unknown>,
): void {
  let description: Promise<unknown> | undefined;
  for (const name of Object.keys(operations) as OperationName[]) {
    const operation = operations[name] as unknown as Operation<unknown, unknown>;
    const run = async (input: unknown) => {
      checkInput(name, input);
      if (operation.section && isLocked(needs.live, operation.section)) {
        throw refusal('section-locked', { section: operation.section });
      }
      return (await operation.run(needs, input)) ?? null;
    };
    const schema = { summary: operation.summary, tags: [name.split('.')[0]!] };
    app.post(
      operationPath(name),
      // described by the schema, checked by what checks everywhere
      { schema: { ...schema, body: operationInputs[name] }, validatorCompiler: () => () => true },
      async (request, reply) => {
        requireQuery(request.query, []);
        return sendJson(reply, 200, await run(request.body ?? {}));
      },
    );
    if (operation.isChange) continue;
    app.get(operationPath(name), { schema }, async (request, reply) => {
      requireQuery(request.query, ['input']);
      const input = readInput((request.query as { input?: string }).input);
      return sendJson(reply, 200, await run(input));
    });
  }
  app.get(
    `${ownPrefix}openapi.json`,
    { schema: { summary: 'This description', tags: ['about'] } },
    async (_request, reply) => {
      description ??= describe();
      return sendJson(reply, 200, await description);
    },
  );
  app.get(
    `${ownPrefix}log/follow`,
    {
      schema: {
        summary: 'New entries of the log as they are written, one JSON object per line',
        tags: ['log'],
      },
    },
    (_request, reply) => {
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

/** What nobody reads would be ignored. */
function requireQuery(query: unknown, known: readonly string[]): void {
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
