// The manual as man pages (mdoc), made from the command classes and the tables: `npm run man` writes them.
// What a page says of a command, setting or exit status stands in their code and nowhere else.

import type { Command } from '@oclif/core';
import { type ExitName, exitStatus } from '../core/errors.js';
import { currentProtocol } from '../core/protocol/version.js';
import { settingVariable } from '../core/settings/layers.js';
import { type SettingName, type SettingRow, settingNames, settingRow } from '../core/settings/settings.js';
import {
  argumentOf,
  crossReferences,
  lowerFirst,
  page,
  reference,
  roff,
  section,
  text,
  variable,
  withDot,
  withoutDot,
  wrap,
} from './mdoc.js';
import { placeholderOf } from './usage.js';

export type CommandFacts = Pick<
  Command.Loadable,
  'id' | 'summary' | 'description' | 'args' | 'flags' | 'examples' | 'hidden' | 'strict' | 'usage'
>;

/** File names in `man/` and what is in them. */
export function manualPages(commands: readonly CommandFacts[]): Map<string, string> {
  const shown = commands.filter(({ hidden }) => hidden !== true).sort((a, b) => (a.id < b.id ? -1 : 1));
  return new Map([
    ['dp.1', mainPage(shown)],
    ...shown.map((command) => [`${pageName(command)}.1`, commandPage(command, shown)] as const),
    ['dp.conf.5', settingsPage()],
    ['dp-protocol.7', protocolPage()],
  ]);
}

const exitTexts: Record<ExitName, string> = {
  done: 'Done.',
  failed: 'Failed because of a file, the disk or the network.',
  usage: 'The command line is invalid.',
  unreachable: 'The server cannot be reached.',
  notFound: 'The named object does not exist.',
  refused: 'Valid, but not allowed or not possible.',
  conflict: 'In conflict with existing data.',
  problems: 'A check found problems.',
};

function mainPage(commands: readonly CommandFacts[]): string {
  return page('DP', 1, [
    '.Sh NAME',
    '.Nm dp',
    '.Nd server and tools for drawing together with Drawpile clients',
    '.Sh SYNOPSIS',
    '.Nm',
    '.Ar command',
    '.Op Ar argument ...',
    '.Nm',
    '.Fl -version',
    '.Sh DESCRIPTION',
    '.Nm',
    ...text(
      'is a server for drawing sessions and a set of tools to administer it. Each command has its own page; "dp COMMAND --help" prints a summary. Settings are described in',
    ),
    `.${reference('dp.conf', 5)} .`,
    ...text(
      'Commands work on the data of the server, running or not. A running server applies changes within a second.',
    ),
    '.Ss Commands',
    '.Bl -tag -width Ds',
    ...commands.flatMap((command) => [
      `.It ${reference(pageName(command), 1)}`,
      ...text(command.summary ?? ''),
    ]),
    '.El',
    '.Sh ENVIRONMENT',
    '.Bl -tag -width Ds',
    ...variable('DP_DATABASE , DP_CONFIG', 'Defaults of --database and --config.'),
    ...variable('DP_DATA', 'Data folder.'),
    ...variable('DP_DEBUG', 'If 1, print stack traces of errors.'),
    ...variable('NO_COLOR', 'If set, print without colours.'),
    ...variable('VISUAL , EDITOR', 'Editor for "dp config edit".'),
    ...variable('XDG_DATA_HOME', 'Parent of the default data folder; ~/.local/share if not set.'),
    '.El',
    '.Sh FILES',
    '.Bl -tag -width Ds',
    '.It Pa ~/.local/share/dp/dp.db',
    ...text('Default database of a server that a person started.'),
    '.It Pa /var/lib/dp/dp.db',
    ...text('Default database of a server that root or a system user started.'),
    '.El',
    '.Sh EXIT STATUS',
    '.Bl -tag -width Ds',
    ...(Object.entries(exitStatus) as [ExitName, number][]).flatMap(([name, status]) => [
      `.It ${status}`,
      ...text(exitTexts[name]),
    ]),
    '.El',
    '.Sh SEE ALSO',
    ...crossReferences([
      ['dp.conf', 5],
      ['dp-protocol', 7],
    ]),
  ]);
}

function commandPage(command: CommandFacts, all: readonly CommandFacts[]): string {
  const name = pageName(command);
  const flags = Object.values(command.flags)
    .filter(({ hidden }) => hidden !== true)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const args = Object.values(command.args).filter(({ hidden }) => hidden !== true);
  const topic = command.id.split(':')[0];
  const related = all.filter(({ id }) => id !== command.id && id.split(':')[0] === topic).map(pageName);
  return page(name.toUpperCase(), 1, [
    '.Sh NAME',
    `.Nm ${name}`,
    `.Nd ${roff(withoutDot(lowerFirst(command.summary ?? '')))}`,
    '.Sh SYNOPSIS',
    ...synopsis(command, args, flags),
    '.Sh DESCRIPTION',
    ...text(withDot(command.summary ?? '')),
    ...text(command.description ?? ''),
    ...(args.length === 0
      ? []
      : ['.Pp', 'Arguments:', '.Bl -tag -width Ds', ...args.flatMap(argument), '.El']),
    ...(flags.length === 0 ? [] : ['.Pp', 'Options:', '.Bl -tag -width Ds', ...flags.flatMap(option), '.El']),
    '.Sh EXIT STATUS',
    ...text('The exit statuses are those of'),
    `.${reference('dp', 1)} .`,
    ...examples(command),
    '.Sh SEE ALSO',
    ...crossReferences([['dp', 1], ...related.map((other) => [other, 1] as const), ['dp.conf', 5]]),
  ]);
}

type FlagFacts = CommandFacts['flags'][string];
type ArgFacts = CommandFacts['args'][string];

function synopsis(command: CommandFacts, args: readonly ArgFacts[], flags: readonly FlagFacts[]): string[] {
  const words = command.id.replaceAll(':', ' ');
  const required = flags.filter((flag) => flag.required === true);
  const head = [
    `.Nm dp ${words}`,
    ...(flags.length > required.length ? ['.Op Ar options'] : []),
    ...required.map((flag) => flagMacro(flag)),
  ];
  if (command.usage !== undefined) {
    return [command.usage]
      .flat()
      .flatMap((usage) => [...head, ...wrap(roff(fill(usage, command).replace(words, '').trim()))]);
  }
  return [
    ...head,
    ...args.map((arg) => {
      const many = command.strict === false ? ' ...' : '';
      return arg.required === true ? `.Ar ${arg.name}${many}` : `.Op Ar ${arg.name}${many}`;
    }),
  ];
}

function flagMacro(flag: FlagFacts): string {
  const short = flag.char === undefined ? '' : `Fl ${flag.char} , `;
  const no = flag.type === 'boolean' && flag.allowNo === true ? ` , Fl -no-${flag.name}` : '';
  const value = flag.type === 'option' ? ` Ar ${roff(placeholderOf(flag))}` : '';
  return `.${short}Fl -${flag.name}${value}${no}`;
}

function option(flag: FlagFacts): string[] {
  const facts: string[] = [];
  if (flag.type === 'option' && flag.multiple === true) facts.push('May be given several times.');
  if (flag.type === 'option' && flag.default !== undefined)
    facts.push(`The default is ${String(flag.default)}.`);
  if (flag.env !== undefined) facts.push(`Also ${flag.env} in the environment.`);
  return [
    `.It ${flagMacro(flag).slice(1)}`,
    ...text([withDot(flag.summary ?? flag.description ?? ''), ...facts].join(' ')),
  ];
}

export function argument(arg: ArgFacts): string[] {
  return [`.It Ar ${arg.name}`, ...text(withDot(arg.description ?? ''))];
}

function examples(command: CommandFacts): string[] {
  const list = command.examples;
  if (!Array.isArray(list) || list.length === 0) return [];
  const lines = list.flatMap((example) => {
    const { command: typed, description } =
      typeof example === 'string' ? { command: example, description: undefined } : example;
    return [
      ...(description === undefined ? ['.Pp'] : ['.Pp', ...text(`${description}:`)]),
      `.Dl ${argumentOf(fill(typed, command))}`,
    ];
  });
  // a paragraph right after the heading is one too many
  return ['.Sh EXAMPLES', ...(lines[0] === '.Pp' ? lines.slice(1) : lines)];
}

/** oclif's templates in examples. */
function fill(template: string, { id }: CommandFacts): string {
  return template
    .replaceAll('<%= config.bin %>', 'dp')
    .replaceAll('<%= command.id %>', id.replaceAll(':', ' '));
}

function settingsPage(): string {
  const names = settingNames.filter((name) => !settingRow(name).isInternal);
  return page('DP.CONF', 5, [
    '.Sh NAME',
    '.Nm dp.conf',
    '.Nd settings of a dp server',
    '.Sh DESCRIPTION',
    ...text(
      'The settings of a server are stored in a database (--database) or in a text file (--config). They can be changed while the server runs, with "dp config set" or in the file, and take effect within a second.',
    ),
    '.Ss The settings file',
    ...text(
      'The file is encoded in UTF-8. Empty lines and lines that begin with "#" are ignored; comments after a value, quotes and escapes are not supported. A line in brackets begins a section; lines before the first section belong to [config]:',
    ),
    '.Bl -tag -width Ds',
    ...section('[config]', 'NAME = VALUE, the settings below.'),
    ...section('[users]', 'NAME:PASSWORD:FLAGS, the accounts; normally written by "dp user".'),
    ...section('[ipbans]', 'ADDRESS or ADDRESS/BITS.'),
    ...section('[systembans]', 'The system id of a client, or ID:REACTION.'),
    ...section('[userbans]', 'The number of an account at the login server, or NUMBER:REACTION.'),
    ...section('[announcewhitelist]', 'Addresses of list servers.'),
    '.El',
    '.Pp',
    ...text('The server logs mistakes with their line; "dp config check FILE" lists all of them.'),
    '.Ss Values',
    '.Bl -tag -width Ds',
    ...section('flag', 'true or 1; any other value means false.'),
    ...section('count', 'An integer.'),
    ...section('duration', 'A number followed by d, h, m or s (default: seconds): 90s, 30m, 1.5d.'),
    ...section('size', 'A number followed by b, kb, mb or gb, in powers of 1024: 500kb, 15mb, 1.5gb.'),
    ...section('line', 'Any text, on one line.'),
    ...section('choice', 'None, one or several of the words that the setting accepts.'),
    '.El',
    '.Ss Settings',
    '.Bl -tag -width Ds',
    ...names.flatMap(settingEntry),
    '.El',
    '.Sh ENVIRONMENT',
    ...text(
      'An environment variable overrides the stored value, and a flag of the server overrides both. The variable of a setting is its name in capitals, prefixed with DP_. For example,',
    ),
    `.Ev ${settingVariable('sessionCountLimit')}`,
    'sets sessionCountLimit.',
    '.Sh FILES',
    ...text(
      'Databases and settings files have the format of drawpile-srv 2.1 and 2.3, and both programs can use them in turn. If drawpile-srv uses the same file at the same time, dp does not detect it.',
    ),
    '.Sh EXAMPLES',
    '.Bd -literal -offset indent',
    '[config]',
    'serverTitle = Ink and friends',
    'sessionCountLimit = 10',
    'idleTimeLimit = 3d',
    'allowGuestHosts = false',
    '',
    '[users]',
    'alice:plain;correct horse:MOD,HOST',
    '',
    '[ipbans]',
    '192.0.2.0/24',
    '.Ed',
    '.Sh SEE ALSO',
    ...crossReferences([
      ['dp', 1],
      ['dp-config-check', 1],
      ['dp-config-list', 1],
      ['dp-config-set', 1],
    ]),
  ]);
}

function settingEntry(name: SettingName): string[] {
  const row: SettingRow<boolean | number | string> = settingRow(name);
  const facts = [
    row.help,
    row.default === '' ? 'Empty by default.' : `The default is ${row.default}.`,
    ...(row.range === undefined
      ? []
      : [`At least ${row.kind.format(row.range[0])} and at most ${row.kind.format(row.range[1])}.`]),
    ...(row.needs === undefined ? [] : [`Requires ${needTexts[row.needs]}.`]),
    ...(row.isSecret ? ['Not shown in lists.'] : []),
    ...(row.aliases.length === 0 ? [] : [`Also read as ${row.aliases.join(', ')}.`]),
    row.since === 'dp' ? 'Known to dp only.' : `Known to drawpile-srv ${sinceText(row)}.`,
  ];
  return [`.It ${name} Pq ${row.kind.name}`, ...text(facts.join(' '))];
}

const needTexts = {
  'local-host': '--local-host',
  websocket: '--web-port or --websocket-port',
  extauth: '--extauth',
  'report-url': '--report-url',
} as const;

function sinceText({ since, until }: SettingRow<unknown>): string {
  return until === undefined ? `since ${since}` : `from ${since} to ${until}`;
}

function protocolPage(): string {
  return page('DP-PROTOCOL', 7, [
    '.Sh NAME',
    '.Nm dp-protocol',
    '.Nd the Drawpile protocol as dp speaks it',
    '.Sh DESCRIPTION',
    ...text(
      `Clients and servers exchange messages over TCP (port 27750), TLS or WebSocket. The version of the protocol is written NAMESPACE:SERVER.MAJOR.MINOR; the newest that dp speaks is ${currentProtocol}. A server accepts every client with its SERVER number; users who draw together must have the same NAMESPACE, SERVER and MAJOR.`,
    ),
    '.Ss Messages',
    ...text(
      'On a TCP connection, a message consists of the two-byte length of its payload (most significant byte first), a one-byte type, a one-byte context id, and the payload. Over WebSocket, each binary message carries one message without the length. The context id is the user who sent it, or 0 for the server.',
    ),
    '.Bl -tag -width Ds',
    ...section('0 to 31', 'Control messages, processed by the server and not stored.'),
    ...section(
      '32 to 63',
      'Server messages, stored in the history of a session and not drawn: users and permissions.',
    ),
    ...section('64 to 127', 'Messages between clients, stored and not drawn.'),
    ...section('128 to 255', 'Drawing messages, stored and opaque to the server.'),
    '.El',
    '.Ss Logging in',
    ...text(
      'Message 0 carries JSON. The server sends a greeting with its flags and, after the client has sent its version and identified the user, the list of sessions. If the server has a certificate, the client starts TLS first (STARTTLS). The client then hosts or joins a session and receives its history from the start, followed by all new messages.',
    ),
    '.Ss Recordings',
    ...text(
      'A .dprec file contains a JSON header and messages as sent over TCP; a .dptxt file contains the same as lines of text. Both start with the protocol version.',
    ),
    '.Sh SEE ALSO',
    ...crossReferences([
      ['dp', 1],
      ['dp.conf', 5],
    ]),
  ]);
}

function pageName({ id }: Pick<CommandFacts, 'id'>): string {
  return `dp-${id.replaceAll(':', '-')}`;
}
