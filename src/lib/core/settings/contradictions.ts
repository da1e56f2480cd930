// TABLE of settings and start values that work against each other, or have no effect as they stand, each with what
// puts it right. To add one: one row. `dp doctor` shows those that apply.

import { isLoopbackText } from '../addresses.js';
import { publicPageOf } from './public-page.js';
import { type SettingName, type SettingsReader, settingNames } from './settings.js';
import type { StartupValues } from './startup.js';
import { hasCertificate } from './startup-facts.js';

export interface SetUpFacts {
  settings: SettingsReader;
  startup: StartupValues;
  /** Accounts that can log in. */
  accounts: readonly { flags: readonly string[] }[];
  /** Entries of the whitelist of list servers. */
  listServers: number;
  /** What keeps the settings. */
  store: 'database' | 'file' | 'memory';
  /** Sessions are kept in files. */
  keepsSessions: boolean;
}

export interface ContradictionRow {
  /** Stays the same when its words change. */
  code: string;
  /** `problem`: something does not work; `note`: something is without effect, or worth knowing. */
  level: 'problem' | 'note';
  applies(facts: SetUpFacts): boolean;
  text: string;
  fix: string;
}

const takesBrowsers = (startup: StartupValues) =>
  startup['web-port'] !== 0 || startup['websocket-port'] !== 0;
const has = (facts: SetUpFacts, flag: string) => facts.accounts.some(({ flags }) => flags.includes(flag));
const isExternal = ({ settings, startup }: SetUpFacts) =>
  settings.get('extauth') && startup.extauth !== undefined;

export const contradictions: readonly ContradictionRow[] = [
  // Logging in
  {
    code: 'no-login',
    level: 'problem',
    applies: (facts) =>
      !facts.settings.get('allowGuests') && facts.accounts.length === 0 && !isExternal(facts),
    text: 'nobody can log in: guests are off (allowGuests), and there is no account and no login server',
    fix: 'dp user add NAME --mod   (or: dp config set allowGuests true)',
  },
  {
    code: 'no-host',
    level: 'problem',
    applies: (facts) =>
      !facts.settings.get('allowGuestHosts') &&
      !has(facts, 'HOST') &&
      !has(facts, 'MOD') &&
      !(isExternal(facts) && (facts.settings.get('extauthhost') || facts.settings.get('extauthmod'))),
    text: 'nobody can host: allowGuestHosts is off, and no account has the flag HOST',
    fix: 'dp user set NAME --host   (or: dp config set allowGuestHosts true)',
  },
  {
    code: 'no-moderator',
    level: 'note',
    applies: (facts) => !has(facts, 'MOD') && !isExternal(facts),
    text: 'there is no moderator: nobody can end a session or ban from within a client',
    fix: 'dp user add NAME --mod',
  },
  {
    code: 'no-ghost-account',
    level: 'note',
    applies: (facts) =>
      facts.settings.get('enableGhosts') && !has(facts, 'GHOST') && !facts.settings.get('extauthghosts'),
    text: 'enableGhosts is on, but no account has the flag GHOST',
    fix: 'dp user set NAME --ghost   (or: dp config unset enableGhosts)',
  },
  // External login
  {
    code: 'no-login-server',
    level: 'problem',
    applies: ({ settings, startup }) => settings.get('extauth') && startup.extauth === undefined,
    text: 'extauth is on, but there is no login server (--extauth)',
    fix: 'dp serve --extauth URL   (or: dp config set extauth false)',
  },
  {
    code: 'login-server-unused',
    level: 'note',
    applies: ({ settings, startup }) => !settings.get('extauth') && startup.extauth !== undefined,
    text: '--extauth names a login server, but extauth is off: it is not used',
    fix: 'dp config set extauth true',
  },
  {
    code: 'no-login-key',
    level: 'problem',
    applies: (facts) => isExternal(facts) && facts.settings.get('extauthkey') === '',
    text: 'there is a login server, but no key to check its answers with (extauthkey): no login from outside succeeds',
    fix: 'dp config set extauthkey KEY',
  },
  {
    code: 'external-ghosts-refused',
    level: 'note',
    applies: (facts) =>
      isExternal(facts) && facts.settings.get('extauthghosts') && !facts.settings.get('enableGhosts'),
    text: 'extauthghosts is on, but enableGhosts is off: ghosts from outside are refused',
    fix: 'dp config set enableGhosts true',
  },
  // Reports and lists
  {
    code: 'no-report-server',
    level: 'problem',
    applies: ({ settings, startup }) => settings.get('abusereport') && startup['report-url'] === undefined,
    text: 'abusereport is on, but there is no report server (--report-url)',
    fix: 'dp serve --report-url URL   (or: dp config set abusereport false)',
  },
  {
    code: 'report-server-unused',
    level: 'note',
    applies: ({ settings, startup }) => !settings.get('abusereport') && startup['report-url'] !== undefined,
    text: '--report-url names a report server, but abusereport is off: it is not used',
    fix: 'dp config set abusereport true',
  },
  {
    code: 'list-servers-empty',
    level: 'note',
    applies: ({ settings, listServers }) => settings.get('announceWhitelist') && listServers === 0,
    text: 'announceWhitelist is on and the list is empty: sessions cannot be announced anywhere',
    fix: 'dp listserver add URL   (or: dp config set announceWhitelist false)',
  },
  {
    code: 'list-servers-unused',
    level: 'note',
    applies: ({ settings, listServers }) => !settings.get('announceWhitelist') && listServers > 0,
    text: 'list servers are on the whitelist, but announceWhitelist is off: sessions can be announced everywhere',
    fix: 'dp config set announceWhitelist true',
  },
  {
    code: 'private-announcements',
    level: 'note',
    applies: ({ settings }) => settings.get('announceAllowPrivate'),
    text: 'announceAllowPrivate is on: everybody who runs a session can make this server ask addresses in your network',
    fix: 'dp config unset announceAllowPrivate',
  },
  {
    code: 'no-name-to-match',
    level: 'note',
    applies: ({ startup, settings }) =>
      startup['local-host'] === undefined && settings.get('requireMatchingHost'),
    text: 'requireMatchingHost is on, but there is no name to match (--local-host)',
    fix: 'dp serve --local-host NAME',
  },
  // Browsers
  {
    code: 'websockets-unused',
    level: 'note',
    applies: ({ settings, startup }) => settings.get('preferWebSockets') && !takesBrowsers(startup),
    text: 'preferWebSockets is on, but there is no port for browsers (no web port and no WebSocket port): it is not used',
    fix: 'dp serve --web-port 443',
  },
  {
    code: 'no-browser-user',
    level: 'note',
    applies: (facts) =>
      takesBrowsers(facts.startup) &&
      !facts.settings.get('allowGuestWeb') &&
      !has(facts, 'WEB') &&
      !(isExternal(facts) && facts.settings.get('extauthweb')),
    text: 'there is a port for browsers, but nobody may come in by it: allowGuestWeb is off, and no account has the flag WEB',
    fix: 'dp config set allowGuestWeb true   (or: dp user set NAME --web)',
  },
  // Sessions
  {
    code: 'persistence-in-memory',
    level: 'note',
    applies: ({ settings, keepsSessions }) => settings.get('persistence') && !keepsSessions,
    text: 'persistence is on, but sessions are only in memory: a restart ends them all',
    fix: 'dp serve --sessions FOLDER',
  },
  {
    code: 'archive-in-memory',
    level: 'note',
    applies: ({ settings, keepsSessions }) => settings.get('archive') && !keepsSessions,
    text: 'archive is on, but sessions are only in memory: there is nothing to keep',
    fix: 'dp serve --sessions FOLDER',
  },
  {
    code: 'sessions-pile-up',
    level: 'note',
    applies: ({ settings }) => settings.get('persistence') && settings.get('idleTimeLimit') === 0,
    text: 'sessions may outlive their users (persistence) and are never ended for being idle: they pile up',
    fix: 'dp config set idleTimeLimit 7d',
  },
  {
    code: 'autoreset-too-late',
    level: 'problem',
    applies: ({ settings }) => {
      const limit = settings.get('sessionSizeLimit');
      return limit > 0 && settings.get('autoResetThreshold') >= limit;
    },
    text: 'autoResetThreshold is not below sessionSizeLimit: sessions fill up before anything is done about it',
    fix: 'dp config set autoResetThreshold 15mb',
  },
  {
    code: 'minimum-autoreset-too-late',
    level: 'problem',
    applies: ({ settings }) => {
      const limit = settings.get('sessionSizeLimit');
      return limit > 0 && settings.get('minimumAutoResetThreshold') >= limit;
    },
    text: 'minimumAutoResetThreshold is not below sessionSizeLimit: no session can shorten itself in time',
    fix: 'dp config unset minimumAutoResetThreshold',
  },
  {
    code: 'no-sessions',
    level: 'problem',
    applies: ({ settings }) => settings.get('sessionCountLimit') < 1,
    text: 'sessionCountLimit is 0: nobody can host',
    fix: 'dp config set sessionCountLimit 25',
  },
  // Listeners
  {
    code: 'admin-without-password',
    level: 'problem',
    applies: ({ startup }) =>
      startup['web-admin-port'] !== 0 &&
      startup['web-admin-access'] !== undefined &&
      startup['web-admin-auth'] === undefined,
    text: 'the admin API is open to others (--web-admin-access) without a password: whoever finds it runs this server',
    fix: 'dp serve --web-admin-auth USER:PASSWORD',
  },
  {
    code: 'admin-for-every-page',
    level: 'problem',
    applies: ({ startup }) =>
      startup['web-admin-port'] !== 0 &&
      startup['web-admin-allowed-origin']?.includes('*') === true &&
      startup['web-admin-auth'] === undefined,
    text: 'every web page may use the admin API (--web-admin-allowed-origin *) without a password: any page that is open on this machine runs this server',
    fix: 'dp serve --web-admin-allowed-origin https://ADMIN.EXAMPLE   (or: --web-admin-auth USER:PASSWORD)',
  },
  {
    code: 'admin-auth-unused',
    level: 'note',
    applies: ({ startup }) =>
      startup['web-admin-port'] === 0 && startup['web-port'] === 0 && startup['web-admin-auth'] !== undefined,
    text: '--web-admin-auth is given, but the admin API is off',
    fix: 'dp serve --web-port 443   (or: --web-admin-port 27780)',
  },
  {
    code: 'web-port-only-local',
    level: 'note',
    applies: ({ startup }) =>
      startup['web-port'] !== 0 &&
      !hasCertificate(startup) &&
      !startup['web-plaintext'] &&
      startup['trusted-proxy'].length === 0 &&
      !isLoopbackText(startup['web-listen'] ?? ''),
    text: 'there is no certificate: the web port answers this machine only',
    fix: 'dp init   (obtains one from an authority; or --web-listen 127.0.0.1 behind a proxy, or --web-plaintext to answer everybody)',
  },
  {
    code: 'web-port-plaintext',
    level: 'note',
    applies: ({ startup }) => startup['web-plaintext'],
    text: '--web-plaintext: what browsers send, passwords included, can be read and changed on its way',
    fix: 'leave --web-plaintext out',
  },
  {
    code: 'no-encryption',
    level: 'note',
    applies: ({ startup }) => !hasCertificate(startup) && startup['local-host'] !== undefined,
    text: 'there is no certificate: everybody on the way can read passwords and drawings',
    fix: 'dp init   (obtains one from an authority; for desktop clients alone: dp cert create)',
  },
  {
    code: 'plaintext-allowed',
    level: 'note',
    applies: ({ startup }) => startup['allow-plaintext'],
    text: '--allow-plaintext: old or hurried clients come in without encryption',
    fix: 'leave --allow-plaintext out',
  },
  // The public page
  {
    code: 'public-list-empty',
    level: 'note',
    applies: ({ settings }) => publicPageOf(settings) === 'sessions' && settings.get('mandatoryLookup'),
    text: 'publicPage is to list sessions, but mandatoryLookup is on: it lists none',
    fix: 'dp config set publicPage on   (or: dp config set mandatoryLookup false)',
  },
  {
    code: 'public-page-unused',
    level: 'note',
    applies: ({ settings, startup }) => publicPageOf(settings) === 'sessions' && startup['web-port'] === 0,
    text: 'publicPage is to list sessions, but there is no web port: nobody sees the page',
    fix: 'dp serve --web-port 443   (or: dp config unset publicPage)',
  },
  // Log
  {
    code: 'log-without-end',
    level: 'note',
    applies: ({ settings, store }) => store === 'database' && settings.get('logpurgedays') === 0,
    text: 'the log is kept for ever (logpurgedays is 0), with the addresses of everybody',
    fix: 'dp config set logpurgedays 30',
  },
];

/** The settings that a row names, in its text or in what puts it right: it stands beside them. */
export function settingsNamedBy({
  text,
  fix,
}: Pick<ContradictionRow, 'text' | 'fix'>): readonly SettingName[] {
  const words = new Set(`${text} ${fix}`.split(/[^A-Za-z0-9]+/));
  return settingNames.filter((name) => words.has(name));
}
