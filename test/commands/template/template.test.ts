// dp template validate and new.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import TemplateNew from '../../../src/commands/template/new.js';
import TemplateValidate, { type Validated } from '../../../src/commands/template/validate.js';
import { readTemplate } from '../../../src/lib/core/recording/template.js';
import { runCommand } from '../../helpers/run-command.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const vectors = 'test/vectors/formats';

test("the manual's example is good", async (t) => {
  const { stdout, status } = await runCommand(TemplateValidate, [
    `${vectors}/v21/template/seed-example-rejected.dptxt`,
  ]);
  t.is(status, 0);
  t.regex(stdout, /valid, dp:4\.21\.2, 4 messages/);
});

test('problems of several files are told with line and column, status 7', async (t) => {
  const good = `${vectors}/v21/template/withver.dptxt`;
  const wrong = `${vectors}/v23/template/full.dptxt`;
  const letter = join(tempFolder(t), 'letter.dptxt');
  writeFileSync(letter, 'Dear server\n');
  const ran = await runCommand(TemplateValidate, [good, wrong, letter]);
  t.is(ran.status, 7);
  t.regex(ran.stdout, /withver\.dptxt: valid/);
  t.regex(ran.stdout, /full\.dptxt: line 23, column 3: error/);
  t.regex(ran.stdout, /letter\.dptxt: error: not a Drawpile recording/);
  const json = (await runCommand(TemplateValidate, [good, wrong, letter, '--json'])).json<Validated[]>();
  t.deepEqual(
    json.map(({ isUsable, problems }) => [isUsable, problems.length]),
    [
      [true, 0],
      [true, 1],
      [false, 0],
    ],
  );
  t.false(JSON.stringify(json).includes('plainpw'), 'passwords are not shown');
});

test('a new template is valid and says what was asked for', async (t) => {
  const where = tempFolder(t);
  for (const protocol of ['4.21', '4.24', '4.25']) {
    for (const extension of ['dptxt', 'dprec']) {
      const file = join(where, `${protocol.replace('.', '-')}.${extension}`);
      const made = await runCommand(TemplateNew, [
        file,
        ...['--size', '640x480', '--layer', 'Paper', '--layer', 'Ink and more', '--title', 'My room'],
        ...['--max-users', '7', '--nsfm', '--password', 'secret', '--protocol', protocol],
      ]);
      t.is(made.status, 0, made.stderr);
      t.is((await runCommand(TemplateValidate, [file])).status, 0);
      const { settings } = readTemplate(readFileSync(file));
      t.like(settings, {
        title: 'My room',
        maxUsers: 7,
        nsfm: true,
        password: 'plain;secret',
        persistent: false,
      });
    }
  }
});

test('wrong options are reported', async (t) => {
  for (const [options, answer] of [
    [['--size', 'big'], /expected WIDTHxHEIGHT/],
    [['--size', '0x5'], /1 to 32767 pixels/],
    [['--background', 'blue-ish'], /expected a colour/],
  ] as const) {
    const ran = await runCommand(TemplateNew, ['-', ...options]);
    t.is(ran.status, 2);
    t.regex(ran.stderr, answer);
  }
});
