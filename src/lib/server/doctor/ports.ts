// The ports: free, taken by a server, or by something else.

import { speaksDrawpile, tryToListen } from '../../io/net/probes.js';
import { portUserText, whoListens } from '../../io/system/port-user.js';
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
      flag: 'http-port',
      port: startup['http-port'],
      host: startup['http-listen'],
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
      findings.push({ subject, level: 'ok', text: `--${flag} ${port} is available${what}` });
    } else if (bound === 'EADDRINUSE') {
      const isServer = await isOurs(port, host);
      const user = whoListens(port);
      const by = user && ` by ${portUserText(user)}`;
      findings.push(
        isServer
          ? {
              subject,
              level: 'ok',
              text: `--${flag} ${port}: ${flag === 'port' ? 'a Drawpile server answers' : `in use${by ?? ''}`}`,
            }
          : {
              subject,
              level: 'problem',
              text: `--${flag} ${port} is in use${by ?? ' by another program'}`,
              fix: `find it: ss -ltnp 'sport = :${port}'   (or choose another port: dp serve --${flag} ${port + 1})`,
            },
      );
    } else if (bound === 'EACCES') {
      findings.push({
        subject,
        level: 'problem',
        text: `--${flag} ${port}: this user cannot use ports below 1024`,
        fix: `run as a service: sudo dp service install -- --${flag} ${port}   (or choose a port from 1024)`,
      });
    } else {
      findings.push({
        subject,
        level: 'problem',
        text: `--${flag} ${port} on ${host ?? 'all addresses'}: ${bound}`,
        fix: 'list the addresses of this machine: ip address',
      });
    }
  }
  return findings;
}
