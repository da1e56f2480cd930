// Checks the ports: free, used by a server, or used by another program.

import { speaksDrawpile, tryToListen } from '../../io/net/probes.js';
import { portUserText, whoListens } from '../../io/system/port-user.js';
import { type Finding, finding } from './catalogue.js';
import type { Examined } from './findings.js';

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
    const bound = await tryToListen(port, host);
    const at = { flag, port };
    if (bound === undefined) {
      findings.push(finding(flag === 'port' ? 'server-not-running' : 'port-available', at));
    } else if (bound === 'EADDRINUSE') {
      const isServer = await isOurs(port, host);
      const user = whoListens(port);
      const by = user && portUserText(user);
      if (!isServer) {
        findings.push(finding('port-taken', { ...at, program: by ?? 'another program', next: port + 1 }));
      } else if (flag === 'port') {
        findings.push(finding('server-answers', at));
      } else {
        findings.push(finding('port-in-use', { ...at, by: by === undefined ? '' : ` by ${by}` }));
      }
    } else if (bound === 'EACCES') {
      findings.push(finding('port-privileged', at));
    } else {
      findings.push(finding('port-unusable', { ...at, address: host ?? 'all addresses', reason: bound }));
    }
  }
  return findings;
}
