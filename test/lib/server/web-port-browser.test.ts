// A real Chromium on the web port: pages by HTTP/2, a WebSocket beside them, and the way from http to https.
import os from 'node:os';
import { createSecureContext } from 'node:tls';
import test from 'ava';
import { startAdminServer } from '../../helpers/admin-server.js';
import { makePair } from '../../helpers/certificates.js';
import { withChromium } from '../../helpers/chromium.js';

const patience = 60_000;
const outside = Object.values(os.networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

const { run, browser } = withChromium(test, { patience });

run('a browser reads pages by HTTP/2, draws by wss, and comes from http to https', async (t) => {
  t.timeout(patience);
  const pair = await makePair();
  const context = createSecureContext({ cert: pair.certificate, key: pair.key });
  const { server } = await startAdminServer(t, {
    database: false,
    more: {
      host: '0.0.0.0',
      web: { host: '0.0.0.0', port: 0 },
      secureContext: () => context,
    },
  });
  const port = server.webPort;
  // What this looks at is the way to the pages, not what they allow themselves.
  const visit = await browser().newContext({ ignoreHTTPSErrors: true, bypassCSP: true });
  t.teardown(() => visit.close());
  const page = await visit.newPage();
  const answer = await page.goto(`https://127.0.0.1:${port}/`);
  t.is(answer?.status(), 200);
  const protocol = await page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol");
  t.is(protocol, 'h2');
  const greeting = await page.evaluate(
    (at) =>
      new Promise<string>((resolve, reject) => {
        const socket = new WebSocket(at);
        socket.binaryType = 'arraybuffer';
        socket.onmessage = ({ data }) => resolve(new TextDecoder().decode(data as ArrayBuffer));
        socket.onerror = () => reject(new Error('no WebSocket'));
      }),
    `wss://127.0.0.1:${port}/drawpile-web/ws`,
  );
  t.regex(greeting, /"type":"login"/);
  if (outside === undefined) return;
  const sent = await page.goto(`http://${outside}:${port}/livez`);
  t.is(sent?.url(), `https://${outside}:${port}/livez`);
  t.is(await sent?.text(), 'ok\n');
});
