// For machines that look after the server: whether it lives, whether it is ready, its figures.

import type { FastifyInstance } from 'fastify';
import type { LiveServer } from '../../admin/live.js';
import { printable } from '../../core/printable.js';
import type { MachineFigures } from './machine-figures.js';

export function addMachineRoutes(app: FastifyInstance, live: LiveServer): void {
  const about = (summary: string) => ({ schema: { summary, tags: ['machines'] } });
  app.get('/livez', about('Whether the process answers'), async (_request, reply) =>
    reply.type('text/plain').send('ok\n'),
  );
  let figures: Promise<MachineFigures> | undefined;
  app.get('/metrics', about('Figures for Prometheus'), async (_request, reply) => {
    // Loaded by the first scrape: most servers are never asked.
    figures ??= import('./machine-figures.js').then(({ MachineFigures: Figures }) => new Figures(live));
    const { contentType, text } = await figures.then(async (each) => ({
      contentType: each.contentType,
      text: await each.text(),
    }));
    return reply.header('content-type', contentType).send(text);
  });
  app.addHook('onClose', async () => (await figures)?.close());
  app.get('/readyz', about('Whether people can come in'), async (_request, reply) =>
    live.isReady
      ? reply.type('text/plain').send('ok\n')
      : reply
          .code(503)
          .type('text/plain')
          .send(`${live.problems.map(printable).join('\n')}\n`),
  );
}
