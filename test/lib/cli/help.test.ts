// The help of every command, as a terminal shows it.
import { type Command, Config } from '@oclif/core';
import test from 'ava';
import DpHelp from '../../../src/lib/cli/help.js';

class ShownHelp extends DpHelp {
  textOf(command: Command.Loadable): string {
    return this.formatCommand(command);
  }
}

test('every help has values, defaults and variables in one form, and has no empty part', async (t) => {
  const config = await Config.load(process.cwd());
  const help = new ShownHelp(config, { stripAnsi: true });
  const texts = config.commands
    .filter(({ hidden }) => hidden !== true)
    .map((command): [string, string, string] => [command.id, command.summary ?? '', help.textOf(command)]);
  t.true(texts.length > 60, String(texts.length));
  for (const [id, text] of texts) {
    t.notRegex(text, /<(?:option|value|options:)/, id);
    t.notRegex(text, /^ +\S+ +\[(?:default|env)/m, id);
    t.notRegex(text, /^[A-Z ]+\n\s*(?:[A-Z ]+$|$(?![\s\S]))/m, id);
  }
});

for (const [what, id, shown] of [
  ['a choice', 'rec:render', /--acl=none\|client\|playback /],
  ['a default behind the text', 'top', /Seconds between refreshes \[default: 2\]/],
  ['a default that the text has already', 'backup:restore', /\[default: the data folder of dp\s+serve\]\n/],
  ['a variable', 'status', /SQLite database of the server \[env:\s+DP_DATABASE\]/],
  ['the default of an argument', 'rec:convert', /- for standard output \[default: -\]/],
  ['the words that an argument can be', 'completion', /SHELL {2}Shell \(bash\|fish\|zsh\)/],
  ['one argument of which there may be many', 'session:message', /^ {2}SESSION {2}.*\n {2}TEXT\.\.\. /m],
  [
    'lines of a paragraph joined',
    'rec:convert',
    /from its name\s+\(\.dprec, \.dptxt, with \.gz or z at the end/,
  ],
] as const) {
  test(`help shows ${what}`, async (t) => {
    const config = await Config.load(process.cwd());
    const text = new ShownHelp(config, { stripAnsi: true }).textOf(config.findCommand(id, { must: true }));
    t.regex(text, shown);
  });
}
