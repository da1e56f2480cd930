// A server for the app's tests: with an administrator's password, a moderator's account, and an audit trail.

import type { ExecutionContext } from 'ava';
import { startAdminServer } from './admin-server.js';

const sessionLimit = '100mb';
export const moderator = { name: 'Mia', password: 'mias password' };

/** `auth`: NAME:PASSWORD of administrators; none: this machine needs no password. */
export async function startAppServer(t: ExecutionContext, auth?: string) {
  const server = await startAdminServer(t, {
    hasPort: true,
    hasTrail: true,
    values: { 'web-admin-auth': auth },
    settings: { serverTitle: 'Friday sketching', sessionSizeLimit: sessionLimit, clientTimeout: '1d' },
  });
  for (const { name, password } of [moderator, { name: 'Noa', password: 'noas password' }])
    await server.request({
      method: 'POST',
      path: '/api/dp/1/user/add',
      body: { name, password, flags: ['MOD'] },
    });
  return server;
}
