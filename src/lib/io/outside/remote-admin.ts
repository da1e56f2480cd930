// The operations of an administrator on a running server: each is a request to its admin API. Against an original
// drawpile-srv, what its API can say is said there (original-admin.ts).

import type { Admin, Following, Lacks } from '../../admin/admin.js';
import { answerProblem } from '../../admin/check-shape.js';
import type { Operation } from '../../admin/operation.js';
import { type InputOf, type OperationName, type OutputOf, operationOf } from '../../admin/operations.js';
import type { Schema } from '../../admin/schema.js';
import { Fault, fault, readReport } from '../../core/errors.js';
import { isJsonObject } from '../../core/protocol/command.js';
import type { LogEntry } from '../../core/session/needs.js';
import {
  type AdminAnswer,
  type AdminServerAddress,
  askAdminServer,
  followAdminServer,
  parsed,
} from './admin-http.js';
import { eventReader } from './event-reader.js';
import { lacksOfOriginal, operationOfAnyServer, runOnOriginal } from './original-admin.js';

const prefix = '/api/dp/1/';
/** A server sends something every 20 seconds: beyond, it is gone, whatever the connection seems to be. */
const eventSilenceMs = 60_000;

export function remoteAdmin(server: AdminServerAddress): Admin {
  /** Undefined until the first answer has shown it. */
  let isOriginal: boolean | undefined;
  let lacks: Lacks | undefined;
  async function run<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
    if (isOriginal !== true) {
      const row = await operationOf(name);
      const answer = await ask(server, name, row, input);
      isOriginal = !isOurs(answer);
      if (!isOriginal) return readAnswer(server, name, row, answer) as OutputOf<Name>;
    }
    return runOnOriginal(server, name, input);
  }
  return {
    place: server.label,
    run,
    async lacks() {
      if (isOriginal === undefined) await run(operationOfAnyServer, {});
      if (isOriginal === true) lacks ??= await lacksOfOriginal(server);
      return lacks;
    },
    async follow(listener): Promise<Following> {
      const { followedEntry } = await import('../../admin/log.js');
      return followAdminServer(server, `${prefix}log/follow`, (line) => {
        const entry = readEntry(followedEntry, line);
        // a newer server may have levels and topics that nothing here could show
        if (entry) listener(entry);
      });
    },
    async followEvents({ kinds, session, after }, listener): Promise<Following> {
      const query = new URLSearchParams({
        ...(kinds && { kinds: kinds.join() }),
        ...(session !== undefined && { session }),
        ...(after !== undefined && { after }),
      });
      return followAdminServer(server, `${prefix}events?${query}`, eventReader(listener), eventSilenceMs);
    },
    async close() {},
  };
}

function readEntry(shape: Schema, line: string): LogEntry | undefined {
  const entry = parsed(line);
  return answerProblem(shape, entry, true) === undefined ? (entry as LogEntry) : undefined;
}

/** What only looks is asked a second time when a connection breaks, as under load or while a listener is opened anew. */
async function ask(
  server: AdminServerAddress,
  name: OperationName,
  { isChange }: Operation,
  input: unknown,
): Promise<AdminAnswer> {
  const path = `${prefix}${name.replace('.', '/')}`;
  try {
    return await askAdminServer(server, 'POST', path, input);
  } catch (error) {
    const isBroken = error instanceof Fault && (error.cause as NodeJS.ErrnoException)?.code === 'ECONNRESET';
    if (!isBroken || isChange) throw error;
    return askAdminServer(server, 'POST', path, input);
  }
}

/** An original knows none of our paths: 404 with a body that has no code. */
function isOurs({ status, json }: AdminAnswer): boolean {
  return status !== 404 || (isJsonObject(json) && 'code' in json);
}

function readAnswer(
  server: AdminServerAddress,
  name: OperationName,
  { output }: Operation,
  { status, json, text }: AdminAnswer,
): unknown {
  if (status === 200) {
    if (json === undefined) throw notAnApi(server);
    const problem = answerProblem(output, json, true);
    if (problem === undefined) return json;
    throw fault('answer-unexpected', { server: server.label, operation: name, problem });
  }
  const reported = isJsonObject(json) ? readReport(json) : undefined;
  if (reported !== undefined) throw reported;
  const message = isJsonObject(json) && typeof json.message === 'string' ? json.message : text.slice(0, 200);
  throw fault('server-answered', { server: server.label, status, message });
}

function notAnApi(server: AdminServerAddress): Fault {
  return fault('no-admin-api', { server: server.label });
}
