// What people in sessions were told holds after the server was killed: passwords, bans, invites, roles, settings, in
// each durability. A real process is killed at many moments; strangers try to get into the one that follows it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { Client, sidFor } from '../../helpers/client.js';
import { Seeded } from '../../helpers/seeded.js';
import { type JsonObject, jsonOf } from '../../helpers/wire.js';

const serverFile = fileURLToPath(new URL('../../helpers/stored-server.js', import.meta.url));

async function launch(t: ExecutionContext, folder: string, durability: string) {
  const child = fork(serverFile, [folder, durability], { stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  const [port] = (await once(child, 'message')) as [number];
  return { port, child };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/** Why a join was refused; undefined: it was not. */
async function refusal(
  port: number,
  session: string,
  options: Parameters<typeof Client.join>[2] = {},
): Promise<string | undefined> {
  try {
    const client = await Client.join(port, session, options);
    await client.leave();
    return undefined;
  } catch (error) {
    return /refused: (\w+)/.exec((error as Error).message)?.[1] ?? String(error);
  }
}

const heard = (client: Client, match: (json: JsonObject) => boolean): boolean =>
  client.log.some((message) => {
    const json = jsonOf(message);
    return json !== undefined && match(json);
  });

/** What an operator does, whether the people in the session were told of it, and what must hold afterwards then. */
interface Act {
  do(host: Client, other: Client): void;
  isTold(host: Client): boolean;
  /** Why it does not hold; undefined: it does. */
  check(port: number, session: string, wasTold: boolean): Promise<string | undefined>;
}

const acts: Record<string, Act> = {
  password: {
    do: (host) => host.command('sessionconf', [], { password: 'secret' }),
    isTold: (host) => heard(host, ({ type }) => type === 'passwordchange'),
    async check(port, session, wasTold) {
      const stranger = await refusal(port, session, { name: 'stranger' });
      if (wasTold && stranger !== 'badPassword') return `a stranger got in (${stranger})`;
      const friend = await refusal(port, session, { name: 'friend', password: 'secret' });
      if (wasTold && friend !== undefined) return `the password does not let in (${friend})`;
      return undefined;
    },
  },
  changed: {
    do(host) {
      host.command('sessionconf', [], { password: 'first' });
      host.command('sessionconf', [], { password: 'second' });
    },
    isTold: (host) => heard(host, ({ type, password }) => type === 'passwordchange' && password === 'second'),
    async check(port, session, wasTold) {
      if (!wasTold) return undefined;
      const before = await refusal(port, session, { name: 'old', password: 'first' });
      if (before !== 'badPassword') return `the old password lets in (${before})`;
      const now = await refusal(port, session, { name: 'friend', password: 'second' });
      return now && `the new password does not let in (${now})`;
    },
  },
  opword: {
    do: (host) => host.command('sessionconf', [], { opword: 'secret' }),
    isTold: (host) => heard(host, ({ config }) => (config as JsonObject | undefined)?.hasOpword === true),
    async check(port, session, wasTold) {
      if (!wasTold) return undefined;
      const stranger = await Client.join(port, session, { name: 'stranger' });
      await stranger.caughtUp();
      await stranger.ping();
      if (heard(stranger, ({ T }) => T === 'opgive')) return 'the first visitor became operator';
      stranger.command('gain-op', ['secret']);
      await stranger.ping();
      const isOperator = await stranger.reply('msg', { T: 'opgive' }).then(
        () => true,
        () => false,
      );
      await stranger.leave();
      return isOperator ? undefined : 'the operator password is gone';
    },
  },
  ban: {
    do: (host, other) => host.command('kick-user', [other.userId], { ban: true }),
    isTold: (host) => heard(host, ({ T }) => T === 'ban'),
    async check(port, session, wasTold) {
      const banned = await refusal(port, session, { name: 'other' });
      return wasTold && banned !== 'banned' ? `the banned one got in (${banned})` : undefined;
    },
  },
  title: {
    do: (host) => host.command('sessionconf', [], { title: 'After', maxUserCount: 7 }),
    isTold: (host) => heard(host, ({ config }) => (config as JsonObject | undefined)?.title === 'After'),
    async check(port, session, wasTold) {
      const lobby = await Client.inLobby(port, { name: 'watcher' });
      const sessions = lobby.log.flatMap((message) => (jsonOf(message)?.sessions as JsonObject[]) ?? []);
      await lobby.leave();
      const found = sessions.find(({ id }) => id === session);
      if (!found) return 'the session is gone';
      const holds = found.title === 'After' && found.maxUserCount === 7;
      return wasTold && !holds ? `it is ${found.title} for ${found.maxUserCount}` : undefined;
    },
  },
};

function untilTold({ act, host }: { act: Act; host: Client }): Promise<void> {
  return new Promise((resolve) => {
    host.onFrame = () => act.isTold(host) && resolve();
    if (act.isTold(host)) resolve();
  });
}

const rounds = Number(process.env.DP_KILL_ROUNDS ?? 10);
/** Told or not: the kill comes before, while and after all is stored, which takes about so long. */
const latestKillMs = 40;

for (const durability of ['os', 'sync']) {
  test(`what people were told holds after a kill, durability ${durability}`, async (t) => {
    t.timeout(600_000);
    const folder = mkdtempSync(join(tmpdir(), 'dp-told-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const random = new Seeded(durability === 'os' ? 17 : 18);
    const told: Record<string, number> = {};
    for (let round = 0; round < rounds; round++) {
      const sessionFolder = join(folder, String(round));
      const first = await launch(t, sessionFolder, durability);
      const sessions: { name: string; act: Act; host: Client; other: Client }[] = [];
      for (const [name, act] of Object.entries(acts)) {
        const host = await Client.host(first.port, {
          name: 'host',
          sid: sidFor(`host${name}`),
          settings: { persistent: true },
        });
        const other = await Client.join(first.port, host.sessionId, { name: 'other' });
        await other.caughtUp();
        sessions.push({ name, act, host, other });
      }
      for (const { act, host, other } of sessions) act.do(host, other);
      // In every other round at the very moment at which somebody is told.
      const watched = round % 2 === 0 ? sessions[(round / 2) % sessions.length] : undefined;
      if (watched) await untilTold(watched);
      else await sleep(random.below(latestKillMs));
      await end(first.child, 'SIGKILL');
      await Promise.all(sessions.map(({ host }) => host.closed));
      const second = await launch(t, sessionFolder, durability);
      for (const { name, act, host } of sessions) {
        const wasTold = act.isTold(host);
        if (wasTold) told[name] = (told[name] ?? 0) + 1;
        const problem = await act.check(second.port, host.sessionId, wasTold);
        t.is(problem, undefined, `${name}, round ${round}`);
      }
      await end(second.child, 'SIGKILL');
    }
    t.log(told);
    t.true(Object.values(told).some((count) => count > 0));
  });
}

for (const durability of ['os', 'sync']) {
  test(`a session whose end was told is over after a kill, durability ${durability}`, async (t) => {
    t.timeout(600_000);
    const folder = mkdtempSync(join(tmpdir(), 'dp-told-end-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    for (let round = 0; round < 3; round++) {
      const first = await launch(t, folder, durability);
      const watcher = await Client.inLobby(first.port, { name: 'watcher' });
      const host = await Client.host(first.port, { name: 'host' });
      host.draw('something');
      await host.ping();
      const told = watcher.next((message) => jsonOf(message)?.remove !== undefined);
      await host.leave();
      await told;
      await end(first.child, 'SIGKILL');
      const second = await launch(t, folder, durability);
      t.is(await refusal(second.port, host.sessionId, { name: 'late' }), 'notFound', `round ${round}`);
      await end(second.child, 'SIGKILL');
      t.deepEqual(readdirSync(folder), [], `round ${round}`);
    }
  });
}
