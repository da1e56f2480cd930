// JSON as the original servers write it: four spaces, keys in order of their code points, a newline at the end.

import type { FastifyReply } from 'fastify';
import { printableJson } from '../../core/printable.js';

export function formatJson(value: unknown): string {
  return `${printableJson(sorted(value), 4)}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const from = value as Record<string, unknown>;
  const to: Record<string, unknown> = {};
  for (const key of Object.keys(from).sort()) {
    const item = sorted(from[key]);
    // any other is set faster
    if (key === '__proto__') Object.defineProperty(to, key, { value: item, enumerable: true });
    else to[key] = item;
  }
  return to;
}

/** Sends a body as JSON; undefined is an empty one. The type goes without a charset, as clients know it. */
export function sendJson(reply: FastifyReply, status: number, body: unknown): FastifyReply {
  reply.code(status).header('content-type', 'application/json');
  return reply.send(Buffer.from(body === undefined ? '' : formatJson(body)));
}
