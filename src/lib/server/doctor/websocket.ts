// The WebSocket listener: that it answers here, and under the name that browsers use.

import { isIP } from 'node:net';
import { upgrade } from '../../io/net/probes.js';
import type { Examined, Finding } from './findings.js';

export async function checkWebSocket({ startup }: Examined): Promise<Finding[]> {
  const subject = 'websocket';
  const port = startup['websocket-port'];
  if (port === 0) return [];
  const name = startup['local-host'];
  const host = startup['websocket-listen'] ?? '127.0.0.1';
  const findings: Finding[] = [];
  const local = await upgrade(
    `http://${bracketed(host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host)}:${port}/drawpile-web/ws`,
  );
  if (local !== 'ok') {
    return [
      {
        subject,
        level: 'note',
        text: `port ${port} does not answer as a WebSocket: ${local}`,
        fix: 'start the server, then look again: dp serve',
      },
    ];
  }
  findings.push({ subject, level: 'ok', text: `port ${port} answers as a WebSocket` });
  if (name === undefined) return findings;
  const outside = await upgrade(`https://${bracketed(name)}/drawpile-web/ws`);
  findings.push(
    outside === 'ok'
      ? { subject, level: 'ok', text: `browsers get through by https://${name}/drawpile-web/ws` }
      : {
          subject,
          level: 'problem',
          text: `browsers don't get through by https://${name}/drawpile-web/ws: ${outside}`,
          fix: `pass /drawpile-web/ws on to http://127.0.0.1:${port} with upgrade (the guide has nginx and Caddy examples)`,
        },
  );
  return findings;
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
