// Routes for monitoring: liveness, readiness, metrics.

import type { FastifyInstance } from 'fastify';
import type { LiveServer } from '../../admin/live.js';
import { printable } from '../../core/printable.js';
import type { Metrics } from './metrics.js';

export function addMachineRoutes(app: FastifyInstance, live: LiveServer): void {
  const about = (summary: string) => ({ schema: { summary, tags: ['machines'] } });
  // Whether it lives and is ready is not a secret, and monitoring has no password.
  const open = (summary: string) => ({ ...about(summary), config: { isOpen: true as const } });
  app.get('/livez', open('Whether the process answers'), async (_request, reply) =>
    reply.type('text/plain').send('ok\n'),
  );
  let metrics: Promise<Metrics> | undefined;
  app.get('/metrics', about('Metrics for Prometheus'), async (_request, reply) => {
    // Loaded by the first scrape: most servers are never asked.
    metrics ??= import('./metrics.js').then(({ Metrics: All }) => new All(live));
    const { contentType, text } = await metrics.then((all) => ({
      contentType: all.contentType,
      text: all.text(),
    }));
    return reply.header('content-type', contentType).send(text);
  });
  app.addHook('onClose', async () => (await metrics)?.close());
  app.get('/readyz', open('Whether people can come in'), async (_request, reply) =>
    live.isReady
      ? reply.type('text/plain').send('ok\n')
      : reply
          .code(503)
          .type('text/plain')
          .send(`${live.problems.map(printable).join('\n')}\n`),
  );
}
