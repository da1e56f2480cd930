// Looks at ports and servers from outside, as a client or another server would: nothing is changed, and each answers
// within a few seconds.

import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';

const waitMs = 5000;

/** Undefined: it can be listened on; else the system's code. */
export function tryToListen(port: number, host: string | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, ...(host !== undefined && { host }), exclusive: true }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}

/** Whether a greeting of the protocol comes: a frame of type 0 with JSON of type login. */
export function speaksDrawpile(port: number, host = '127.0.0.1'): Promise<boolean> {
  const at = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return new Promise((resolve) => {
    let text = '';
    const socket = net.connect({ port, host: at });
    const done = (answer: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => done(false), waitMs);
    socket.on('error', () => done(false));
    socket.on('close', () => done(false));
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      if (text.length >= 3 && text.charCodeAt(2) !== 0) done(false);
      else if (/"type":\s*"login"/.test(text)) done(true);
      else if (text.length > 65_536) done(false);
    });
  });
}

/** Asks for a WebSocket; `ok` when it is granted, else why not. `trustsAll`: whatever certificate is shown. */
export function upgrade(url: string, { trustsAll = false } = {}): Promise<string> {
  return new Promise((resolve) => {
    const request = (url.startsWith('https:') ? https : http).request(url, {
      agent: false,
      rejectUnauthorized: !trustsAll,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.from('dp doctor looks!').toString('base64'),
      },
    });
    const done = (answer: string) => {
      clearTimeout(timer);
      request.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => done(`no answer within ${waitMs / 1000} seconds`), waitMs);
    request.on('upgrade', () => done('ok'));
    request.on('response', ({ statusCode }) => done(`HTTP status ${statusCode} instead of an upgrade`));
    request.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    request.end();
  });
}
