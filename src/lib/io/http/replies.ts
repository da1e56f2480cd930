// Answers as the originals and dp write them: JSON and errors of the catalogue; and problems for the log.

import type { FastifyReply } from 'fastify';
import { type Fault, httpStatusOf, type Refusal, reportOf } from '../../core/errors.js';
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

export function noteProblem(needs: HttpNeeds, level: LogLevel, message: string): void {
  needs.live.log.write({ time: needs.live.clock.now(), level, topic: 'Status', message });
}
