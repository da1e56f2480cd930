// Answers in the form of the originals and of dp: JSON and errors of the catalogue; and problems for the log.

import type { FastifyReply } from 'fastify';
import { Fault, fault, httpStatusOf, Refusal, refusal, reportOf } from '../../core/errors.js';
import type { LogLevel } from '../../core/session/needs.js';
import { sendJson } from './json.js';
import type { Answer, HttpNeeds } from './original/route.js';

export function sendAnswer(reply: FastifyReply, { status, body }: Answer): FastifyReply {
  return sendJson(reply, status, body);
}

export function sendReport(
  reply: FastifyReply,
  error: Refusal | Fault,
  status = httpStatusOf(error),
): FastifyReply {
  return sendJson(reply, status, { status: 'error', ...reportOf(error) });
}

/** Whatever a route threw. `onFault`: is given the details of what is nobody's request to blame for. */
export function sendError(
  reply: FastifyReply,
  error: unknown,
  onFault: (details: string) => void = () => {},
): FastifyReply {
  if (error instanceof Refusal || (error instanceof Fault && error.kind !== 'fault')) {
    return sendReport(reply, error);
  }
  const status = (error as { statusCode?: unknown }).statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    const problem = error instanceof Error ? error.message : String(error);
    return sendReport(reply, refusal('request-invalid', { problem }), status);
  }
  onFault(
    error instanceof Fault ? error.message : error instanceof Error ? (error.stack ?? '') : String(error),
  );
  return sendReport(reply, error instanceof Fault ? error : fault('internal-error'));
}

export function noteProblem(needs: HttpNeeds, level: LogLevel, message: string): void {
  needs.live.log.write({ time: needs.live.clock.now(), level, topic: 'Status', message });
}
