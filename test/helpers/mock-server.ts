// A web server that answers what a test tells it to and remembers what it was asked.

import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AskedRequest {
  method: string;
  path: string;
  headers: http.IncomingHttpHeaders;
  /** Parsed when it is JSON, else the text. */
  body: unknown;
}

export interface MockReply {
  status?: number;
  headers?: Record<string, string>;
  /** Text as it is, anything else as JSON. */
  body?: unknown;
}

/** What to answer; a function may also do as it likes with the response and give nothing back. */
export type MockAnswer =
  | MockReply
  | ((asked: AskedRequest, response: http.ServerResponse) => MockReply | undefined);

export class MockServer {
  readonly asked: AskedRequest[] = [];
  /** Answers in order; the last one stays. */
  answers: MockAnswer[] = [{ status: 404 }];
  readonly #server: http.Server;
  readonly #waiting: { count: number; resolve: () => void }[] = [];

  private constructor() {
    this.#server = http.createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => this.#answer(request, Buffer.concat(pieces).toString(), response));
    });
  }

  static async start(t: { teardown(run: () => unknown): void }): Promise<MockServer> {
    const mock = new MockServer();
    await new Promise<void>((resolve) => mock.#server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => mock.stop());
    return mock;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when this many requests have come in altogether. */
  until(count: number): Promise<void> {
    if (this.asked.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: http.IncomingMessage, text: string, response: http.ServerResponse): void {
    const asked = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: parsed(text),
    };
    this.asked.push(asked);
    const answer = this.answers.length > 1 ? this.answers.shift()! : this.answers[0]!;
    const reply = typeof answer === 'function' ? answer(asked, response) : answer;
    if (reply) {
      const { status = 200, headers = {}, body } = reply;
      response.writeHead(status, headers);
      response.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
    }
    for (const waiting of this.#waiting) if (this.asked.length >= waiting.count) waiting.resolve();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
