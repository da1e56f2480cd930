// What authorities say that went wrong, and what people are told of it.
import test from 'ava';
import {
  failureOf,
  failureRow,
  isFailureCode,
  type Problem,
} from '../../../../src/lib/core/certificates/failures.js';

const context = { directory: 'https://authority.example/directory', names: ['draw.example.org'] };
const check = { ...context, challenge: 'http-01' as const };
const told = (type: string, detail: string, where: typeof context = context, more: Partial<Problem> = {}) =>
  failureOf({ type, detail, status: 400, ...more }, where);

test('checks that failed are told apart, whatever the authority calls them', (t) => {
  for (const [type, detail, code] of [
    // Let's Encrypt
    ['dns', 'DNS problem: NXDOMAIN looking up A for draw.example.org', 'acme-name-unknown'],
    [
      'dns',
      'no valid A records found for draw.example.org; no valid AAAA records found',
      'acme-name-unknown',
    ],
    [
      'connection',
      '192.0.2.7: Fetching http://draw.example.org/: Timeout during connect (likely firewall problem)',
      'acme-port-closed',
    ],
    ['connection', '192.0.2.7: Fetching http://draw.example.org/: Connection refused', 'acme-port-closed'],
    [
      'unauthorized',
      '192.0.2.7: Invalid response from http://draw.example.org/.well-known/acme-challenge/x: 404',
      'acme-name-elsewhere',
    ],
    ['tls', 'remote error: tls: unrecognized name', 'acme-port-closed'],
    ['caa', 'CAA record for example.org prevents issuance', 'acme-caa'],
    // pebble
    ['connection', 'could not resolve URL "http://draw.example.org/"', 'acme-name-unknown'],
    ['unauthorized', 'Failed to connect to 127.0.0.1:443 for the tls-alpn-01 challenge', 'acme-port-closed'],
    ['incorrectResponse', 'Incorrect validation certificate', 'acme-name-elsewhere'],
  ] as const) {
    const failed = told(type, detail, check);
    t.is(failed.code, code, detail);
    t.true(failed.message.includes(detail));
    t.truthy(failed.shown.hint);
  }
});

test('what is not about a check is about the account or the order', (t) => {
  for (const [type, status, code] of [
    ['unauthorized', 403, 'acme-account-refused'],
    ['accountDoesNotExist', 400, 'acme-account-refused'],
    ['rateLimited', 429, 'acme-rate-limit'],
    ['', 429, 'acme-rate-limit'],
    ['', 503, 'acme-directory-down'],
    ['serverInternal', 500, 'acme-directory-down'],
    ['badCSR', 400, 'acme-refused'],
    ['userActionRequired', 403, 'acme-terms-changed'],
    ['rejectedIdentifier', 400, 'acme-name-refused'],
  ] as const) {
    t.is(told(type, 'a timeout of something', context, { status }).code, code, type);
  }
});

test('of several problems the first one is told, with its name and what is to be waited for', (t) => {
  const failed = told('compound', 'Errors occurred', context, {
    retryAfterMs: 5000,
    subproblems: [
      { type: 'caa', detail: 'CAA record', status: 403, name: 'www.example.org' },
      { type: 'rejectedIdentifier', detail: 'policy', status: 400, name: 'draw.example.org' },
    ],
  });
  t.is(failed.code, 'acme-caa');
  t.regex(failed.message, /for www\.example\.org/);
  t.is(failed.retryAfterMs, 5000);
});

test('the port of the check is named', (t) => {
  t.regex(failureOf({ type: 'connection', detail: 'x', status: 400 }, check).message, /port 80 of/);
  const tls = { ...context, challenge: 'tls-alpn-01' as const };
  t.regex(failureOf({ type: 'connection', detail: 'x', status: 400 }, tls).message, /port 443 of/);
});

test('names of objects are no codes', (t) => {
  t.false(isFailureCode('toString'));
  t.false(isFailureCode('port-in-use'));
  t.true(isFailureCode('acme-caa'));
  t.is(failureRow('acme-caa').class, 'caa');
});
