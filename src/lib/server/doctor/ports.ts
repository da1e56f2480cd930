// The ports: free, taken by a server, or by something else.

import { speaksDrawpile, tryToListen } from '../../io/net/probes.js';
import type { Examined, Finding } from './findings.js';

export async function checkPorts({ startup }: Examined): Promise<Finding[]> {
  const listeners = [
    { flag: 'port', port: startup.port, host: startup.listen, isOurs: speaksDrawpile },
    {
      flag: 'web-port',
      port: startup['web-port'],
      host: startup['web-listen'],
      isOurs: async () => true,
    },
    {
      flag: 'websocket-port',
      port: startup['websocket-port'],
      host: startup['websocket-listen'],
      isOurs: async () => true,
    },
    {
      flag: 'web-admin-port',
      port: startup['web-admin-port'],
      host: startup['web-admin-listen'],
      isOurs: async () => true,
    },
  ];
  const findings: Finding[] = [];
  for (const { flag, port, host, isOurs } of listeners) {
    if (port === 0) continue;
    const subject = 'ports';
    const bound = await tryToListen(port, host);
    if (bound === undefined) {
      const what = flag === 'port' ? '; the server is not running' : '';
      findings.push({ subject, level: 'ok', text: `--${flag} ${port} is free${what}` });
    } else if (bound === 'EADDRINUSE') {
      const isServer = await isOurs(port, host);
      findings.push(
        isServer
          ? {
              subject,
              level: 'ok',
              text: `--${flag} ${port}: ${flag === 'port' ? 'a Drawpile server answers' : 'somebody listens'}`,
            }
          : {
              subject,
              level: 'problem',
              text: `--${flag} ${port} is taken by something that is no Drawpile server`,
              fix: `this names it: ss -ltnp 'sport = :${port}'   (or choose another: dp serve --${flag} ${port + 1})`,
            },
      );
    } else if (bound === 'EACCES') {
      findings.push({
        subject,
        level: 'problem',
        text: `--${flag} ${port}: this user may not use ports below 1024`,
        fix: `a service may: sudo dp service install -- --${flag} ${port}   (or choose one from 1024 on)`,
      });
    } else {
      findings.push({
        subject,
        level: 'problem',
        text: `--${flag} ${port} on ${host ?? 'all addresses'}: ${bound}`,
        fix: 'ip address   shows the addresses that can be listened on',
      });
    }
  }
  return findings;
}
