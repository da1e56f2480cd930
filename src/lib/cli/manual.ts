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
  withoutDot,
  wrap,
} from './mdoc.js';

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
  failed: 'Failed: a file, the disk or the network did not do its part.',
  usage: 'The command line cannot be understood.',
  unreachable: 'The server cannot be reached.',
  notFound: 'What was named does not exist.',
  refused: 'Understood, but not allowed or not possible.',
  conflict: 'In conflict with what is there already.',
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
      'is a server for drawing sessions and a set of tools for whoever runs one. Each command has a page of its own, and "dp COMMAND --help" tells the same in short. Settings are described in',
    ),
    `.${reference('dp.conf', 5)} .`,
    ...text(
      'Commands work on the same data as the server, whether it runs or not, and a running server takes a change up within a second.',
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
    ...variable('DP_DATABASE , DP_CONFIG', 'Used where --database or --config are not given.'),
    ...variable('DP_DATA', 'The folder in which dp keeps its data.'),
    ...variable('DP_DEBUG', 'Set to 1, errors show where in the program they come from.'),
    ...variable('NO_COLOR', 'Set to anything, nothing is coloured.'),
    ...variable('VISUAL , EDITOR', 'The program with which "dp config edit" edits.'),
    ...variable('XDG_DATA_HOME', 'The folder of which ours is a part; ~/.local/share unless it is set.'),
    '.El',
    '.Sh FILES',
    '.Bl -tag -width Ds',
    '.It Pa ~/.local/share/dp/dp.db',
    ...text('The database of a server that was told nothing else, started by a person.'),
    '.It Pa /var/lib/dp/dp.db',
    ...text('The same, started by root or a system user.'),
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
    ...text(command.summary ?? ''),
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
  const value = flag.type === 'option' ? ` Ar ${roff(valueName(flag))}` : '';
  return `.${short}Fl -${flag.name}${value}${no}`;
}

function valueName(flag: FlagFacts & { type: 'option' }): string {
  const given = Array.isArray(flag.helpValue) ? flag.helpValue[0] : flag.helpValue;
  return given ?? (flag.options === undefined ? 'VALUE' : flag.options.join('|'));
}

function option(flag: FlagFacts): string[] {
  const facts: string[] = [];
  if (flag.type === 'option' && flag.multiple === true) facts.push('May be given several times.');
  if (flag.type === 'option' && flag.default !== undefined)
    facts.push(`The default is ${String(flag.default)}.`);
  if (flag.env !== undefined) facts.push(`Also ${flag.env} in the environment.`);
  return [
    `.It ${flagMacro(flag).slice(1)}`,
    ...text([flag.summary ?? flag.description ?? '', ...facts].join(' ')),
  ];
}

export function argument(arg: ArgFacts): string[] {
  return [`.It Ar ${arg.name}`, ...text(arg.description ?? '')];
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
      'The settings of a server stand in a database (--database) or in a text file of any name (--config). They can be changed while the server runs, with "dp config set" or by hand, and hold within a second.',
    ),
    '.Ss The settings file',
    ...text(
      'Lines are in UTF-8. Empty lines and lines that begin with "#" mean nothing; there are no comments behind a value, no quotes and no escapes. A line in brackets begins a section; what stands before the first one belongs to [config]:',
    ),
    '.Bl -tag -width Ds',
    ...section('[config]', 'NAME = VALUE, the settings below.'),
    ...section('[users]', 'NAME:PASSWORD:FLAGS, the accounts; best written by "dp user".'),
    ...section('[ipbans]', 'ADDRESS or ADDRESS/BITS.'),
    ...section('[systembans]', 'The system id of a client, or ID:REACTION.'),
    ...section('[userbans]', 'The number of an account at the login server, or NUMBER:REACTION.'),
    ...section('[announcewhitelist]', 'Addresses of list servers.'),
    '.El',
    '.Pp',
    ...text(
      'A mistake is told in the log of the server with its line, and "dp config check FILE" tells all of them.',
    ),
    '.Ss Values',
    '.Bl -tag -width Ds',
    ...section('flag', 'true or 1; everything else means false.'),
    ...section('count', 'A whole number.'),
    ...section('duration', 'A number with d, h, m or s behind it, seconds without: 90s, 30m, 1.5d.'),
    ...section('size', 'A number with b, kb, mb or gb behind it, of 1024 each: 500kb, 15mb, 1.5gb.'),
    ...section('line', 'Any text, on one line.'),
    ...section('choice', 'None, one or several of the words that the setting knows.'),
    '.El',
    '.Ss Settings',
    '.Bl -tag -width Ds',
    ...names.flatMap(settingEntry),
    '.El',
    '.Sh ENVIRONMENT',
    ...text(
      'A variable wins over what is stored, and a flag of the server over both. The variable of a setting is its name in capitals with DP_ before it:',
    ),
    `.Ev ${settingVariable('sessionCountLimit')}`,
    'is sessionCountLimit.',
    '.Sh FILES',
    ...text(
      'Databases and settings files are those of drawpile-srv 2.1 and 2.3, and can be used by either in turn. A settings file or database that is in use by another server at the same time is not noticed when that server is drawpile-srv.',
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
    ...(row.needs === undefined ? [] : [`It needs ${needTexts[row.needs]}.`]),
    ...(row.isSecret ? ['It is not shown in lists.'] : []),
    ...(row.aliases.length === 0 ? [] : [`Also read as ${row.aliases.join(', ')}.`]),
    row.since === 'dp' ? 'Known to dp only.' : `Known to drawpile-srv ${sinceText(row)}.`,
  ];
  return [`.It ${name} Pq ${row.kind.name}`, ...text(facts.join(' '))];
}

const needTexts = {
  'local-host': '--local-host',
  websocket: '--websocket-port',
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
      `Clients and servers exchange messages over TCP (port 27750), TLS or WebSocket. The version of the protocol is written NAMESPACE:SERVER.MAJOR.MINOR; the newest that dp speaks is ${currentProtocol}. A server takes every client with its SERVER number; who draws together must have the same NAMESPACE, SERVER and MAJOR.`,
    ),
    '.Ss Messages',
    ...text(
      'On a TCP connection a message is a two-byte length of its payload (most significant byte first), one byte of type, one byte of context id, and the payload. Over WebSocket each binary message carries one of them without the length. The context id is the user who sent it, 0 for the server.',
    ),
    '.Bl -tag -width Ds',
    ...section('0 to 31', 'Control: the server acts on them, and they are not kept.'),
    ...section(
      '32 to 63',
      'Of the server, kept in the history of a session and not drawn: who is there, who may do what.',
    ),
    ...section('64 to 127', 'Of clients among themselves, kept, not drawn.'),
    ...section('128 to 255', 'Drawing: kept, opaque to the server.'),
    '.El',
    '.Ss Logging in',
    ...text(
      'Message 0 carries JSON. The server greets with its flags and, once the client has said which version it speaks and who it is, lists the sessions. Where the server has a certificate the client begins with STARTTLS. A client then hosts a session or joins one, and receives its history from the start; from then on everything is a message to everyone.',
    ),
    '.Ss Recordings',
    ...text(
      'A .dprec file is a header in JSON and messages as on TCP; .dptxt is the same as lines of text. Both begin with the version of the protocol.',
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
