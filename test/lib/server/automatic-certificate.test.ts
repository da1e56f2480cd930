// A certificate from an authority: ordered by either check, renewed, and every way in which that fails, with the words
// that people see. The authority is pebble.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readKeyPair } from '../../../src/lib/io/net/certificates.js';
import { makeSelfSigned } from '../../../src/lib/io/net/self-signed.js';
import { HttpClient } from '../../../src/lib/io/outside/http-client.js';
import { systemClock } from '../../../src/lib/io/system/clock.js';
import { AutomaticCertificate } from '../../../src/lib/server/automatic-certificate.js';
import { startAuthority, type TestAuthority, withAuthority } from '../../helpers/authority.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { failureOf, type Obtaining, obtain } from '../../helpers/obtained-certificate.js';
import { fillDisk, hasSmallDisk, mountSmall } from '../../helpers/small-disk.js';
import { until } from '../../helpers/until.js';

for (const [challenge, other] of [
  ['http-01', 'tls-alpn-01'],
  ['tls-alpn-01', 'http-01'],
] as const) {
  withAuthority(`a certificate is issued by ${challenge}`, async (t) => {
    const authority = await startAuthority(t);
    const { certificate, lines, settle, folder } = await obtain(t, authority, {
      ports: { ...authority.ports, [other]: 0 },
      closed: [other],
    });
    t.true(certificate.renewal?.pair.facts.isSelfSigned);
    certificate.start();
    await settle();
    t.is(certificate.renewal?.state.kind, 'waiting', lines.join('\n'));
    t.deepEqual(certificate.renewal?.pair.facts.names, ['draw.example.org']);
    t.regex(certificate.renewal?.pair.facts.issuer ?? '', /Pebble/);
    t.deepEqual(
      lines.filter((line) => !line.startsWith('info')),
      [],
    );
    t.is(statSync(join(folder, 'certificate.pem')).mode & 0o777, 0o600);
    t.is(statSync(join(folder, 'account.json')).mode & 0o777, 0o600);
    t.is(statSync(join(folder, 'state.json')).mode & 0o777, 0o600);
    t.is(statSync(folder).mode & 0o777, 0o700);
  });
}

/** Orders, and gives what was in the way. */
async function failing(
  t: ExecutionContext,
  prepare: (authority: TestAuthority) => unknown,
  more: Parameters<typeof obtain>[2] = {},
): Promise<{ failures: string[]; obtaining: Obtaining; authority: TestAuthority }> {
  const authority = await startAuthority(t);
  await prepare(authority);
  const obtaining = await obtain(t, authority, more);
  obtaining.certificate.start();
  await obtaining.settle();
  t.is(obtaining.certificate.renewal?.state.kind, 'failed');
  t.true(obtaining.certificate.renewal?.pair.facts.isSelfSigned, 'handshakes are answered all the same');
  t.not(obtaining.certificate.context, undefined);
  return { failures: failureOf(obtaining), obtaining, authority };
}

const problem = (type: string, status: number, detail: string) => ({
  status,
  body: { type: `urn:ietf:params:acme:error:${type}`, detail, status },
});

withAuthority('a name that leads nowhere is told, before the order and after it', async (t) => {
  const { failures, obtaining } = await failing(t, (authority) => authority.loseName('draw.example.org'), {
    addressesOf: () => Promise.reject(Object.assign(new Error('not found'), { code: 'ENOTFOUND' })),
  });
  t.regex(
    failures[0]!,
    /^acme-name-unknown: the authority cannot find the name draw\.example\.org: .+ \/ add an A or AAAA record/,
  );
  t.true(
    obtaining.lines.some((line) =>
      /^warn: draw\.example\.org cannot be found: ENOTFOUND \(add an address record .+\)\. The order is tried anyway/.test(
        line,
      ),
    ),
    obtaining.lines.join('\n'),
  );
});

withAuthority('closed ports are told with their numbers, for both checks', async (t) => {
  const { failures, obtaining } = await failing(t, () => undefined, { closed: ['http-01', 'tls-alpn-01'] });
  t.is(failures.length, 2);
  t.regex(
    failures[0]!,
    /^acme-port-closed: the authority cannot reach port 80 of draw\.example\.org: .+ \/ open TCP port 80 /,
  );
  t.regex(failures[1]!, /^acme-port-closed: the authority cannot reach port 443 of draw\.example\.org: /);
  const looked = obtaining.lines.filter((line) =>
    /^warn: port \d+ of .+ does not answer: Connection refused/.test(line),
  );
  t.is(looked.length, 2, obtaining.lines.join('\n'));
});

withAuthority('another server behind the name is told', async (t) => {
  const authority = await startAuthority(t);
  const other = await obtain(t, authority, { closed: ['tls-alpn-01'] });
  const { certificate, settle, lines } = await obtain(t, authority, {
    closed: ['http-01', 'tls-alpn-01'],
    ports: { ...authority.ports, 'tls-alpn-01': 0 },
  });
  t.truthy(other);
  certificate.start();
  await settle();
  t.regex(
    failureOf({ certificate } as Obtaining)[0]!,
    /^acme-name-elsewhere: the name draw\.example\.org leads to another server: .+ \/ point the A and AAAA records/,
  );
  t.true(lines.some((line) => line.includes('is answered by something else than this server')));
});

withAuthority('terms that nobody accepted are named, and nothing is ordered', async (t) => {
  const { failures, authority } = await failing(t, () => undefined, { acceptsTerms: false });
  t.regex(
    failures[0]!,
    /^acme-terms: the authority issues .+ terms of service: data:text\/plain.+ \/ start the server with --acme-accept-terms/,
  );
  t.false(authority.requests.some(({ method }) => method === 'POST'));
});

withAuthority(
  'a rate limit is told in the words of the authority, and its Retry-After respected',
  async (t) => {
    const { failures, obtaining } = await failing(t, (authority) => {
      authority.instead = ({ payload }) =>
        payload?.identifiers === undefined
          ? undefined
          : {
              ...problem('rateLimited', 429, 'too many certificates already issued for "example.org"'),
              headers: { 'retry-after': '86400' },
            };
    });
    t.regex(
      failures[0]!,
      /^acme-rate-limit: .+ lately: too many certificates already issued .+ \/ wait: dp tries again/,
    );
    t.throws(() => obtaining.certificate.renewal?.renewNow(), {
      message: /does not accept a new order before/,
    });
    const { retryAt } = obtaining.certificate.renewal!;
    t.true(retryAt! > Date.now() + 86_000_000);
  },
);

withAuthority('a CAA record, a refused name and a busy authority are told apart', async (t) => {
  const authority = await startAuthority(t);
  const { certificate, settle } = await obtain(t, authority);
  for (const [type, status, told] of [
    [
      'caa',
      403,
      /^acme-caa: a CAA record forbids the authority to issue a certificate for draw\.example\.org: told so/,
    ],
    [
      'rejectedIdentifier',
      400,
      /^acme-name-refused: the authority does not issue certificates for draw\.example\.org: told so/,
    ],
    ['serverInternal', 500, /^acme-directory-down: the authority at .+ does not answer: told so/],
    ['externalAccountRequired', 403, /^acme-account-refused: .+ told so .+external account binding/],
    ['userActionRequired', 403, /^acme-terms-changed: .+ told so/],
    ['unheardOf', 418, /^acme-refused: the authority refused the request: told so/],
  ] as const) {
    authority.instead = ({ payload }) =>
      payload?.identifiers === undefined ? undefined : problem(type, status, 'told so');
    certificate.renewal!.renewNow();
    await settle();
    t.regex(failureOf({ certificate } as Obtaining)[0]!, told, type);
  }
  authority.instead = undefined;
  certificate.renewal!.renewNow();
  await settle();
  t.is(certificate.renewal!.state.kind, 'waiting');
});

withAuthority('nonces that an authority forgets are asked for again', async (t) => {
  const authority = await startAuthority(t, { PEBBLE_WFE_NONCEREJECT: '60' });
  const { certificate, settle, lines } = await obtain(t, authority);
  certificate.start();
  await settle();
  t.is(certificate.renewal?.state.kind, 'waiting', lines.join('\n'));
});

withAuthority('an account that the authority has forgotten is made anew', async (t) => {
  const authority = await startAuthority(t);
  const { certificate, settle, lines } = await obtain(t, authority);
  certificate.start();
  await settle();
  let refusals = 1;
  authority.instead = ({ payload }) =>
    payload?.identifiers !== undefined && refusals-- > 0
      ? problem('accountDoesNotExist', 400, 'unknown account')
      : undefined;
  const { chain } = certificate.renewal!.pair;
  certificate.renewal!.renewNow();
  await settle();
  t.is(certificate.renewal?.state.kind, 'waiting', lines.join('\n'));
  t.not(certificate.renewal!.pair.chain, chain);
});

withAuthority('a renewal keeps the key, and makes a new one where that is wanted', async (t) => {
  const authority = await startAuthority(t);
  const { certificate, settle, folder } = await obtain(t, authority);
  const provisional = certificate.renewal!.pair;
  certificate.start();
  await settle();
  const first = certificate.renewal!.pair;
  t.is(first.key, provisional.key, 'clients that remember the key of the self-signed one see no other');
  certificate.renewal!.renewNow();
  await settle();
  const second = certificate.renewal!.pair;
  t.is(second.key, first.key);
  t.not(second.facts.sha256, first.facts.sha256);
  certificate.renewal!.renewNow({ newKey: true });
  await settle();
  const third = certificate.renewal!.pair;
  t.not(third.key, second.key);
  const stored = readKeyPair(readFileSync(join(folder, 'certificate.pem'), 'utf8'));
  t.is(stored.facts.sha256, third.facts.sha256);
  t.is(stored.key, third.key);
});

withAuthority('several names are in one certificate; names are added at the next start', async (t) => {
  const authority = await startAuthority(t);
  const first = await obtain(t, authority, { ports: { ...authority.ports, 'tls-alpn-01': 0 } });
  first.certificate.start();
  await first.settle();
  first.certificate.stop();
  const names = ['draw.example.org', 'www.example.org', 'xn--zeichnen-fr-alle-szb.de'];
  const second = new AutomaticCertificate({ ...first.options, names });
  t.teardown(() => second.stop());
  await second.prepare();
  t.deepEqual(second.renewal!.pair.facts.names, ['draw.example.org'], 'the old one serves until then');
  first.answersFor(second);
  second.start();
  await second.renewal!.whenIdle();
  t.deepEqual([...second.renewal!.pair.facts.names].sort(), [...names].sort());
});

withAuthority(
  'an authority that is down for a day is asked ever less often, and issues when it is back',
  async (t) => {
    const authority = await startAuthority(t);
    const clock = new ManualClock(Date.now());
    authority.isDown = true;
    const { certificate, settle, lines } = await obtain(t, authority, { clock, networkClock: systemClock });
    certificate.start();
    await settle();
    t.regex(
      failureOf({ certificate } as Obtaining)[0]!,
      /^acme-directory-down: the authority at https:\/\/127\.0\.0\.1:\d+\/dir does not answer: Connection closed \/ check --acme-directory/,
    );
    const day = 24 * 3_600_000;
    for (let passed = 0; passed < day; ) {
      const step = Math.max(1, (clock.nextDue ?? clock.now() + day) - clock.now());
      clock.advance(step);
      passed += step;
      await settle();
    }
    const attempts = lines.filter((line) => line.includes('No new certificate')).length;
    t.true(attempts > 10 && attempts < 40, String(attempts));
    authority.isDown = false;
    // an hour, more or less by chance; other things may be due before
    for (let tries = 0; tries < 10 && certificate.renewal?.state.kind !== 'waiting'; tries++) {
      clock.advance(Math.max(1, (clock.nextDue ?? clock.now() + day) - clock.now()));
      await settle();
    }
    t.is(certificate.renewal?.state.kind, 'waiting', lines.at(-1));
    t.false(certificate.renewal?.pair.facts.isSelfSigned);
  },
);

withAuthority('a clock that is wrong is told with both times, and nothing is ordered', async (t) => {
  for (const days of [400, -400]) {
    const start = Date.now() + days * 24 * 3_600_000;
    const { failures, authority } = await failing(t, () => undefined, {
      clock: new ManualClock(start),
      networkClock: new ManualClock(start),
    });
    t.regex(
      failures[0]!,
      /^acme-clock: the clock of this machine is wrong: it says \d{4}-.+ UTC, the authority says .+ \/ set the clock/,
    );
    t.false(authority.requests.some(({ method }) => method === 'POST'));
  }
});

withAuthority('an authority that is not trusted, and an address that is none, are told', async (t) => {
  const { failures } = await failing(t, () => undefined, { http: new HttpClient({ clock: systemClock }) });
  t.regex(failures[0]!, /^acme-directory-untrusted: .+ \/ name its root certificate/);
  const { failures: wrong } = await failing(t, (authority) => {
    authority.directory = authority.directory.replace('/dir', '/nonsense');
  });
  t.regex(
    wrong[0]!,
    /^acme-directory-wrong: .+nonsense is not an ACME directory: it answers with status 404 \/ correct --acme-directory/,
  );
  const { failures: page } = await failing(t, (authority) => {
    authority.instead = () => ({ status: 200, body: '<html>Welcome</html>' });
  });
  t.regex(page[0]!, /^acme-directory-wrong: .+ it lacks newNonce/);
});

withAuthority('the authority is asked when it wants a renewal, where it says so', async (t) => {
  const authority = await startAuthority(t);
  authority.changed = ({ path }, body) =>
    path === '/dir'
      ? { ...body, renewalInfo: authority.directory.replace('/dir', '/renewal-info') }
      : undefined;
  const start = new Date(Date.now() + 30 * 24 * 3_600_000);
  const end = new Date(start.getTime() + 3_600_000);
  authority.instead = ({ path }) =>
    path.startsWith('/renewal-info/')
      ? {
          status: 200,
          headers: { 'retry-after': '21600' },
          body: {
            suggestedWindow: { start: start.toISOString(), end: end.toISOString() },
            explanationURL: 'https://authority.example/why',
          },
        }
      : undefined;
  const { certificate, settle, lines } = await obtain(t, authority);
  certificate.start();
  await settle();
  await until('the window is followed', () => lines.some((line) => line.includes('asks for a renewal')));
  const { state } = certificate.renewal!;
  t.true(state.kind === 'waiting' && state.renewAt >= start.getTime() && state.renewAt <= end.getTime());
  const asked = authority.requests.find(({ path }) => path.startsWith('/renewal-info/'));
  t.regex(asked?.path ?? '', /^\/renewal-info\/[\w-]+\.[\w-]+$/);
  // the next order says what it replaces
  certificate.renewal!.renewNow();
  await settle();
  const order = authority.requests.findLast(({ payload }) => payload?.identifiers !== undefined);
  t.is(`/renewal-info/${String(order?.payload?.replaces)}`, String(asked?.path));
});

withAuthority('damaged files are set aside and told, and a certificate ordered anew', async (t) => {
  const authority = await startAuthority(t);
  const first = await obtain(t, authority, { ports: { ...authority.ports, 'tls-alpn-01': 0 } });
  first.certificate.start();
  await first.settle();
  first.certificate.stop();
  const file = join(first.folder, 'certificate.pem');
  const whole = readFileSync(file, 'utf8');
  const other = makeSelfSigned({ names: ['draw.example.org'], days: 1, nowMs: Date.now() });
  for (const [what, damage, told] of [
    [
      'half',
      whole.slice(0, whole.length / 2),
      /certificate\.pem cannot be used \(.+\); it is now .+certificate\.pem\.damaged-\d{8}T\d{6}Z: a new certificate is ordered$/,
    ],
    [
      'three quarters',
      whole.slice(0, (whole.length * 3) / 4),
      /certificate\.pem cannot be used \(it is cut off\)/,
    ],
    ['a line too little', whole.trimEnd().slice(0, -26), /certificate\.pem cannot be used \(it is cut off\)/],
    ['empty', '', /certificate\.pem cannot be used/],
    ['zeroes', '\0'.repeat(whole.length), /certificate\.pem cannot be used/],
    [
      'key of another',
      whole.replace(/^[\s\S]+?-----END PRIVATE KEY-----\n/, other.key),
      /its key is not that of its certificate/,
    ],
  ] as const) {
    writeFileSync(file, damage);
    const lines: string[] = [];
    const again = new AutomaticCertificate({
      ...first.options,
      writeLog: (level, text) => lines.push(`${level}: ${text}`),
    });
    t.teardown(() => again.stop());
    await again.prepare();
    t.regex(lines[0] ?? '', told, what);
    t.true(lines[0]!.startsWith('error: '));
    t.true(again.renewal!.pair.facts.isSelfSigned, what);
    first.answersFor(again);
    again.start();
    await again.renewal!.whenIdle();
    t.false(again.renewal!.pair.facts.isSelfSigned, `${what}: ${lines.join('\n')}`);
    again.stop();
  }
  t.true(readdirSync(first.folder).filter((name) => name.includes('.damaged-')).length >= 1);
  // what is beside it costs no certificate
  for (const [name, damage] of [
    ['account.json', '{"key": "half'],
    ['state.json', '[]'],
  ] as const) {
    writeFileSync(join(first.folder, name), damage);
    const lines: string[] = [];
    const again = new AutomaticCertificate({
      ...first.options,
      writeLog: (level, text) => lines.push(`${level}: ${text}`),
    });
    t.teardown(() => again.stop());
    await again.prepare();
    t.regex(lines[0] ?? '', new RegExp(`${name} cannot be used \\(it is not complete\\)`));
    t.false(again.renewal!.pair.facts.isSelfSigned);
    first.answersFor(again);
    again.renewal!.renewNow();
    await again.renewal!.whenIdle();
    t.is(again.renewal!.progress.failures.length, 0, lines.join('\n'));
    again.stop();
  }
});

const onSmallDisk = hasSmallDisk ? withAuthority : test.skip;

onSmallDisk(
  'a certificate that finds no room is stored when there is room, and not ordered again',
  async (t) => {
    const authority = await startAuthority(t);
    const clock = new ManualClock(Date.now());
    const disk = mountSmall(t);
    let makeRoom = () => {};
    authority.instead = ({ payload }) => {
      // the moment before it is issued
      if (payload?.csr !== undefined) makeRoom = fillDisk(disk);
      return undefined;
    };
    const { certificate, settle, lines, folder } = await obtain(t, authority, {
      folder: join(disk, 'acme'),
      clock,
      networkClock: systemClock,
    });
    const before = certificate.context;
    certificate.start();
    await settle();
    t.is(certificate.renewal?.state.kind, 'storing', lines.join('\n'));
    t.is(certificate.context, before, 'nobody sees what is not stored');
    t.regex(
      lines.at(-1)!,
      /^error: A new certificate is not in use yet: cannot store the certificate in .+acme: the disk is full \(make room, /,
    );
    t.true(readKeyPair(readFileSync(join(folder, 'certificate.pem'), 'utf8')).facts.isSelfSigned);
    t.deepEqual(readdirSync(folder).sort(), ['account.json', 'certificate.pem', 'state.json']);
    for (let minutes = 0; minutes < 10; minutes++) {
      clock.advance(60_000);
      await settle();
    }
    t.is(certificate.renewal?.state.kind, 'storing');
    makeRoom();
    await until('it is stored', async () => {
      // a try that is under way sets the time of the next one when it is over
      clock.advance(600_000);
      await settle();
      return certificate.renewal?.state.kind === 'waiting';
    });
    t.not(certificate.context, before);
    t.false(readKeyPair(readFileSync(join(folder, 'certificate.pem'), 'utf8')).facts.isSelfSigned);
    t.is(authority.requests.filter(({ payload }) => payload?.csr !== undefined).length, 1);
  },
);

onSmallDisk(
  'with a full disk the authority hears nothing, and a first start ends with the reason',
  async (t) => {
    const authority = await startAuthority(t);
    const disk = mountSmall(t);
    const { certificate, settle, options } = await obtain(t, authority, { folder: join(disk, 'acme') });
    fillDisk(disk);
    certificate.start();
    await settle();
    t.regex(
      failureOf({ certificate } as Obtaining)[0]!,
      /^acme-disk: cannot store the certificate in .+: the disk is full \/ make room/,
    );
    t.deepEqual(authority.requests, []);
    const first = new AutomaticCertificate({ ...options, folder: join(disk, 'other') });
    const error = await t.throwsAsync(first.prepare());
    t.regex(error?.message ?? '', /cannot store the certificate in .+other: the disk is full/);
    t.is(first.context, undefined, 'nobody sees a key that is lost at the next start');
  },
);
