// Settings that work against each other: each row applies where it should and not to a plain server, and what it
// tells people to type exists.

import test from 'ava';
import {
  contradictions,
  type SetUpFacts,
  settingsNamedBy,
} from '../../../../src/lib/core/settings/contradictions.js';
import { MemorySettings } from '../../../../src/lib/core/settings/settings.js';
import { readStartup } from '../../../../src/lib/core/settings/startup.js';

interface SetUpOptions {
  settings?: Record<string, string>;
  flags?: Record<string, string | boolean>;
  facts?: Partial<SetUpFacts>;
}

function factsOf({ settings = {}, flags = {}, facts = {} }: SetUpOptions): SetUpFacts {
  return {
    settings: new MemorySettings({ logpurgedays: '30', ...settings }),
    startup: readStartup(flags).values,
    accounts: [{ flags: ['MOD'] }],
    listServers: 0,
    store: 'database',
    keepsSessions: true,
    ...facts,
  };
}

const textsFor = (options: SetUpOptions) =>
  contradictions.filter(({ applies }) => applies(factsOf(options))).map(({ text }) => text);

test('each stands beside the settings that it names, or is about start options or accounts', (t) => {
  for (const row of contradictions) {
    const isAboutStart = /--|web port|moderator|certificate|account/.test(row.text);
    t.true(settingsNamedBy(row).length > 0 || isAboutStart, row.code);
  }
  const named = (code: string) => settingsNamedBy(contradictions.find((row) => row.code === code)!);
  t.deepEqual([...named('autoreset-too-late')].sort(), ['autoResetThreshold', 'sessionSizeLimit']);
  t.deepEqual(named('log-without-end'), ['logpurgedays']);
  t.deepEqual(named('no-moderator'), []);
});

test('nothing contradicts itself in a plain server with a moderator', (t) => {
  t.deepEqual(textsFor({}), []);
});

const extauth = { extauth: 'https://auth.example/' };
const on = { extauth: 'true', extauthkey: 'A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=' };

const cases: [name: RegExp, options: SetUpOptions][] = [
  [/nobody can log in/, { settings: { allowGuests: 'false' }, facts: { accounts: [] } }],
  [
    /nobody can host: allowGuestHosts/,
    { settings: { allowGuestHosts: 'false' }, facts: { accounts: [{ flags: ['WEB'] }] } },
  ],
  [/there is no moderator/, { facts: { accounts: [] } }],
  [/no account has the flag GHOST/, { settings: { enableGhosts: 'true' } }],
  [/extauth is on, but there is no login server/, { settings: { extauth: 'true' } }],
  [/extauth is off: it is not used/, { flags: extauth }],
  [/no key to check/, { settings: { extauth: 'true' }, flags: extauth }],
  [
    /enableGhosts is off: ghosts from outside/,
    { settings: { ...on, extauthghosts: 'true' }, flags: extauth },
  ],
  [/there is no report server/, { settings: { abusereport: 'true' } }],
  [/abusereport is off/, { flags: { 'report-url': 'https://x.example/' } }],
  [/the list is empty/, { settings: { announceWhitelist: 'true' } }],
  [/announceWhitelist is off/, { facts: { listServers: 1 } }],
  [
    /mandatoryLookup is on: it lists none/,
    {
      settings: { publicPage: 'sessions', mandatoryLookup: 'true' },
      flags: { 'web-port': '8443', 'web-listen': '127.0.0.1' },
    },
  ],
  [/no web port: nobody sees the page/, { settings: { publicPage: 'sessions' } }],
  [/announceAllowPrivate is on/, { settings: { announceAllowPrivate: 'true' } }],
  [/no name to match/, { settings: { requireMatchingHost: 'true' } }],
  [/no WebSocket port/, { settings: { preferWebSockets: 'true' } }],
  [
    /nobody may come in by it/,
    { settings: { allowGuestWeb: 'false' }, flags: { 'websocket-port': '27751' } },
  ],
  [
    /a restart ends them all/,
    { settings: { persistence: 'true', idleTimeLimit: '7d' }, facts: { keepsSessions: false } },
  ],
  [/there is nothing to keep/, { settings: { archive: 'true' }, facts: { keepsSessions: false } }],
  [/they pile up/, { settings: { persistence: 'true' } }],
  [/autoResetThreshold is not below/, { settings: { sessionSizeLimit: '10mb' } }],
  [/minimumAutoResetThreshold is not below/, { settings: { minimumAutoResetThreshold: '100mb' } }],
  [/sessionCountLimit is 0/, { settings: { sessionCountLimit: '0' } }],
  [
    /every web page may use the admin API/,
    { flags: { 'web-admin-port': '27780', 'web-admin-allowed-origin': '*' } },
  ],
  [/whoever finds it runs this server/, { flags: { 'web-admin-port': '27780', 'web-admin-access': 'all' } }],
  [/the admin API is off/, { flags: { 'web-admin-auth': 'a:b' } }],
  [/there is no certificate/, { flags: { 'local-host': 'draw.example' } }],
  [/the web port answers this machine only/, { flags: { 'web-port': '8443' } }],
  [/--web-plaintext/, { flags: { 'web-port': '8443', 'web-plaintext': true } }],
  [/--allow-plaintext/, { flags: { 'allow-plaintext': true } }],
  [/the log is kept for ever/, { settings: { logpurgedays: '0' } }],
];

for (const [name, options] of cases) {
  test(`told: ${name.source}`, (t) => {
    const hasModerator = options.facts?.accounts === undefined || /moderator/.test(name.source);
    const texts = textsFor(options).filter((text) => hasModerator || !/moderator/.test(text));
    t.is(texts.length, 1, texts.join('\n'));
    t.regex(texts[0]!, name);
  });
}

test('every row was tried', (t) => {
  for (const { text } of contradictions)
    t.true(
      cases.some(([name]) => name.test(text)),
      text,
    );
});

test('the web port counts as a port for browsers and for administrators', (t) => {
  const web = { 'web-port': '8443', 'web-listen': '127.0.0.1' };
  t.deepEqual(textsFor({ flags: { ...web, 'web-admin-auth': 'a:b' } }), []);
  t.deepEqual(textsFor({ flags: web, settings: { preferWebSockets: 'true' } }), []);
  t.regex(
    textsFor({ flags: web, settings: { allowGuestWeb: 'false' } }).join('\n'),
    /^there is a port for browsers, but nobody may come in by it/,
  );
  t.deepEqual(textsFor({ flags: { 'web-port': '8443', 'trusted-proxy': '10.0.0.7' } }), []);
});

test('a certificate from an authority is one', (t) => {
  for (const flags of [
    { 'local-host': 'draw.example.org', 'web-port': '443', acme: 'draw.example.org' },
    { 'local-host': 'draw.example.org', 'web-port': '443', 'ssl-cert': 'c.pem', 'ssl-key': 'k.pem' },
  ]) {
    t.deepEqual(textsFor({ flags }), []);
  }
});

test('a login server makes up for accounts', (t) => {
  const options = {
    settings: { ...on, allowGuests: 'false', allowGuestHosts: 'false' },
    flags: extauth,
    facts: { accounts: [] },
  };
  t.deepEqual(textsFor(options), []);
});
