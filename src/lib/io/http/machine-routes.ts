// For machines that look after the server: whether it lives, whether it is ready, and its figures (machine-figures).

import type { FastifyInstance } from 'fastify';
import type { LiveServer } from '../../admin/live.js';

export function addMachineRoutes(app: FastifyInstance, live: LiveServer): void {
  const about = (summary: string) => ({ schema: { summary, tags: ['machines'] } });
  app.get('/livez', about('Whether the process answers'), async (_request, reply) =>
    reply.type('text/plain').send('ok\n'),
  );
  app.get('/readyz', about('Whether people can come in'), async (_request, reply) =>
    live.isReady
      ? reply.type('text/plain').send('ok\n')
      : reply.code(503).type('text/plain').send('stopping\n'),
  );
}
