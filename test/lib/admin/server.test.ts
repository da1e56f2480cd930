// The status of a running server.

import test from 'ava';
import { startAdminServer } from '../../helpers/admin-server.js';

const links: readonly [name: string, link: RegExp][] = [
  ['bücher.example', /^drawpile:\/\/xn--bcher-kva\.example:1234\/$/],
  ['2001:db8::1', /^drawpile:\/\/\[2001:db8::1\]:1234\/$/],
];
for (const [name, link] of links) {
  test(`the status has the link for users of a server that is called ${name}`, async (t) => {
    const server = await startAdminServer(t, { values: { 'local-host': name, 'announce-port': 1234 } });
    const { json } = await server.request({ method: 'POST', path: '/api/dp/1/server/status', body: {} });
    t.regex((json as { link: string }).link, link);
  });
}
