// Runs one scenario: a fresh server, the earlier files of its run, then the file itself; used by the test files.

import { createSecureContext } from 'node:tls';
import type { ExecutionContext } from 'ava';
import { SealingBanArchive } from '../../src/lib/io/system/ban-archive.js';
import type { ServerOptions } from '../../src/lib/server/start.js';
import { makePair } from '../helpers/certificates.js';
import { startTestServer, type TestServer } from '../helpers/server.js';
import { startTimeOf } from './capture.js';
import { Replay } from './replay.js';
import { prepare, type Scenario } from './scenarios.js';

/** Fails with everything that differs. `more`: what the server takes instead of what is made of the scenario. */
export async function replayScenario(
  t: ExecutionContext,
  scenario: Scenario,
  more: Partial<ServerOptions> = {},
): Promise<void> {
  const files = [...scenario.before, scenario.file];
  const server = await startServerFor(scenario, more);
  const replay = new Replay(server);
  t.teardown(async () => {
    replay.close();
    await server.stop();
  });
  for (const [at, file] of files.entries()) {
    const { conversation, plan } = prepare(file, files[at + 1]);
    const findings = await replay.play(conversation, plan);
    if (file === scenario.file) {
      if (findings.length > 0) {
        t.log(
          findings
            .map(({ line, text }) => `line ${line ?? '-'}: ${text}`)
            .slice(0, 60)
            .join('\n'),
        );
      }
      t.is(findings.length, 0, `${findings.length} differences in ${file}`);
    }
  }
}

/** A server in the situation of the scenario's recording. */
export async function startServerFor(
  scenario: Scenario,
  more: Partial<ServerOptions> = {},
): Promise<TestServer> {
  const first = scenario.before[0] ?? scenario.file;
  const startTime = startTimeOf(prepare(first, undefined).conversation);
  return startTestServer({
    ...scenario,
    ...(startTime === undefined ? {} : { startTime }),
    more: {
      ...(scenario.hasTls ? await withCertificate() : {}),
      ...(scenario.hasWebSockets ? { webSocket: { host: '127.0.0.1', port: 0 } } : {}),
      ...(scenario.hasCryptKey ? { banArchive: new SealingBanArchive(Buffer.alloc(32, 7)) } : {}),
      ...more,
    },
  });
}

async function withCertificate(): Promise<Partial<ServerOptions>> {
  const { certificate, key } = await makePair();
  const context = createSecureContext({ cert: certificate, key });
  return { secureContext: () => context };
}
