// Runs one scenario: a fresh server, the earlier files of its run, then the file itself; used by the test files.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { ExecutionContext } from 'ava';
import type { LogEntry } from '../../src/lib/core/session/needs.js';
import { SealingBanArchive } from '../../src/lib/io/system/ban-archive.js';
import { makeExternalServices } from '../../src/lib/server/external-services.js';
import type { RunningServer, ServerOptions } from '../../src/lib/server/start.js';
import { makeStorage } from '../../src/lib/server/storage.js';
import { makePair } from '../helpers/certificates.js';
import type { ManualClock } from '../helpers/manual-clock.js';
import { MockServer } from '../helpers/mock-server.js';
import {
  type Surroundings,
  type SurroundingsBase,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '../helpers/server.js';
import { startTimeOf } from './capture.js';
import { Replay, type ReplayTarget, type TemplateFile } from './replay.js';
import { prepare, type Scenario } from './scenarios.js';

/** Fails with everything that differs. `more`: what the server takes instead of what is made of the scenario. */
export async function replayScenario(
  t: ExecutionContext,
  scenario: Scenario,
  more: Partial<ServerOptions> = {},
): Promise<void> {
  const files = [...scenario.before, scenario.file];
  const server = await startServerFor(t, scenario, more);
  const replay = new Replay(server);
  // Torn down in reverse order: the clients go first.
  t.teardown(() => replay.close());
  server.prepareReplay(replay);
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

/** Anything that tells when a test is over. */
export interface Scope {
  teardown(run: () => unknown): void;
}

/** A server in the situation of the scenario's recording. */
export async function startServerFor(
  scope: Scope,
  scenario: Scenario,
  more: Partial<ServerOptions> = {},
): Promise<ScenarioServer> {
  const first = scenario.before[0] ?? scenario.file;
  const startTime = startTimeOf(prepare(first, undefined).conversation);
  const mock = scenario.mock === undefined ? undefined : await MockServer.start(scope);
  if (mock !== undefined) {
    mock.answers = [scenario.mock!];
  }
  const folder = scenario.hasSessionsFolder ? await mkdtemp(join(tmpdir(), 'dp-replay-')) : undefined;
  scope.teardown(async () => {
    if (folder !== undefined) {
      await rm(folder, { recursive: true, force: true });
    }
  });
  const options: TestServerOptions = {
    ...scenario,
    ...(startTime === undefined ? {} : { startTime }),
    surround: (base) => surround(base, { scenario, mock, folder }),
    more: {
      ...(scenario.hasTls ? await withCertificate() : {}),
      ...(scenario.hasWebSockets ? { webSocket: { host: '127.0.0.1', port: 0 } } : {}),
      ...(scenario.hasCryptKey ? { banArchive: new SealingBanArchive(Buffer.alloc(32, 7)) } : {}),
      ...(scenario.localHost === undefined ? {} : { localHost: scenario.localHost }),
      ...more,
    },
  };
  const server = new ScenarioServer(options, await startTestServer(options), mock);
  scope.teardown(() => server.stop());
  return server;
}

/** The server of a scenario; it can be started again. */
export class ScenarioServer implements ReplayTarget {
  readonly clock: ManualClock;
  readonly mock: MockServer | undefined;
  readonly #options: TestServerOptions;
  #server: TestServer;

  constructor(options: TestServerOptions, server: TestServer, mock: MockServer | undefined) {
    this.#options = options;
    this.#server = server;
    this.clock = server.clock;
    this.mock = mock;
  }

  get port(): number {
    return this.#server.port;
  }

  get webSocketPort(): number {
    return this.#server.webSocketPort;
  }

  get running(): RunningServer {
    return this.#server.running;
  }

  get isBusy(): boolean {
    return this.#server.isBusy;
  }

  get problems(): readonly LogEntry[] {
    return this.#server.problems;
  }

  /** What stands in the recordings for things that are ours. */
  prepareReplay(replay: Replay): void {
    if (this.mock !== undefined) {
      for (const origin of recordedMocks) {
        replay.values.set(origin, this.mock.origin);
      }
    }
  }

  idle(): Promise<void> {
    return this.#server.idle();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  forgetGuests(): void {
    for (const { roles, people } of this.#server.running.directory.all) {
      for (const { name, authId, sid } of people.past.values()) roles.guests.revoke({ name, authId, sid });
      for (const { userInfo } of people.members) roles.guests.revoke(userInfo);
    }
  }

  async stopExternalService(): Promise<void> {
    await this.mock?.stop();
  }

  async restart(templates?: readonly TemplateFile[]): Promise<void> {
    await this.#server.stop();
    this.#server = await startTestServer({
      ...this.#options,
      clock: this.clock,
      ...(templates === undefined
        ? {}
        : { settings: {}, more: {}, surround: (base) => withTemplates(base, templates) }),
    });
  }
}

/** Where the recordings' own mock servers listened. */
const recordedMocks = ['http://127.0.0.1:39130', 'http://127.0.0.1:39090'];

async function withTemplates(
  base: SurroundingsBase,
  templates: readonly TemplateFile[],
): Promise<Surroundings> {
  const folder = await mkdtemp(join(tmpdir(), 'dp-replay-'));
  for (const { name, content } of templates) {
    await writeFile(join(folder, name), content);
  }
  const storage = await makeStorage({ ...base, templates: folder });
  return {
    parts: storage.parts,
    async stop() {
      await storage.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function surround(
  base: SurroundingsBase,
  {
    scenario,
    mock,
    folder,
  }: { scenario: Scenario; mock: MockServer | undefined; folder: string | undefined },
): Promise<Surroundings> {
  const storage = folder === undefined ? undefined : await makeStorage({ ...base, sessions: folder });
  if (mock !== undefined) {
    base.settings.set('announceAllowPrivate', 'true');
  }
  const externalServices =
    mock === undefined
      ? undefined
      : makeExternalServices({
          ...base,
          localHost: scenario.localHost,
          reportUrl: `${mock.origin}/api/report`,
          extauth: `${mock.origin}/auth`,
        });
  return {
    parts: {
      ...storage?.parts,
      ...(storage === undefined ? {} : { found: storage.open() }),
      ...(externalServices === undefined
        ? {}
        : {
            listings: externalServices.listings,
            reports: externalServices.reports,
            externalLogin: externalServices.externalLogin,
          }),
    },
    started: (server) => externalServices?.start(server),
    async stop() {
      await externalServices?.stop();
      await storage?.stop();
    },
  };
}

async function withCertificate(): Promise<Partial<ServerOptions>> {
  const { certificate, key } = await makePair();
  const context = createSecureContext({ cert: certificate, key });
  return { secureContext: () => context };
}
