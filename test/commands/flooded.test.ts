// A guest has the real server hash passwords without end: others are let in meanwhile, and a stop comes to its end. The
// queue behind it is in test/lib/io/system/passwords.test.ts, how often each command is taken in test/sessions/bounds.test.ts.
import test from 'ava';
import { Client } from '../helpers/client.js';
import { type ServedBinary, serveBinary } from '../helpers/serve-binary.js';
import { jsonOf } from '../helpers/wire.js';

const patience = 120_000;
/** In which a server stops (lib/server/start.ts). What a machine under load adds is not what is tested. */
const stopsWithinMs = 10_000;
const slackMs = 60_000;

const changesAtOnce = 1_500;

/** What a guest sends, by number. */
const floods: Record<string, (host: Client, number: number) => void> = {
  'the password of a session': (host, number) => host.command('sessionconf', [], { password: `p${number}` }),
  'the operator password of a session': (host, number) =>
    host.command('sessionconf', [], { opword: `p${number}` }),
  'guesses at an operator password': (host, number) => host.command('gain-op', [`p${number}`]),
};

/** Sends the changes again and again, as soon as the server has taken those before, until told to end. */
function flood(host: Client, send: (host: Client, number: number) => void) {
  let isOver = false;
  let sent = 0;
  let isBegun = (): void => {};
  const begun = new Promise<void>((resolve) => {
    isBegun = resolve;
  });
  const ended = (async () => {
    while (!isOver && !host.isClosed) {
      for (let i = 0; i < changesAtOnce; i++) send(host, sent++);
      await host.ping();
      isBegun();
    }
  })();
  return {
    /** The first 1,500 were taken. */
    begun,
    end(): Promise<void> {
      isOver = true;
      return ended;
    },
  };
}

async function stopsInTime(server: ServedBinary): Promise<boolean> {
  server.kill('SIGTERM');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), stopsWithinMs + slackMs);
  });
  const isInTime = await Promise.race([server.ended.then(({ status }) => status === 0), late]);
  clearTimeout(timer);
  return isInTime;
}

for (const [what, send] of Object.entries(floods)) {
  test(`1,500 times ${what}, again and again: others are let in, and the server stops`, async (t) => {
    t.timeout(400_000);
    const server = await serveBinary(t, 'socket');
    const added = await server.dp('user', 'add', 'reg', '--generate');
    t.is(added.status, 0, added.stderr);
    const password = added.stdout.trim();
    const protectedHost = await Client.host(server.port, { name: 'other', password: 'open', patience });
    const host = await Client.host(server.port, { name: 'flooder', patience });
    if (what.includes('guesses')) {
      host.command('sessionconf', [], { opword: 'right' });
      await host.next((message) => (jsonOf(message)?.config as { hasOpword?: boolean })?.hasOpword === true);
    }
    const flooding = flood(host, send);
    await flooding.begun;
    // All of them need a hash to be computed while the flood goes on: it ends only when they were answered.
    t.is((await Client.inLobby(server.port, { name: 'reg', password, patience })).name, 'reg');
    const guest = await Client.join(server.port, protectedHost.sessionId, {
      name: 'guest',
      password: 'open',
      patience,
    });
    t.is(guest.sessionId, protectedHost.sessionId);
    await t.throwsAsync(
      Client.join(server.port, protectedHost.sessionId, { name: 'liar', password: 'shut', patience }),
      { message: /badPassword/ },
    );
    t.true(await stopsInTime(server), server.output());
    await flooding.end();
  });
}
