// What everybody may see of this server, without a name and a password: `/`.

import type { FastifyInstance } from 'fastify';
import type { LiveServer } from '../../admin/live.js';

export function addPublicPage(app: FastifyInstance, live: LiveServer): void {
  app.get(
    '/',
    { schema: { summary: 'What this server is', hide: true }, config: { isOpen: true } },
    async (_request, reply) =>
      reply
        .type('text/plain')
        .send(`A Drawpile server: drawpile://${live.address.host}:${live.address.port}/\n`),
  );
}
