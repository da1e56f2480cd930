// The ports for browsers: that they answer here, and under the name that browsers use.

import { isLoopbackText } from '../../core/addresses.js';
import { hostInLinks, pageLink } from '../../core/session/join-links.js';
import { upgrade } from '../../io/net/probes.js';
import type { Examined, Finding } from './findings.js';

const subject = 'websocket';
const path = 'drawpile-web/ws';

export async function checkWebSocket({ startup }: Examined): Promise<Finding[]> {
  const { 'web-port': webPort, 'web-listen': webHost, 'local-host': name } = startup;
  const { 'websocket-port': port, 'websocket-listen': host } = startup;
  const isBehindProxy = webHost !== undefined && isLoopbackText(webHost);
  return [
    ...(webPort === 0
      ? []
      : await checkPort(webPort, webHost, {
          url: name && pageLink(name, isBehindProxy ? 443 : webPort, { path }),
          fix: isBehindProxy
            ? proxyFix(webPort)
            : `let TCP port ${webPort} in, and look at the certificate: dp doctor --only certificate`,
        })),
    ...(port === 0
      ? []
      : await checkPort(port, host, {
          // The web port has the name, where there is one.
          url: webPort === 0 && name !== undefined ? pageLink(name, 443, { path }) : undefined,
          fix: proxyFix(port),
        })),
  ];
}

/** `outside`: where browsers look for it, undefined where nobody knows, and what to do when they find nothing. */
async function checkPort(
  port: number,
  host: string | undefined,
  outside: { url: string | undefined; fix: string },
): Promise<Finding[]> {
  const at = host === undefined || host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host;
  const here = `${hostInLinks(at)}:${port}/${path}`;
  // Encrypted or not is not known here: a certificate may come by itself.
  const secure = await upgrade(`https://${here}`, { trustsAll: true });
  const local = secure === 'ok' ? secure : await upgrade(`http://${here}`);
  if (local !== 'ok') {
    return [
      {
        subject,
        level: 'note',
        text: `port ${port} does not accept WebSocket connections: ${local}`,
        fix: 'start the server and check again: dp serve',
      },
    ];
  }
  const findings: Finding[] = [{ subject, level: 'ok', text: `port ${port} accepts WebSocket connections` }];
  if (!outside.url) return findings;
  const answer = await upgrade(outside.url);
  findings.push(
    answer === 'ok'
      ? { subject, level: 'ok', text: `browsers can connect through ${outside.url}` }
      : {
          subject,
          level: 'problem',
          text: `browsers cannot connect through ${outside.url}: ${answer}`,
          fix: outside.fix,
        },
  );
  return findings;
}

function proxyFix(port: number): string {
  return `pass /${path} on to http://127.0.0.1:${port} with upgrade (the guide has nginx and Caddy examples)`;
}
