// Which listeners show themselves to a certificate authority.

import { once } from 'node:events';
import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import test from 'ava';
import { makeSelfSigned } from '../../../src/lib/io/net/self-signed.js';
import { systemClock } from '../../../src/lib/io/system/clock.js';
import { Listeners } from '../../../src/lib/server/listeners.js';
import { portOfNamedChecks } from '../../../src/lib/server/load-automatic-certificate.js';

for (const kind of ['web', 'webSocket'] as const) {
  test(`an authority that checks a name by TLS is answered at the port: ${kind}`, async (t) => {
    const usual = makeSelfSigned({ names: ['usual.example'], days: 1, nowMs: Date.now() });
    const proof = makeSelfSigned({ names: ['draw.example'], days: 1, nowMs: Date.now() });
    const contextOf = (pair: typeof usual) => createSecureContext({ cert: pair.certificate, key: pair.key });
    const listeners = await Listeners.open({
      clock: systemClock,
      host: '127.0.0.1',
      port: 0,
      secureContext: () => contextOf(usual),
      [kind]: {
        host: '127.0.0.1',
        port: 0,
        challenges: {
          answerFor: () => undefined,
          contextFor: (name: string) => (name === 'draw.example' ? contextOf(proof) : undefined),
        },
      },
    });
    t.teardown(() => listeners.close());
    listeners.begin({
      accept: () => false,
      allowedOrigins: () => '',
      writeLog: () => undefined,
      failed: (error) => t.fail(error.message),
    });
    const port = kind === 'web' ? listeners.webPort : listeners.webSocketPort;
    const shown = async (protocols: string[]) => {
      const options = { port, host: '127.0.0.1', servername: 'draw.example', rejectUnauthorized: false };
      const socket: TLSSocket = connect({ ...options, ALPNProtocols: protocols });
      t.teardown(() => socket.destroy());
      await once(socket, 'secureConnect');
      return [socket.alpnProtocol, socket.getPeerCertificate().subjectaltname];
    };
    t.deepEqual(await shown(['acme-tls/1']), ['acme-tls/1', 'DNS:draw.example']);
    t.deepEqual(await shown(['http/1.1']), ['http/1.1', 'DNS:usual.example']);
  });
}

test('the listener that has port 443 is the one that is checked, else the web port', (t) => {
  const portOf = (web: number, webSocket: number) =>
    portOfNamedChecks({ 'web-port': web, 'websocket-port': webSocket });
  t.is(portOf(443, 0), 443);
  t.is(portOf(0, 443), 443);
  t.is(portOf(8443, 443), 443);
  t.is(portOf(443, 8443), 443);
  t.is(portOf(8443, 8444), 8443);
  t.is(portOf(0, 8444), 0);
});
