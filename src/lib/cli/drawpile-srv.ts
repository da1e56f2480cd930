// TABLE of the original server's options and what each becomes here, so that existing units and compose files keep
// working. To read it: `to` is the flag of `dp serve`; `note` is said when the option means something else here.

import { randomBytes } from 'node:crypto';
import type { StartupName } from '../core/settings/startup.js';
import { originalVersion, protocolVersion } from './about.js';

interface OptionRow {
  short?: string;
  /** Takes a value. */
  value?: string;
  help: string;
  /** Flag of `dp serve` that says the same. */
  to?: StartupName;
  /** Accepted and left out. `note` says why. */
  isIgnored?: true;
  /** Only these, in any case. */
  choices?: readonly string[];
  note?: string;
}

// biome-ignore format: one option, one row
export const originalOptions: Readonly<Record<string, OptionRow>> = {
  help: { short: 'h', help: 'Print this text.' },
  'help-all': { help: 'Print this text.' },
  version: { short: 'v', help: 'Print version and protocol.' },
  gui: { help: 'Open the app in a browser (dp gui).' },
  remote: { value: 'url', help: 'Open the app for the server with this admin API.' },
  'no-gui': { help: 'No graphical mode.', isIgnored: true },
  port: { short: 'p', value: 'port', help: 'Port to listen on (27750).', to: 'port' },
  listen: { short: 'l', value: 'address', help: 'Address to listen on.', to: 'listen' },
  'websocket-port': { value: 'port', help: 'Port for browser clients (0: off).', to: 'websocket-port' },
  'websocket-listen': { value: 'address', help: 'Address for browser clients.', to: 'websocket-listen' },
  'local-host': { value: 'hostname', help: 'This server’s own name, for announcements.', to: 'local-host' },
  'announce-port': { value: 'port', help: 'Port for announcements.', to: 'announce-port' },
  'ssl-cert': { value: 'file', help: 'Certificate chain (PEM).', to: 'ssl-cert' },
  'ssl-key': { value: 'file', help: 'Private key (PEM).', to: 'ssl-key' },
  'ssl-key-algorithm': { value: 'algorithm', help: 'Type of the private key; detected automatically.', choices: ['guess', 'rsa', 'ec', 'dsa', 'dh'], isIgnored: true },
  secure: { help: 'Only encrypted connections.', to: 'secure', note: 'is in the manual of drawpile-srv but was never in the program; here it holds for everyone who draws; the admin API stays plain HTTP, for this machine or a proxy' },
  record: { value: 'path', help: 'Record sessions to files.', to: 'record' },
  'web-admin-port': { value: 'port', help: 'Port of the admin API (0: off).', to: 'web-admin-port' },
  'web-admin-auth': { value: 'user:password', help: 'Name and password for the admin API.', to: 'web-admin-auth' },
  'web-admin-access': { value: 'address/subnet|all', help: 'Addresses that may use the admin API.', to: 'web-admin-access' },
  'web-admin-allowed-origin': { value: 'origin', help: 'Web page that may use the admin API.', to: 'web-admin-allowed-origin' },
  database: { short: 'd', value: 'file', help: 'Keep settings in this database.', to: 'database' },
  config: { short: 'c', value: 'file', help: 'Keep settings in this text file.', to: 'config' },
  sessions: { short: 's', value: 'dir', help: 'Keep sessions in this folder.', to: 'sessions' },
  templates: { short: 't', value: 'dir', help: 'Session templates.', to: 'templates' },
  extauth: { value: 'url', help: 'External login server.', to: 'extauth' },
  'report-url': { value: 'url', help: 'Abuse report server.', to: 'report-url' },
  'crypt-key': { value: 'key', help: 'Key for exported session bans.', to: 'crypt-key' },
  'generate-crypt-key': { help: 'Print a new key for --crypt-key.' },
  'random-lag': { value: 'ms', help: 'Artificial delays; not available in dp.', isIgnored: true, note: 'is not available here: nothing is delayed' },
};

/** What to do: start `dp serve` or `dp gui` with these arguments, or print a text and end. */
export type Translation =
  | { serve: string[]; warnings: string[] }
  | { gui: string[]; warnings: string[] }
  | { text: string; exit: number; isError: boolean };

interface Parsed {
  values: Map<string, string>;
  problem: string | undefined;
}

/**
 * @param argv arguments behind the program's name
 * @param program version of dp, for --version
 */
export function translate(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  program: string,
): Translation {
  const { values, problem } = parse(argv);
  if (problem !== undefined) return end(`drawpile-srv: ${problem}`, 1);
  if (values.has('help') || values.has('help-all')) return end(helpText(), 0);
  if (values.has('version')) {
    return end(
      // The first two lines as the original has them: scripts take the second word for its version.
      `drawpile-srv ${originalVersion}\nProtocol version: ${protocolVersion}\ndp version: ${program}\nNode.js version: ${process.version}`,
      0,
    );
  }
  if (values.has('remote') || values.has('gui')) return gui(values);
  if (argv.length === 0 && wouldBeGraphical(environment)) return gui(values);
  if (values.has('generate-crypt-key')) return end(randomBytes(32).toString('base64'), 0);
  return serve(values, argv.length === 0);
}

/** Of the options only those that name a server mean something to a window on it. */
const ofTheApp: Readonly<Record<string, string>> = {
  remote: 'remote',
  database: 'database',
  config: 'config',
  'web-admin-auth': 'auth',
};

function gui(values: ReadonlyMap<string, string>): Translation {
  const args: string[] = [];
  const warnings: string[] = [];
  for (const [name, value] of values) {
    const flag = ofTheApp[name];
    const isElsewhere = values.has('remote') && (name === 'database' || name === 'config');
    if (flag !== undefined && !isElsewhere) args.push(`--${flag}=${value}`);
    else if (name !== 'gui' && name !== 'no-gui') warnings.push(`--${name} has no effect in graphical mode`);
  }
  return { gui: args, warnings };
}

function serve(values: Map<string, string>, isBare: boolean): Translation {
  const warnings: string[] = [];
  const args: string[] = [];
  const given = new Map(values);

  for (const [name, other] of [
    ['ssl-cert', 'ssl-key'],
    ['ssl-key', 'ssl-cert'],
  ] as const) {
    if (given.has(name) && !given.has(other) && !given.has('secure')) {
      given.delete(name);
      warnings.push(
        `--${name} without --${other}: connections are NOT encrypted, as with drawpile-srv; add --${other}`,
      );
    }
  }
  const adminPort = given.get('web-admin-port');
  if (adminPort !== undefined && !/^\d+$/.test(adminPort)) {
    given.delete('web-admin-port');
    warnings.push(`--web-admin-port ${adminPort} is no port: the admin API is off, as with drawpile-srv`);
  }
  if (given.get('web-admin-auth') === '') given.delete('web-admin-auth');

  for (const [name, value] of given) {
    const row = originalOptions[name];
    if (row === undefined) continue;
    if (row.choices && !row.choices.includes(value.toLowerCase())) {
      return end(`drawpile-srv: Invalid value '${value}' for --${name}: one of ${row.choices.join(', ')}`, 1);
    }
    if (row.note !== undefined) warnings.push(`--${name} ${row.note}`);
    if (row.to === undefined) continue;
    args.push(row.value === undefined ? `--${row.to}` : `--${row.to}=${value}`);
  }
  // The originals keep in memory what has no place; `dp serve` would keep it in its data folder.
  if (!given.has('database') && !given.has('config') && !given.has('sessions')) {
    args.push('--ephemeral');
    warnings.push(
      isBare
        ? "started without arguments: no data is kept when the server stops; use 'dp serve' to keep it"
        : "neither --database, --config nor --sessions: no data is kept, as with drawpile-srv; use 'dp serve' to keep it",
    );
  }
  return { serve: args, warnings };
}

/** The dialect of the original's command line (cli.md §1). */
function parse(argv: readonly string[]): Parsed {
  const values = new Map<string, string>();
  const shorts = new Map(
    Object.entries(originalOptions).flatMap(([name, { short }]) => (short ? [[short, name]] : [])),
  );
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') break;
    // Positional arguments are accepted and ignored.
    if (!word.startsWith('-') || word === '-') continue;
    const isLong = word.startsWith('--');
    const [, longName = '', longValue] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const name = isLong ? longName : shorts.get(word.charAt(1));
    const row =
      name === undefined || !Object.hasOwn(originalOptions, name) ? undefined : originalOptions[name];
    if (name === undefined || row === undefined) {
      return { values, problem: `Unknown option '${isLong ? longName : word[1]}'.` };
    }
    if (row.value === undefined) {
      if (longValue !== undefined) return { values, problem: `Unexpected value after '--${name}'.` };
      values.set(name, '');
      // -hv is -h -v
      if (!isLong && word.length > 2) rest.unshift(`-${word.slice(2)}`);
      continue;
    }
    const attached = isLong ? longValue : word.length > 2 ? word.slice(2).replace(/^=/, '') : undefined;
    const value = attached ?? rest.shift();
    if (value === undefined)
      return { values, problem: `Missing value after '${isLong ? `--${name}` : word}'.` };
    // Delete first: the last one counts, also in order.
    values.delete(name);
    values.set(name, value);
  }
  return { values, problem: undefined };
}

/** 2.3's rule; with sockets or a service manager behind it nobody wants a window. */
function wouldBeGraphical(environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment.LISTEN_FDS || environment.NOTIFY_SOCKET || environment.INVOCATION_ID) return false;
  return [environment.DISPLAY, environment.WAYLAND_DISPLAY].some(
    (display) => display !== undefined && !['', 'false', 'no'].includes(display.toLowerCase()),
  );
}

function end(text: string, exit: number): Translation {
  return { text, exit, isError: exit !== 0 };
}

function helpText(): string {
  const rows = Object.entries(originalOptions).map(([name, { short, value, help }]) => {
    const names = [...(short ? [`-${short}`] : []), `--${name}`].join(', ');
    return [`  ${names}${value === undefined ? '' : ` <${value}>`}`, help] as const;
  });
  const width = Math.max(...rows.map(([names]) => names.length)) + 2;
  const options = rows.map(([names, help]) => `${names.padEnd(width)}${help}`).join('\n');
  return `Usage: drawpile-srv [options]
Standalone server for Drawpile

This is dp, which accepts the options of drawpile-srv. The command of dp is 'dp serve'.

Options:
${options}`;
}
