// `dp gui`: a link that works once, for one browser; against a server that runs, against one elsewhere, and with one that
// it starts itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import { browserCommand } from '../../src/lib/cli/open-browser.js';
import { ask } from '../helpers/admin-server.js';
import { binary } from '../helpers/run-binary.js';
import { serveBinary } from '../helpers/serve-binary.js';
import { guiHome, startGui } from '../helpers/start-gui.js';

const patience = 120_000;

type Gui = Awaited<ReturnType<typeof startGui>>;

async function logIn({ port, secret }: Gui) {
  const answer = await ask({ method: 'POST', path: '/api/dp/1/login', port, body: { link: secret } });
  const [cookie = ''] = String(answer.headers['set-cookie'] ?? '').split(';');
  return { answer, cookie, csrf: (answer.json as { csrf: string }).csrf };
}

test('the link works once, and what is asked then needs its cookie and, for changes, its token', async (t) => {
  t.timeout(patience);
  const server = await serveBinary(t, 'socket');
  const gui = await startGui(t, server.env);
  const { port } = gui;
  const status = { method: 'POST', path: '/api/dp/1/server/status', port, body: {} };
  t.is((await ask({ path: '/admin/', port })).status, 200);
  t.is((await ask(status)).status, 401);
  t.not((await ask({ method: 'POST', path: '/api/dp/1/login', port, body: { link: 'x' } })).status, 200);
  const { answer, cookie, csrf } = await logIn(gui);
  t.is(answer.status, 200);
  t.regex(String(answer.headers['set-cookie']), /HttpOnly; SameSite=Strict/);
  t.not((await logIn(gui)).answer.status, 200, 'a second time');
  t.is((await ask({ ...status, headers: { cookie } })).status, 403, 'without the token');
  const headers = { cookie, 'x-csrf-token': csrf };
  const own = await ask({ ...status, headers });
  t.is((own.json as { port: number }).port, server.port, 'it is that server');
  t.is((await ask({ ...status, headers: { ...headers, host: `evil.example:${port}` } })).status, 403);
  t.is((await ask({ ...status, headers: { ...headers, 'sec-fetch-site': 'cross-site' } })).status, 403);
  t.is((await ask({ ...status, path: '/api/dp/1/no/such', headers })).status, 404);
  const refused = await ask({
    ...status,
    path: '/api/dp/1/config/change',
    headers,
    body: { set: { nothing: '1' } },
  });
  t.is(refused.status, 400);
  t.truthy((refused.json as { code: string }).code);
  gui.child.kill('SIGINT');
  t.is((await gui.ended)[0], 0);
  t.is((await server.dp('status')).status, 0, 'the server was there before, and stays');
});

test('another server is administered by its address', async (t) => {
  t.timeout(patience);
  const server = await serveBinary(t, 'address');
  const home = server.env.HOME!;
  const gui = await startGui(
    t,
    { HOME: home, DP_RUNTIME: `${home}/other` },
    ...['--remote', server.env.DP_SERVER!, '--auth', 'admin:secret'],
  );
  const { cookie, csrf } = await logIn(gui);
  const headers = { cookie, 'x-csrf-token': csrf };
  const answer = await ask({
    method: 'POST',
    path: '/api/dp/1/server/status',
    port: gui.port,
    body: {},
    headers,
  });
  t.is((answer.json as { port: number }).port, server.port);
});

test('where no server runs, one is started, and stops with the command', async (t) => {
  t.timeout(patience);
  const env = { ...guiHome(t).env, DP_PORT: '0' };
  const gui = await startGui(t, env);
  t.regex(gui.output(), /No server is running on this data\. Starting one/);
  const { cookie, csrf } = await logIn(gui);
  const headers = { cookie, 'x-csrf-token': csrf };
  const ask1 = () =>
    ask({ method: 'POST', path: '/api/dp/1/server/status', port: gui.port, body: {}, headers });
  t.is((await ask1()).status, 200);
  gui.child.kill('SIGTERM');
  t.is((await gui.ended)[0], 0);
  const status = spawn(process.execPath, [binary, 'status'], {
    stdio: 'ignore',
    env: { ...process.env, ...env },
  });
  t.is(((await once(status, 'close')) as [number])[0], 3, 'no server any more');
});

test('a browser is opened without a shell, where somebody can see it', (t) => {
  const url = 'http://127.0.0.1:1/admin/#link=a&b;$(x)';
  t.deepEqual(browserCommand(url, 'linux', { DISPLAY: ':0' }), ['xdg-open', url]);
  t.deepEqual(browserCommand(url, 'linux', { WAYLAND_DISPLAY: 'wayland-0' }), ['xdg-open', url]);
  t.is(browserCommand(url, 'linux', {}), undefined);
  t.deepEqual(browserCommand(url, 'darwin', {}), ['open', url]);
  t.deepEqual(browserCommand(url, 'win32', {}), ['rundll32', 'url.dll,FileProtocolHandler', url]);
});
