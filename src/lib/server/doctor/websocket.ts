// Checks the ports for browsers: that they answer on this machine, and under the name that browsers use.

import { isLoopbackText } from '../../core/addresses.js';
import { hostInLinks, pageLink } from '../../core/session/join-links.js';
import { upgrade } from '../../io/net/probes.js';
import { type Finding, finding } from './catalogue.js';
import type { Examined } from './findings.js';

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
          isBehindProxy,
        })),
    ...(port === 0
      ? []
      : await checkPort(port, host, {
          // The web port has the name, where there is one.
          url: webPort === 0 && name !== undefined ? pageLink(name, 443, { path }) : undefined,
          isBehindProxy: true,
        })),
  ];
}

/** `outside`: where browsers look for it, undefined where nobody knows, and what is between. */
async function checkPort(
  port: number,
  host: string | undefined,
  outside: { url: string | undefined; isBehindProxy: boolean },
): Promise<Finding[]> {
  const at = host === undefined || host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host;
  const here = `${hostInLinks(at)}:${port}/${path}`;
  // Encrypted or not is not known here: a certificate may come by itself.
  const secure = await upgrade(`https://${here}`, { trustsAll: true });
  const local = secure === 'ok' ? secure : await upgrade(`http://${here}`);
  if (local !== 'ok') {
    return [finding('websocket-silent', { port, answer: local })];
  }
  const findings = [finding('websocket-accepts', { port })];
  if (!outside.url) return findings;
  const { url, isBehindProxy } = outside;
  const answer = await upgrade(url);
  if (answer === 'ok') findings.push(finding('browsers-connect', { url }));
  else if (isBehindProxy) findings.push(finding('proxy-blocks-browsers', { url, answer, path, port }));
  else findings.push(finding('browsers-blocked', { url, answer, port }));
  return findings;
}
