// What an unencrypted client gets at a listener that requires encryption: a page is to be found at https, anything else is
// refused. Nothing is read but the head of the request, and no password is looked at.
import type { IncomingMessage } from 'node:http';

export interface TextAnswer {
  status: number;
  headers?: Readonly<Record<string, string>>;
  text: string;
}

export function answerToPlain(
  { method, url = '/', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  hasCertificate: boolean,
): TextAnswer {
  if (headers.authorization !== undefined || headers.cookie !== undefined) {
    return refused(
      'This server takes names and passwords by https only. What was just sent could be read on its way: change it.',
    );
  }
  if (!hasCertificate) {
    return refused(
      'This server has no certificate: it takes connections from its own machine only, unless it is started with --web-plaintext.',
    );
  }
  const host = headers.host?.trim() ?? '';
  const isPage =
    (method === 'GET' || method === 'HEAD') && url.startsWith('/') && !/^\/+api(\/|$)/i.test(url);
  if (!isPage || !hostForm.test(host))
    return refused('This server takes encrypted connections only (https).');
  return {
    status: 307,
    // Not remembered: the operator may change it.
    headers: { Location: `https://${host}${url}`, 'Cache-Control': 'no-store' },
    text: 'This server answers by https.',
  };
}

/** A name or an address, and a port. */
const hostForm = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9.])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

function refused(text: string): TextAnswer {
  return { status: 403, text };
}
