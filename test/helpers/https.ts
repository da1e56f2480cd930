// Requests as people's browsers and programs make them: HTTP/1.1 over TLS, HTTP/2, and bytes as they are.
import { type EventEmitter, once } from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';

export interface Answer {
  status: number;
  headers: Readonly<Record<string, unknown>>;
  text: string;
}

export interface RequestOptions {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
  agent?: https.Agent;
  host?: string;
}

/** By HTTP/1.1 over TLS, whatever the certificate. */
export function askSecurely(port: number, options: RequestOptions): Promise<Answer> {
  const { method = 'GET', path, headers = {}, body, agent, host = '127.0.0.1' } = options;
  return new Promise((resolve, reject) => {
    const asked = https.request(
      { host, port, method, path, headers, rejectUnauthorized: false, ...(agent && { agent }) },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
        response.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

/** An HTTP/2 connection, whatever the certificate. */
export async function connectHttp2(port: number): Promise<http2.ClientHttp2Session> {
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  session.on('error', () => undefined);
  await once(session, 'connect');
  return session;
}

export function askHttp2(session: http2.ClientHttp2Session, options: RequestOptions): Promise<Answer> {
  const { method = 'GET', path, headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': path, ...headers });
    let text = '';
    let answer: Record<string, unknown> = {};
    stream.setEncoding('utf8');
    stream.on('response', (received) => {
      answer = { ...received };
    });
    stream.on('data', (piece: string) => {
      text += piece;
    });
    stream.on('end', () => resolve({ status: Number(answer[':status']), headers: answer, text }));
    stream.on('error', reject);
    stream.end(body);
  });
}

/** Sends bytes and gives all that comes back until the other side ends. */
export async function sendBytes(port: number, bytes: string | Buffer, host = '127.0.0.1'): Promise<string> {
  const socket = net.connect(port, host);
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (piece: string) => {
    text += piece;
  });
  socket.on('error', () => undefined);
  socket.write(bytes);
  await closeOf(socket);
  return text;
}

/** However it ends: `once` would take an error for the end of the test. */
export function closeOf(emitter: EventEmitter): Promise<void> {
  return new Promise((resolve) => emitter.once('close', () => resolve()));
}
