// TABLE of every setting that can change while the server runs (config.md §1): what it is, its default, what it
// does. INI file, database, REST, `dp config`, flags, environment, manual and tests follow from the row.
// To add one: one row, then `settings.get('name')` where it matters. What is fixed at the start is in startup.ts.

import { type Reason, reason } from '../errors/reason.js';
import { type Refusal, refusal } from '../errors.js';
import { closest } from './closest.js';
import { choice, count, duration, flag, type Kind, line, size } from './kinds.js';
import { startupNameOf, startupRow, startupVariables } from './startup.js';

/** What must be configured at startup for the setting to have an effect; otherwise REST hides it (http.md §1.6). */
export type SettingNeed = 'local-host' | 'websocket' | 'extauth' | 'report-url';

export interface SettingRow<Value> {
  readonly kind: Kind<Value>;
  /** The documented default, in text. */
  readonly default: string;
  readonly help: string;
  /** First drawpile-srv that has it; `dp`: our own. */
  readonly since: string;
  /** The last drawpile-srv that has it, where that is not the newest. */
  readonly until?: string;
  /** Other spellings, from the originals' manual; read, but every writer uses the name. */
  readonly aliases: readonly string[];
  /** Never shown in lists, logs and error messages. */
  readonly isSecret: boolean;
  /** State of the server: never listed, and not for users to change. */
  readonly isInternal: boolean;
  /** Bounds of the effective value; the text is stored and shown as given. */
  readonly range?: readonly [least: number, most: number];
  readonly needs?: SettingNeed;
  /** Part of REST's /api/server. */
  readonly isInRest: boolean;
}

interface Extras {
  since?: string;
  until?: string;
  aliases?: readonly string[];
  isSecret?: true;
  isInternal?: true;
  range?: readonly [number, number];
  needs?: SettingNeed;
  isInRest?: false;
}

function setting<Value>(
  kind: Kind<Value>,
  text: string,
  help: string,
  extras: Extras = {},
): SettingRow<Value> {
  return {
    kind,
    default: text,
    help,
    since: extras.since ?? '2.0',
    aliases: extras.aliases ?? [],
    isSecret: extras.isSecret ?? false,
    isInternal: extras.isInternal ?? false,
    isInRest: extras.isInRest ?? extras.isInternal !== true,
    ...(extras.until === undefined ? {} : { until: extras.until }),
    ...(extras.range === undefined ? {} : { range: extras.range }),
    ...(extras.needs === undefined ? {} : { needs: extras.needs }),
  };
}

const internal = (help: string): SettingRow<string> =>
  setting(line(), '', help, { since: '2.2.0', isInternal: true });

// biome-ignore format: one setting, one row
export const settings = {
  // Sessions
  sessionCountLimit: setting(count, '25', 'Maximum number of sessions.'),
  sessionSizeLimit: setting(size, '99mb', 'Maximum size of the history of a session (0: no limit).'),
  sessionUserLimit: setting(count, '254', 'Maximum number of users in a session.', { since: '2.2.1', range: [2, 254] }),
  autoResetThreshold: setting(size, '15mb', 'Size of the history at which a new session asks a client to shorten it (0: never).', { since: '2.1.0' }),
  minimumAutoResetThreshold: setting(size, '0', 'Lowest autoreset threshold that a session may set, apart from turning it off.', { since: '2.3.0' }),
  persistence: setting(flag, 'false', 'Operators may make sessions persistent: they stay when all users have left.'),
  archive: setting(flag, 'false', 'Files of an ended session are renamed to end in ".archived" instead of being deleted.', { aliases: ['archiveMode'] }),
  idleTimeLimit: setting(duration, '0', 'Time without activity after which a session ends, even with users in it (0: never).'),
  allowIdleOverride: setting(flag, 'true', 'Moderators may exempt a session from idleTimeLimit.', { since: '2.2.0' }),
  emptySessionLingerTime: setting(duration, '0', 'Time for which a session stays after all users have left (0: it ends at once).', { since: '2.2.2' }),
  droppedSessionLingerTime: setting(duration, '2m', 'Time for which a session stays after its last users lost their connection instead of leaving (0: none).', { since: 'dp', isInRest: false }),
  forceNsfm: setting(flag, 'false', 'Mark every session as not suitable for minors.', { since: '2.2.0' }),
  invites: setting(flag, 'true', 'New sessions allow invites.', { since: '2.2.2' }),
  unlistedHostPolicy: setting(choice('ALL', 'WEB'), '', 'Which new sessions are left out of the session list: ALL, or WEB for those that browser users host.', { since: '2.3.0' }),

  // Connections
  clientTimeout: setting(duration, '60', 'Time without any data from a client after which its connection is closed.'),
  sessionLessClientLingerTime: setting(duration, '0', 'Time after which a connection that has not joined a session is closed (0: never).', { since: '2.3.1' }),
  connectionsPerAddress: setting(count, '200', 'Maximum number of connections from one address (0: no limit). Connections from this machine are not limited, for proxies.', { since: 'dp', isInRest: false }),
  newConnectionsPerSecond: setting(count, '20', 'Maximum number of new connections per second from one address, after a burst of five times as many (0: no limit).', { since: 'dp', isInRest: false }),
  minimumProtocolVersion: setting(line('empty or a version such as dp:4.24.0', checkProtocol), '', 'Oldest protocol version that may host sessions; moderators are exempt.', { since: '2.2.0' }),
  mandatoryLookup: setting(flag, 'false', 'Sessions can only be joined by a direct link.', { since: '2.2.0' }),
  requireMatchingHost: setting(flag, 'false', 'Refuse clients that connected under a name other than --local-host.', { since: '2.2.2', needs: 'local-host' }),

  // What people see
  serverTitle: setting(line(), '', 'The title shown at login.', { aliases: ['title'] }),
  welcomeMessage: setting(line(), '', 'A chat message to everyone who joins a session.'),
  ruleText: setting(line(), '', 'Rules that must be accepted before logging in.', { since: '2.2.0' }),
  loginInfoUrl: setting(line('empty or an http(s) address', checkUrl), '', 'A page about logging in and accounts, offered at login.', { since: '2.2.0' }),
  publicPage: setting(choice('on', 'sessions', 'off'), 'on', 'What the web port shows to everybody at / and /s/: title, rules and how to join (on), also the sessions that are not unlisted, each with its newest picture (sessions), or nothing (off).', { since: 'dp', isInRest: false }),
  customAvatars: setting(flag, 'true', 'Users may bring their own picture.', { since: '2.1.1' }),

  // Who may do what
  allowGuests: setting(flag, 'true', 'Users may log in without an account.'),
  allowGuestHosts: setting(flag, 'true', 'All users may host sessions; if false, only accounts with the HOST flag.'),
  enableGhosts: setting(flag, 'false', 'Moderators with the GHOST flag may join sessions unseen.', { since: '2.2.0' }),
  forbiddenNameRegex: setting(line('a regular expression'), '', 'Names and titles that match are refused; case is ignored, and a dot matches any character.', { since: '2.3.0' }),
  filterNameRegex: setting(line('a regular expression'), '', 'Matches are removed from a name before forbiddenNameRegex is applied.', { since: '2.3.0' }),

  // Browsers
  allowGuestWeb: setting(flag, 'true', 'All users may connect by WebSocket; if false, only accounts with the WEB flag.', { since: '2.2.1', needs: 'websocket' }),
  allowGuestWebHosts: setting(flag, 'true', 'All users may host sessions by WebSocket; if false, only accounts with the WEBHOST flag.', { since: '2.2.2' }),
  allowGuestWebSession: setting(flag, 'true', 'All operators may open their session to browsers; if false, only accounts with the WEBSESSION flag.', { since: '2.2.1', needs: 'websocket' }),
  passwordDependentWebSession: setting(flag, 'false', 'Sessions with a password are open to browsers, others are not.', { since: '2.2.2', needs: 'websocket' }),
  preferWebSockets: setting(flag, 'false', 'Clients create WebSocket links.', { since: '2.2.2', needs: 'websocket' }),
  webSocketOrigins: setting(line(), '*', 'Origins of web pages from which browsers may connect, such as https://web.drawpile.net, separated by blanks (*: any).', { since: 'dp', needs: 'websocket', isInRest: false }),

  // Listing
  announceWhitelist: setting(flag, 'false', 'Sessions may only be announced at list servers on the whitelist.', { aliases: ['announceWhiteList'], isInRest: false }),
  privateUserList: setting(flag, 'false', 'Announcements leave out the names of users.', { until: '2.2.1' }),
  announceAllowPrivate: setting(flag, 'false', 'Sessions may be announced at list servers in private networks and on this machine.', { since: 'dp', isInRest: false }),

  // External authentication
  extauth: setting(flag, 'false', 'Users may log in with accounts of the login server given by --extauth.', { since: '2.0.6', needs: 'extauth' }),
  extauthkey: setting(line('a base64 Ed25519 public key', checkKey), '', 'Public key that verifies external logins.', { since: '2.0.6' }),
  extauthgroup: setting(line(), '', 'User group that is requested at the login server (empty: the default group).', { since: '2.0.6' }),
  extauthfallback: setting(flag, 'true', 'Guests may log in while the login server cannot be reached.', { since: '2.0.6' }),
  extauthmod: setting(flag, 'true', 'External logins may have the MOD flag.', { since: '2.0.6' }),
  extauthhost: setting(flag, 'true', 'External logins may have the HOST flag.', { since: '2.1.16' }),
  extAuthAvatars: setting(flag, 'true', 'External logins use the avatars of their accounts.', { since: '2.1.1' }),
  extauthbanexempt: setting(flag, 'false', 'External logins may be exempt from bans of addresses.', { since: '2.2.0' }),
  extauthghosts: setting(flag, 'false', 'External logins may have the GHOST flag.', { since: '2.2.0' }),
  extauthpersist: setting(flag, 'false', 'External logins may have the PERSIST flag.', { since: '2.2.2' }),
  extauthweb: setting(flag, 'false', 'External logins may have the WEB flag.', { since: '2.2.1', needs: 'websocket' }),
  extauthwebsession: setting(flag, 'false', 'External logins may have the WEBSESSION flag.', { since: '2.2.1', needs: 'websocket' }),
  extauthwebhost: setting(flag, 'false', 'External logins may have the WEBHOST flag.', { since: '2.2.2' }),

  // Order
  abusereport: setting(flag, 'false', 'Users may report abuse to the server given by --report-url.', { since: '2.1.15', needs: 'report-url' }),
  reporttoken: setting(line(), '', 'Token for the report server.', { since: '2.0.6', isSecret: true }),
  logpurgedays: setting(count, '0', 'Age in days after which log entries are deleted from the database (0: never).', { since: '2.0.10' }),
  auditpurgedays: setting(count, '365', 'Age in days after which entries of the audit trail are deleted from the database (0: never).', { since: 'dp', isInRest: false }),
  extBansUrl: setting(line('empty or an http(s) URL', checkUrl), '', 'URL of an external ban list.', { since: '2.2.0' }),
  extBansCheckInterval: setting(duration, '900', 'Time between fetches of the external ban list.', { since: '2.2.0', range: [60, 2_147_483] }),
  extBansCacheUrl: internal('URL from which the stored external ban list was fetched.'),
  extBansCacheKey: internal('ETag of the stored external ban list.'),
  extBansCacheResponse: internal('Stored external ban list.'),
} as const satisfies Record<string, SettingRow<boolean> | SettingRow<number> | SettingRow<string>>;

export type SettingName = keyof typeof settings;

/** flag: boolean; count: number; duration: seconds; size: bytes; line and choice: text. */
export type SettingValue<N extends SettingName> =
  (typeof settings)[N] extends SettingRow<infer Value> ? Value : never;

/** All names, in the order of the table. */
export const settingNames = Object.keys(settings) as readonly SettingName[];

/** The core reads settings at each use, so a change takes effect at once. */
export interface SettingsReader {
  get<N extends SettingName>(name: N): SettingValue<N>;
  /** For users that cannot read the value again (timers, listeners). Returns the function that unsubscribes. */
  subscribe(listener: (changed: ReadonlySet<SettingName>) => void): () => void;
}

/** The row of a setting whose name is only known at run time. */
export function settingRow(name: SettingName): SettingRow<boolean | number | string> {
  return settings[name] as unknown as SettingRow<boolean | number | string>;
}

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settings, name);
}

const aliases: ReadonlyMap<string, SettingName> = new Map(
  settingNames.flatMap((name) => settings[name].aliases.map((alias) => [alias, name] as const)),
);

/** The setting that the originals' manual means by this spelling, if it is not the name itself. */
export function settingOfAlias(name: string): SettingName | undefined {
  return aliases.get(name);
}

/** The value of stored text, within the row's range; undefined if the kind cannot parse it. */
export function readSetting<N extends SettingName>(name: N, text: string): SettingValue<N> | undefined {
  const row = settingRow(name);
  const value = row.kind.parse(text);
  if (typeof value !== 'number' || row.range === undefined) return value as SettingValue<N> | undefined;
  return Math.max(row.range[0], Math.min(row.range[1], value)) as SettingValue<N>;
}

/** The value that holds when nothing is set. */
export function defaultSetting<N extends SettingName>(name: N): SettingValue<N> {
  const value = readSetting(name, settings[name].default);
  if (value === undefined) throw new TypeError(`the default of ${name} is not valid`);
  return value;
}

/** Why a text should not be stored, as the problem of an error; undefined if it is valid. */
export function settingProblem(name: SettingName, text: string): Reason | undefined {
  const { kind, range } = settingRow(name);
  const problem = kind.problem(text);
  if (problem !== undefined) return problem;
  const value = kind.parse(text);
  if (range && typeof value === 'number' && (value < range[0] || value > range[1])) {
    return reason('out-of-range', { least: kind.format(range[0]), most: kind.format(range[1]) });
  }
  return undefined;
}

/** The setting of a typed name, which may be the spelling of the original's manual. Throws `setting-unknown`. */
export function requireSettingName(typed: string): SettingName {
  if (isSettingName(typed)) return typed;
  const meant = settingOfAlias(typed);
  if (meant !== undefined) return meant;
  throw settingNotFound(typed);
}

function settingNotFound(typed: string): Refusal {
  const flag = startupNameOf(typed);
  if (flag !== undefined) {
    const { placeholder } = startupRow(flag).kind;
    const use = placeholder === '' ? `--${flag}` : `--${flag} ${placeholder}`;
    return refusal('setting-is-start-option', {
      setting: typed,
      use,
      variable: String(startupVariables(flag)[0]),
    });
  }
  const near = closest(
    typed,
    settingNames.filter((name) => !settings[name].isInternal),
  );
  return refusal('setting-unknown', { setting: typed, near });
}

/** The hint for an unknown setting name. */
export function unknownSettingHint(typed: string): string {
  return String(settingNotFound(typed).hint);
}

/** Refusal unless this text may be stored for the setting. */
export function requireSettingText(name: SettingName, text: string): void {
  const problem = settingProblem(name, text);
  if (problem === undefined) return;
  const { kind, isSecret } = settings[name];
  const { expected } = kind;
  if (isSecret) throw refusal('setting-secret-invalid', { setting: name, problem, expected });
  throw refusal('setting-invalid', { setting: name, value: text, problem, expected });
}

/** `NAME=VALUE` of `dp serve --set`, checked; the name may be the manual's spelling. Refusal otherwise. */
export function parseSettingFlag(argument: string): { name: SettingName; text: string } {
  const at = argument.indexOf('=');
  if (at < 0) {
    throw refusal('value-missing', { word: argument, example: 'NAME=VALUE, as in sessionCountLimit=10' });
  }
  const name = requireSettingName(argument.slice(0, at).trim());
  const text = argument.slice(at + 1).trim();
  requireSettingText(name, text);
  return { name, text };
}

/** Settings that live as long as the object: for tests, and for a server that keeps nothing. */
export class MemorySettings implements SettingsReader {
  readonly #texts = new Map<SettingName, string>();
  readonly #values = new Map<SettingName, unknown>();
  readonly #listeners = new Set<(changed: ReadonlySet<SettingName>) => void>();

  constructor(initial: Partial<Record<SettingName, string>> = {}) {
    for (const name of settingNames) this.#values.set(name, defaultSetting(name));
    for (const [name, text] of Object.entries(initial)) this.set(name, text);
  }

  get<N extends SettingName>(name: N): SettingValue<N> {
    return this.#values.get(name) as SettingValue<N>;
  }

  /** The text that was set, undefined when the default holds. */
  text(name: SettingName): string | undefined {
    return this.#texts.get(name);
  }

  /** Refusal `badInput` with a hint when there is no such setting or it cannot have this value. */
  set(typed: string, text: string): void {
    const name = requireSettingName(typed);
    requireSettingText(name, text);
    this.#texts.set(name, text);
    this.#change(name, readSetting(name, text));
  }

  /** Back to the default. */
  unset(typed: string): void {
    const name = requireSettingName(typed);
    this.#texts.delete(name);
    this.#change(name, defaultSetting(name));
  }

  subscribe(listener: (changed: ReadonlySet<SettingName>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #change(name: SettingName, value: unknown): void {
    if (this.#values.get(name) === value) return;
    this.#values.set(name, value);
    const changed = new Set([name]);
    for (const listener of [...this.#listeners]) listener(changed);
  }
}

function checkUrl(text: string): Reason | undefined {
  return text === '' || /^https?:\/\/[^\s/]+/i.test(text) ? undefined : reason('not-url');
}

function checkProtocol(text: string): Reason | undefined {
  return text === '' || /^[a-z]+:\d+\.\d+\.\d+$/.test(text) ? undefined : reason('not-protocol-version');
}

function checkKey(text: string): Reason | undefined {
  // 32 bytes are 43 base64 digits and one "=".
  return text === '' || /^[A-Za-z0-9+/]{43}=?$/.test(text) ? undefined : reason('not-key');
}
