// What the port for unencrypted HTTP answers (`--http-port`) beside checks of an authority: where to find the server
// encrypted. Only names that are this server's are redirected to: nobody's links lead through here to somewhere else.

import type { IncomingMessage } from 'node:http';
import type { TextAnswer } from './plain-http.js';

export interface HttpPortFacts {
  /** Host names of this server, in lower case. */
  names: readonly string[];
  /** Where browsers find it by https; 0: nowhere. */
  webPort: number;
}

/** What a request line may carry into a header. */
const pathForm = /^\/[\x21-\x7e]*$/;

export function answerAtHttpPort(
  { method, url = '/', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  { names, webPort }: HttpPortFacts,
): TextAnswer {
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, headers: { Allow: 'GET, HEAD' }, text: 'This port only leads to https.' };
  }
  const host = (headers.host ?? '').toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  const name = names.find((known) => known === host);
  if (name === undefined || webPort === 0 || !pathForm.test(url)) {
    return { status: 404, text: 'There is nothing here.' };
  }
  const port = webPort === 443 ? '' : `:${webPort}`;
  return {
    status: 301,
    // Browsers would remember it for ever; the operator may choose another port.
    headers: { Location: `https://${name}${port}${url}`, 'Cache-Control': 'max-age=3600' },
    text: 'This server answers by https.',
  };
}
