// A certificate of a test: the part of a server that obtains it, with listeners at the ports where the authority looks.

import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { WebListener } from '../../src/lib/io/net/web-listener.js';
import { HttpClient } from '../../src/lib/io/outside/http-client.js';
import { systemClock } from '../../src/lib/io/system/clock.js';
import { systemRandom } from '../../src/lib/io/system/random.js';
import {
  AutomaticCertificate,
  type AutomaticCertificateOptions,
} from '../../src/lib/server/automatic-certificate.js';
import type { TestAuthority } from './authority.js';
import { tempFolder } from './temp-folder.js';
import { until } from './until.js';

export interface Obtaining {
  certificate: AutomaticCertificate;
  folder: string;
  lines: string[];
  options: AutomaticCertificateOptions;
  /** The ports answer for another certificate from now on. */
  answersFor(other: AutomaticCertificate): void;
  /** Waits until no order is under way. */
  settle(): Promise<void>;
}

/** A certificate for `draw.example.org` with the ports that answer checks. */
export async function obtain(
  t: ExecutionContext,
  authority: TestAuthority,
  more: Partial<AutomaticCertificateOptions> & { closed?: readonly string[] } = {},
): Promise<Obtaining> {
  const lines: string[] = [];
  const folder = more.folder ?? join(tempFolder(t), 'acme');
  const options: AutomaticCertificateOptions = {
    names: ['draw.example.org'],
    email: 'operator@example.org',
    directory: authority.directory,
    acceptsTerms: true,
    rotatesKey: false,
    folder,
    knownKey: undefined,
    ports: authority.ports,
    publicPorts: authority.ports,
    http: new HttpClient({
      clock: systemClock,
      trusted: authority.trusted,
      lookup: (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    }),
    clock: systemClock,
    random: systemRandom,
    addressesOf: async () => ['127.0.0.1'],
    writeLog: (level, text) => lines.push(`${level}: ${text}`),
    ...more,
  };
  const certificate = new AutomaticCertificate(options);
  await certificate.prepare();
  let answering = certificate;
  const shared = {
    host: '127.0.0.1',
    flags: { port: '--port', host: '--listen' },
    limits: { connections: 100, perNetwork: 100, waiting: 100, firstRequestMs: 10_000 },
    challenges: {
      answerFor: (token: string) => answering.challenges.answerFor(token),
      contextFor: (name: string) => answering.challenges.contextFor(name),
    },
    isProxy: () => false,
    takesPlain: () => true,
    failed: (error: Error) => t.fail(error.message),
    answer: (_request: unknown, response: ServerResponse) => void response.writeHead(404).end(),
  };
  for (const kind of ['http-01', 'tls-alpn-01'] as const) {
    if (more.closed?.includes(kind)) continue;
    const listener = await WebListener.open({
      ...shared,
      port: authority.ports[kind],
      ...(kind === 'tls-alpn-01' && { secureContext: () => answering.context }),
    });
    t.teardown(() => void listener.close());
  }
  t.teardown(() => certificate.stop());
  return {
    certificate,
    folder,
    lines,
    options,
    answersFor: (other) => {
      answering = other;
    },
    settle: async () => {
      await until('an order ends', async () => {
        await certificate.renewal?.whenIdle();
        return certificate.renewal?.state.kind !== 'ordering';
      });
    },
  };
}

/** The last failure, as it is stored and told. */
export const failureOf = ({ certificate }: Obtaining) => {
  const { failures } = certificate.renewal!.progress;
  return failures.map(({ code, message, hint }) => `${code}: ${message} / ${hint}`);
};
