// TABLE of start options, which are fixed while the server runs: ports, addresses, files, certificates (cli.md §1 and our own).
// Flags of `dp serve`, environment, manual and checks follow from the row. To add one: one row.

import { parseAddress, parseSubnet } from '../addresses.js';
import { refusal } from '../errors.js';
import { logLevels } from '../log-levels.js';
import { readPublicName } from '../public-names.js';
import { parseInteger } from '../units.js';

export interface StartupKind<Value> {
  /** Placeholder of the value in help; empty for a flag without a value. */
  readonly placeholder: string;
  readonly expected: string;
  /** Undefined: it is not what is expected. Refusal where there is more to say. `option`: where it was given. */
  parse(text: string, option?: string): Value | undefined;
}

export interface StartupRow<Value> {
  readonly kind: StartupKind<Value>;
  /** Undefined: off, or determined by the server. */
  readonly default: Value | undefined;
  readonly help: string;
  readonly char: string | undefined;
  /** Equivalent environment variables, in order of precedence; a flag overrides them. */
  readonly variables: readonly string[];
  /** First drawpile-srv that has it; `dp`: our own. */
  readonly since: string;
  readonly isSecret: boolean;
  /** May be given several times; the value is a list. */
  readonly isList: boolean;
}

const text = (placeholder: string, expected: string): StartupKind<string> => ({
  placeholder,
  expected,
  parse: (given) => (given === '' ? undefined : given),
});

const onOff: StartupKind<boolean> = {
  placeholder: '',
  expected: 'true or false',
  parse: (given) =>
    ['true', '1'].includes(given.toLowerCase())
      ? true
      : ['false', '0', ''].includes(given.toLowerCase())
        ? false
        : undefined,
};

const port = (least: 0 | 1): StartupKind<number> => ({
  placeholder: 'PORT',
  expected: `a port number from ${least} to 65535`,
  parse: (given) => {
    const number = parseInteger(given);
    return number !== undefined && number >= least && number <= 65_535 ? number : undefined;
  },
});

// Below 1 behaves as unset in the originals.
const announcePort: StartupKind<number> = {
  placeholder: 'PORT',
  expected: 'a port number from 1 to 65535, or 0 for the listening port',
  parse: (given) => {
    const number = parseInteger(given);
    return number === undefined || number > 65_535 ? undefined : Math.max(0, number);
  },
};

const address: StartupKind<string> = {
  placeholder: 'ADDRESS',
  expected: 'an IPv4 or IPv6 address such as 127.0.0.1 or ::',
  parse: (given) => (parseAddress(given) ? given : undefined),
};

const subnet: StartupKind<string> = {
  placeholder: 'ADDRESS[/BITS]',
  expected: 'an address such as 10.0.0.1 or a subnet such as 10.0.0.0/8',
  parse: (given) => (parseSubnet(given) ? given : undefined),
};

const access: StartupKind<string> = {
  placeholder: 'ADDRESS[/BITS]|all',
  expected: 'all, an address such as 10.0.0.1 or a subnet such as 10.0.0.0/8',
  parse: (given) => (given === 'all' || parseSubnet(given) ? given : undefined),
};

const url: StartupKind<string> = {
  placeholder: 'URL',
  expected: 'an http(s) URL',
  parse: (given) => (/^https?:\/\/[^\s/]+/i.test(given) ? given : undefined),
};

const secureUrl: StartupKind<string> = {
  placeholder: 'URL',
  expected: 'an https URL',
  parse: (given) => (/^https:\/\/[^\s/@]+/i.test(given) && URL.canParse(given) ? given : undefined),
};

/** Other names are refused with their own reasons. */
const publicName: StartupKind<string> = {
  placeholder: 'NAME[,NAME…]',
  expected: 'host names of the public internet, separated by commas',
  parse: readPublicName,
};

const email: StartupKind<string> = {
  placeholder: 'ADDRESS',
  expected: 'an e-mail address',
  parse: (given) => (/^[^\s@,:]+@[^\s@,:]+\.[^\s@,:]+$/.test(given) ? given : undefined),
};

/** Let's Encrypt. */
const usualAuthority = 'https://acme-v02.api.letsencrypt.org/directory';
/** That is how many an authority puts into one certificate. */
const namesAtMost = 100;

const origins: StartupKind<string> = {
  placeholder: 'ORIGIN',
  expected: 'origins such as https://example.com separated by blanks or commas, or *',
  parse: (given) =>
    /^(?:\*|https?:\/\/[^\s/,?#]+\/?)(?:[\s,]+https?:\/\/[^\s/,?#]+\/?)*$/i.test(given.trim())
      ? given.trim()
      : undefined,
};

const credentials: StartupKind<string> = {
  placeholder: 'USER:PASSWORD',
  expected: 'a name and a password separated by a colon',
  parse: (given) => (/^[^:]+:./.test(given) ? given : undefined),
};

const key: StartupKind<string> = {
  placeholder: 'KEY',
  expected: '32 bytes in base64 (44 characters)',
  parse: (given) => (/^[A-Za-z0-9+/]{43}=?$/.test(given) ? given : undefined),
};

const word = <Word extends string>(...words: Word[]): StartupKind<Word> => ({
  placeholder: words.join('|'),
  expected: words.join(' or '),
  parse: (given) => words.find((known) => known === given.toLowerCase()),
});

const file = text('FILE', 'the path of a file');
const folder = text('FOLDER', 'the path of a folder');

interface Extras {
  char?: string;
  variables?: readonly string[];
  since?: string;
  isSecret?: true;
  isList?: true;
}

function row<Value>(
  kind: StartupKind<Value>,
  fallback: Value | undefined,
  help: string,
  extras: Extras = {},
): StartupRow<Value> {
  return {
    kind,
    default: fallback,
    help,
    char: extras.char,
    variables: extras.variables ?? [],
    since: extras.since ?? '2.1',
    isSecret: extras.isSecret ?? false,
    isList: extras.isList ?? false,
  };
}

// biome-ignore format: one value, one row
export const startup = {
  port: row(port(0), 27750, 'Port for desktop clients (0: any free port)', { char: 'p' }),
  listen: row(address, undefined, 'Listen on this address only', { char: 'l' }),
  'websocket-port': row(port(0), 0, 'Port for browser clients, WebSocket (0: off)', { since: '2.2.1' }),
  'websocket-listen': row(address, undefined, 'Listen for browser clients on this address only', { since: '2.2.1' }),
  'web-port': row(port(0), 0, 'Port for everything that uses HTTP: public page, browser clients, admin API, health and metrics (0: off)', { since: 'dp' }),
  'web-listen': row(address, undefined, 'Listen for HTTP on this address only', { since: 'dp' }),
  'web-plaintext': row(onOff, false, 'Answer unencrypted requests from everywhere on the web port; without it, only those from this machine and trusted proxies', { since: 'dp' }),
  'http-port': row(port(0), 0, 'Port that redirects unencrypted HTTP to the web port, and where an authority checks the names of --acme; usually 80 (0: off)', { since: 'dp' }),
  'http-listen': row(address, undefined, 'Listen for unencrypted HTTP on this address only', { since: 'dp' }),
  'trusted-proxy': row(subnet, undefined, 'Proxy that is trusted to report client addresses; this machine is always trusted', { since: 'dp', isList: true }),
  'local-host': row(text('NAME', 'a host name'), undefined, 'Host name under which users reach this server, sent to list servers'),
  'announce-port': row(announcePort, 0, 'Port announced to list servers (0: the listening port)'),

  'ssl-cert': row(file, undefined, 'Certificate chain (PEM); with --ssl-key, enables TLS'),
  'ssl-key': row(file, undefined, 'Private key of the certificate (PEM)'),
  acme: row(publicName, undefined, 'Obtain a certificate for these host names from an authority (ACME), and renew it', { since: 'dp', isList: true }),
  'acme-email': row(email, undefined, 'E-mail address for the account at the authority', { since: 'dp' }),
  'acme-directory': row(secureUrl, usualAuthority, 'ACME directory of the authority', { since: 'dp' }),
  'acme-directory-ca': row(file, undefined, 'Certificate to trust when connecting to the authority (PEM), for a private one', { since: 'dp' }),
  'acme-accept-terms': row(onOff, false, 'Accept the terms of service of the authority', { since: 'dp' }),
  'acme-rotate-key': row(onOff, false, 'Make a new private key at each renewal; users of desktop clients must accept it each time', { since: 'dp' }),
  secure: row(onOff, false, 'Require a certificate, and refuse users on unencrypted connections', { since: 'dp' }),
  'allow-plaintext': row(onOff, false, 'Offer encryption but do not require it', { since: 'dp' }),

  config: row(file, undefined, 'Store settings, bans and accounts in this text file', { char: 'c' }),
  database: row(file, undefined, 'Store settings, bans, accounts and the log in this SQLite database', { char: 'd' }),
  sessions: row(folder, undefined, 'Store sessions in this folder', { char: 's' }),
  data: row(folder, undefined, 'Data folder, for everything without its own flag', { since: 'dp' }),
  ephemeral: row(onOff, false, 'Store nothing: all data is lost when the server stops', { since: 'dp' }),
  durability: row(word('os', 'sync'), 'os', 'What stored data survives: a crash of the server (os), or also a power failure, at lower speed (sync)', { since: 'dp' }),
  templates: row(folder, undefined, 'Offer the session templates in this folder', { char: 't' }),
  record: row(text('PATTERN', 'a path'), undefined, 'Record sessions to files with this name: %d is the date, %h or %t the time, %i the id, %a the alias; for a folder, names are generated'),

  'web-admin-port': row(port(0), 0, 'Port of the admin API, HTTP (0: off)'),
  'web-admin-listen': row(address, undefined, 'Listen for the admin API on this address only', { since: 'dp' }),
  'web-admin-auth': row(credentials, undefined, 'Name and password for the admin API', { isSecret: true, variables: ['DP_WEB_ADMIN_AUTH', 'DRAWPILESRV_WEB_ADMIN_AUTH'] }),
  'web-admin-access': row(access, undefined, 'Addresses that may use the admin API; without it, this machine only'),
  'web-admin-allowed-origin': row(origins, undefined, 'Web pages that may use the admin API: origins separated by spaces or commas, or *; pages of this server are always allowed', { since: '2.2.0' }),
  'web-admin-app': row(folder, undefined, 'Serve the web interface in this folder at /admin/ instead of the one of dp', { since: 'dp' }),

  // DP_EXTAUTH is the setting of the same name.
  extauth: row(url, undefined, 'Login server for external accounts', { variables: ['DP_EXTAUTH_URL'] }),
  'report-url': row(url, undefined, 'Server that receives abuse reports'),
  'crypt-key': row(key, undefined, 'Key that encrypts exported session bans', { since: '2.2.0', isSecret: true }),

  user: row(text('NAME', 'a user of this system'), undefined, 'User to switch to when started as root', { since: 'dp' }),
  'log-level': row(word(...logLevels), 'info', 'Minimum severity of messages in the terminal', { since: 'dp' }),
  'log-format': row(word('text', 'json'), 'text', 'Log format', { since: 'dp' }),
} as const satisfies Record<string, StartupRow<boolean> | StartupRow<number> | StartupRow<string>>;

export type StartupName = keyof typeof startup;
export const startupNames = Object.keys(startup) as readonly StartupName[];

type ValueOf<Row> = Row extends StartupRow<infer Value> ? Value : never;
type Listed = 'trusted-proxy' | 'acme';
type Defaulted =
  | 'port'
  | 'websocket-port'
  | 'web-port'
  | 'web-plaintext'
  | 'http-port'
  | 'acme-directory'
  | 'acme-accept-terms'
  | 'acme-rotate-key'
  | 'announce-port'
  | 'secure'
  | 'allow-plaintext'
  | 'ephemeral'
  | 'durability'
  | 'web-admin-port'
  | 'log-level'
  | 'log-format';

/** One value per row; lists for what may be given several times. */
export type StartupValues = {
  [N in StartupName]: N extends Listed
    ? readonly ValueOf<(typeof startup)[N]>[]
    : N extends Defaulted
      ? ValueOf<(typeof startup)[N]>
      : ValueOf<(typeof startup)[N]> | undefined;
};

export type StartupOrigin = 'default' | 'environment' | 'flag';

/** The row of a name that is only known at run time. */
export function startupRow(name: StartupName): StartupRow<boolean | number | string> {
  return startup[name] as unknown as StartupRow<boolean | number | string>;
}

/** The start option that was meant: `sslCert`, `ssl_cert`, `--ssl-cert` or `DP_SSL_CERT` for `ssl-cert`. */
export function startupNameOf(typed: string): StartupName | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_]/g, '');
  const wanted = plain(typed);
  return startupNames.find(
    (name) => plain(name) === wanted || startupVariables(name).some((variable) => plain(variable) === wanted),
  );
}

/** The environment variables of a row: those it names, else `DP_` and the flag's name. */
export function startupVariables(name: StartupName): readonly string[] {
  const { variables } = startupRow(name);
  return variables.length > 0 ? variables : [`DP_${name.replaceAll('-', '_').toUpperCase()}`];
}

/**
 * Values from flags and environment, checked one by one and together. Refusal `badInput` with a hint.
 *
 * @param flags texts as given; `true`/`false` for flags without value
 */
export function readStartup(
  flags: Readonly<Partial<Record<StartupName, string | boolean | readonly string[]>>>,
  environment: Readonly<Record<string, string | undefined>> = {},
): { values: StartupValues; origin: (name: StartupName) => StartupOrigin } {
  const values: Partial<Record<StartupName, unknown>> = {};
  const origins = new Map<StartupName, StartupOrigin>();
  for (const name of startupNames) {
    const { isList, default: fallback } = startupRow(name);
    const given = flags[name];
    if (given !== undefined) {
      origins.set(name, 'flag');
      const said = Array.isArray(given) ? given : [given as string | boolean];
      const list = isList ? said.flatMap((one) => listed(String(one))) : said;
      const parsed = list.map((one) => parse(name, String(one), `--${name}`));
      values[name] = isList ? [...new Set(parsed)] : parsed.at(-1);
      continue;
    }
    // An empty variable is not a value, as in the originals.
    const variable = startupVariables(name).find((known) => environment[known]);
    if (variable !== undefined) {
      origins.set(name, 'environment');
      const said = environment[variable] as string;
      const list = isList ? listed(said) : [said];
      const parsed = list.map((one) => parse(name, one, variable));
      values[name] = isList ? [...new Set(parsed)] : parsed[0];
      continue;
    }
    values[name] = isList ? [] : fallback;
  }
  const complete = values as unknown as StartupValues;
  checkTogether(complete);
  return { values: complete, origin: (name) => origins.get(name) ?? 'default' };
}

/** What stands between commas and blanks; nothing at all is one empty value, which is reported. */
function listed(said: string): string[] {
  const list = said.split(/[\s,]+/).filter((one) => one !== '');
  return list.length === 0 ? [''] : list;
}

function parse(name: StartupName, given: string, source: string): boolean | number | string {
  const { kind, isSecret } = startupRow(name);
  const value = kind.parse(given, source);
  if (value !== undefined) return value;
  const { expected } = kind;
  if (isSecret) throw refusal('option-secret-invalid', { option: source, expected });
  throw refusal('option-invalid', { option: source, value: given, expected });
}

/** Checks values that depend on each other. */
function checkTogether(values: StartupValues): void {
  if (values.config !== undefined && values.database !== undefined) {
    throw refusal('options-exclusive', { one: '--config', other: '--database' });
  }
  if (values.ephemeral) {
    for (const name of ['config', 'database', 'sessions', 'data'] as const) {
      if (name !== 'config' && values[name] !== undefined) {
        throw refusal('ephemeral-with-place', { option: name });
      }
    }
  }
  // The originals start without encryption when one of the two is missing, and say nothing.
  if ((values['ssl-cert'] === undefined) !== (values['ssl-key'] === undefined)) {
    const missing = values['ssl-cert'] === undefined ? '--ssl-cert' : '--ssl-key';
    throw refusal('certificate-half-given', { missing });
  }
  if (values.secure && values['allow-plaintext']) {
    throw refusal('options-exclusive', { one: '--secure', other: '--allow-plaintext' });
  }
  if (values.secure && values['web-plaintext']) {
    throw refusal('options-exclusive', { one: '--secure', other: '--web-plaintext' });
  }
  if (values.secure && values['ssl-cert'] === undefined && values.acme.length === 0) {
    throw refusal('secure-without-certificate');
  }
  checkAcme(values);
  const listeners = [
    ['--port', values.port, values.listen],
    ['--websocket-port', values['websocket-port'], values['websocket-listen']],
    ['--web-admin-port', values['web-admin-port'], values['web-admin-listen']],
    ['--web-port', values['web-port'], values['web-listen']],
    ['--http-port', values['http-port'], values['http-listen']],
  ] as const;
  for (const [index, [name, port, host]] of listeners.entries()) {
    const other = listeners
      .slice(0, index)
      .find(([, taken, at]) => taken === port && (at === undefined || host === undefined || at === host));
    if (port !== 0 && other) throw refusal('ports-equal', { one: other[0], other: name, port });
  }
}

/** Checks what a certificate from an authority needs (it looks at ports 80 and 443), and that nothing of it is said without one. */
function checkAcme(values: StartupValues): void {
  const { acme } = values;
  if (acme.length === 0) {
    const alone = (['acme-email', 'acme-directory-ca', 'acme-accept-terms', 'acme-rotate-key'] as const).find(
      (name) => values[name] !== undefined && values[name] !== false,
    );
    if (alone !== undefined) throw refusal('acme-option-alone', { option: `--${alone}` });
    if (values['acme-directory'] !== usualAuthority) {
      throw refusal('acme-option-alone', { option: '--acme-directory' });
    }
    return;
  }
  if (values['ssl-cert'] !== undefined) throw refusal('acme-with-files');
  if (acme.length > namesAtMost) {
    throw refusal('acme-names-too-many', { count: acme.length, most: namesAtMost });
  }
  if (values['http-port'] === 0 && values['web-port'] === 0 && values['websocket-port'] !== 443)
    throw refusal('acme-without-port');
  const elsewhere = (['ephemeral', 'config', 'database'] as const).find(
    (name) => values[name] !== undefined && values[name] !== false,
  );
  const option =
    elsewhere ?? (values.sessions !== undefined && values.data === undefined ? 'sessions' : undefined);
  if (option !== undefined) throw refusal('acme-without-folder', { option: `--${option}` });
}
