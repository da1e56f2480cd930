// Every reason for which there is no new certificate, in the words that people see: in the log, in `dp cert status` and in
// `dp doctor`. The authority is pebble; what it does not do by itself, a relay before it answers.

import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { issued, serveWithAcme, statusOf } from '../../helpers/acme-server.js';
import { startAuthority, type TestAuthority, withAuthority } from '../../helpers/authority.js';
import { freePort } from '../../helpers/free-port.js';
import type { ServedBinary } from '../../helpers/serve-binary.js';
import { fillDisk, hasSmallDisk, mountSmall } from '../../helpers/small-disk.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { until } from '../../helpers/until.js';

interface Words {
  code: string;
  class: string;
  /** What is wrong, and what to do. */
  problem: RegExp;
  hint: RegExp;
  /** False: the hint is complete. */
  thenRenew?: false;
}

const doctorOf = (server: ServedBinary, ...subjects: string[]) =>
  server.dp(
    ...['doctor', ...subjects.flatMap((subject) => ['--only', subject]), '--data', server.data],
    ...['--acme', 'draw.example.org', '--http-port', '80', '--acme-accept-terms'],
  );

/** The log, `dp cert status` and `dp doctor` say the same. */
async function saysEverywhere(t: ExecutionContext, server: ServedBinary, words: Words, logged: string) {
  const { certificate } = await statusOf(server);
  const failure = certificate?.renewal?.failures.at(-1);
  t.like(failure, { code: words.code, class: words.class }, logged);
  const { message = '', hint = '' } = failure ?? {};
  t.regex(message, words.problem);
  t.regex(hint ?? '', words.hint);
  t.true(logged.includes(`No new certificate: ${message} (${hint}). The next try is in `), logged);
  const printed = await server.dp('cert', 'status');
  t.is(printed.status, 7, words.code);
  t.true(printed.stdout.includes(`problem      ${message}\n             ${hint}\n`), printed.stdout);
  const doctor = await doctorOf(server, 'certificate');
  t.is(doctor.status, 7, words.code);
  t.true(doctor.stdout.includes(`problem certificate no new certificate: ${message}\n`), doctor.stdout);
  t.true(doctor.stdout.includes(`                    ${hint}`), doctor.stdout);
  // who follows the last words gets somewhere
  const isRenewing = words.thenRenew ?? true;
  t.is(/problem certificate .+\n.+ {3}\(then at once: dp cert renew\)/.test(doctor.stdout), isRenewing);
  t.is(/^renewal .+, or at once: dp cert renew$/m.test(printed.stdout), isRenewing, printed.stdout);
}

const failed = (server: ServedBinary) =>
  until(
    'the first order fails',
    async () => (await statusOf(server)).certificate?.renewal?.state === 'failed',
  );

/** A new order; returns what the log says of it. */
async function orderAgain(t: ExecutionContext, server: ServedBinary, status = 7): Promise<string> {
  const before = server.output().length;
  const renewed = await server.dp('cert', 'renew');
  t.is(renewed.status, status, renewed.stdout + renewed.stderr);
  await until('the log has it', () =>
    /No new certificate|New certificate/.test(server.output().slice(before)),
  );
  return server.output().slice(before);
}

/** The authority refuses the order. */
function refuses(authority: TestAuthority, type: string, status: number, detail: string, more = {}) {
  authority.instead = ({ payload }) =>
    payload?.identifiers === undefined
      ? undefined
      : { status, headers: more, body: { type: `urn:ietf:params:acme:error:${type}`, detail } };
}

withAuthority('every reason has the same words in the log, in dp cert status and in dp doctor', async (t) => {
  const authority = await startAuthority(t);
  const ownPort = await freePort();
  const server = await serveWithAcme(t, authority, { http: ownPort });
  await failed(server);
  await saysEverywhere(
    t,
    server,
    {
      code: 'acme-port-closed',
      class: 'port',
      problem: /^the authority cannot reach port 80 of draw\.example\.org: .*connection refused$/,
      hint: /^open TCP port 80 in the firewall, and forward it to this server if it is behind a router$/,
    },
    server.output(),
  );
  t.regex(
    server.output(),
    /Warn\/Status draw\.example\.org cannot be found: \S+ \(add an address record for draw\.example\.org/,
  );

  const other = http.createServer((_request, response) => void response.end('Welcome to nginx!'));
  await new Promise<void>((resolve) => other.listen(authority.ports['http-01'], '127.0.0.1', resolve));
  t.teardown(() => void other.close());
  await saysEverywhere(
    t,
    server,
    {
      code: 'acme-name-elsewhere',
      class: 'name',
      problem: /^the name draw\.example\.org leads to another server: /,
      hint: /^point the A and AAAA records of draw\.example\.org to this server only, and forward port 80 to it$/,
    },
    await orderAgain(t, server),
  );

  for (const [type, status, words] of [
    [
      'caa',
      403,
      {
        code: 'acme-caa',
        class: 'caa',
        problem:
          /^a CAA record forbids the authority to issue a certificate for draw\.example\.org: in its words$/,
        hint: /^add the authority to the CAA records of draw\.example\.org, or remove them where /,
      },
    ],
    [
      'rejectedIdentifier',
      400,
      {
        code: 'acme-name-refused',
        class: 'name',
        problem: /^the authority does not issue certificates for draw\.example\.org: in its words$/,
        hint: /^use another name, or another authority with --acme-directory$/,
      },
    ],
    [
      'userActionRequired',
      403,
      {
        code: 'acme-terms-changed',
        class: 'terms',
        problem: /^the terms of service of the authority have changed: in its words$/,
        hint: /^follow the instructions on that page, then: dp cert renew$/,
        thenRenew: false,
      },
    ],
    [
      'invalidContact',
      400,
      {
        code: 'acme-account-refused',
        class: 'account',
        problem: /^the authority refuses the account: in its words$/,
        hint: /^check --acme-email; /,
      },
    ],
    [
      'serverInternal',
      503,
      {
        code: 'acme-directory-down',
        class: 'directory',
        problem: /^the authority at https:\S+ does not answer: in its words$/,
        hint: /^check --acme-directory and the way of this machine to the internet; dp tries again by itself$/,
      },
    ],
  ] as const) {
    refuses(authority, type, status, 'in its words');
    await saysEverywhere(t, server, words, await orderAgain(t, server));
  }

  authority.instead = ({ path }) =>
    path === '/dir'
      ? {
          status: 200,
          headers: { date: new Date(Date.now() + 400 * 86_400_000).toUTCString() },
          body: { newNonce: 'x', newAccount: 'x', newOrder: 'x' },
        }
      : undefined;
  await saysEverywhere(
    t,
    server,
    {
      code: 'acme-clock',
      class: 'clock',
      problem:
        /^the clock of this machine is wrong: it says \d{4}-\d\d-\d\d \d\d:\d\d UTC, the authority says \d{4}-/,
      hint: /^set the clock, and keep it right: timedatectl set-ntp true$/,
    },
    await orderAgain(t, server),
  );

  authority.instead = undefined;
  authority.isDown = true;
  await saysEverywhere(
    t,
    server,
    {
      code: 'acme-directory-down',
      class: 'directory',
      problem: /^the authority at https:\S+ does not answer: Connection closed$/,
      hint: /^check --acme-directory and the way of this machine to the internet/,
    },
    await orderAgain(t, server),
  );
  authority.isDown = false;

  await authority.loseName('draw.example.org');
  await saysEverywhere(
    t,
    server,
    {
      code: 'acme-name-unknown',
      class: 'name',
      problem: /^the authority cannot find the name draw\.example\.org: /,
      hint: /^add an A or AAAA record for draw\.example\.org that points to this server; check it with: getent /,
    },
    await orderAgain(t, server),
  );

  // the last one: it closes the authority to further orders, whoever asks for them
  refuses(authority, 'rateLimited', 429, 'too many certificates (5) already issued', {
    'retry-after': '7200',
  });
  await saysEverywhere(
    t,
    server,
    {
      code: 'acme-rate-limit',
      class: 'rate-limit',
      problem:
        /^the authority has issued or refused too many certificates lately: too many certificates \(5\)/,
      hint: /^wait: dp tries again when the authority allows it; /,
      thenRenew: false,
    },
    await orderAgain(t, server),
  );
  const asked = authority.requests.length;
  const tooEarly = await server.dp('cert', 'renew');
  t.is(tooEarly.status, 6, tooEarly.stdout);
  t.regex(
    tooEarly.stderr,
    /^error: the authority does not accept a new order before \d{4}-.+ UTC: .+ \(5\) already issued\nhint: wait until then; dp tries again by itself\n$/,
  );
  t.is(authority.requests.length, asked);
});

withAuthority('terms that nobody accepted have their words everywhere, and how to accept them', async (t) => {
  const authority = await startAuthority(t);
  const server = await serveWithAcme(t, authority, {
    http: authority.ports['http-01'],
    acceptsTerms: false,
  });
  await failed(server);
  await saysEverywhere(
    t,
    server,
    {
      code: 'acme-terms',
      class: 'terms',
      problem:
        /^the authority issues certificates only to those who accept its terms of service: data:text\/plain/,
      hint: /^start the server with --acme-accept-terms when you have read and accepted them$/,
      thenRenew: false,
    },
    server.output(),
  );
});

withAuthority('damaged files are named by dp doctor, and by the server that sets them aside', async (t) => {
  const authority = await startAuthority(t);
  const folder = tempFolder(t);
  const http = authority.ports['http-01'];
  const first = await serveWithAcme(t, authority, { http, folder });
  await issued(first);
  first.kill('SIGTERM');
  await first.ended;
  const file = join(first.data, 'acme', 'certificate.pem');
  const state = join(first.data, 'acme', 'state.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.slice(0, text.length / 2));
  writeFileSync(state, '{"directory":');
  const doctor = await doctorOf(first, 'certificate');
  t.is(doctor.status, 7);
  for (const damaged of [file, state]) {
    t.true(doctor.stdout.includes(`problem certificate ${damaged} cannot be used: it is `), doctor.stdout);
  }
  t.regex(doctor.stdout, /start the server: it sets the file aside and orders a certificate if it has none/);
  const stopped = await first.dp('cert', 'status');
  t.is(stopped.status, 7, stopped.stderr);
  t.true(stopped.stdout.includes(`problem      ${file} cannot be used: it is cut off\n`), stopped.stdout);
  t.true(
    stopped.stdout.includes(`problem      ${state} cannot be used: it is not complete\n`),
    stopped.stdout,
  );
  const second = await serveWithAcme(t, authority, { http, folder });
  t.teardown(async () => {
    second.kill('SIGKILL');
    await second.ended;
  });
  await issued(second);
  t.regex(
    second.output(),
    /Error\/Status \S+certificate\.pem cannot be used \(it is cut off\); it is now \S+certificate\.pem\.damaged-\S+: a new certificate is ordered\n/,
  );
  t.is((await second.dp('cert', 'status')).status, 0);
  t.is((await doctorOf(second, 'certificate')).status, 0);
});

(hasSmallDisk ? withAuthority : test.skip)(
  'a full disk has its words in the log, in dp cert status and in dp doctor',
  async (t) => {
    const authority = await startAuthority(t);
    const folder = tempFolder(t);
    const acme = join(folder, 'data', 'acme');
    mkdirSync(acme, { recursive: true });
    const nobody = 65_534;
    chownSync(join(folder, 'data'), nobody, nobody);
    mountSmall(t, { path: acme, user: nobody });
    const server = await serveWithAcme(t, authority, { web: authority.ports['tls-alpn-01'], folder });
    t.teardown(async () => {
      server.kill('SIGKILL');
      await server.ended;
    });
    await issued(server);
    let makeRoom = () => {};
    authority.instead = ({ payload }) => {
      // the moment before it is issued
      if (payload?.csr !== undefined) makeRoom = fillDisk(acme);
      return undefined;
    };
    const before = server.output().length;
    const problem = `cannot store the certificate in ${acme}: the disk is full`;
    const hint =
      'make room, or make the folder writable for the user of the server; dp tries again by itself';
    for (const ran of [await server.dp('cert', 'renew'), await server.dp('cert', 'status')]) {
      t.is(ran.status, 7);
      t.regex(ran.stdout, /^renewal +issued, not stored yet; the next try is in \d/m);
      t.true(ran.stdout.includes(`problem      ${problem}\n             ${hint}\n`), ran.stdout);
    }
    t.true(
      server.output().slice(before).includes(`A new certificate is not in use yet: ${problem} (${hint})`),
    );
    const doctor = await doctorOf(server, 'disk');
    t.is(doctor.status, 7);
    t.true(doctor.stdout.includes(`problem disk        ${acme}: 0 bytes free (0 %)\n`), doctor.stdout);
    // asked again, it is stored instead of ordered
    const orders = () => authority.requests.filter(({ payload }) => payload?.csr !== undefined).length;
    const asked = orders();
    t.is((await server.dp('cert', 'renew')).status, 7);
    makeRoom();
    t.is((await server.dp('cert', 'renew')).status, 0);
    t.is(orders(), asked);
    t.regex(server.output().slice(before), /New certificate for draw\.example\.org in use/);
  },
);
