// docs/reference/json.md: what each command prints with --json, from what its class declares.

import type { AdminCommand } from './admin-command.js';
import { markdownTable } from './markdown.js';
import { operationLink, shapeText } from './operations-page.js';

/** What classes of commands say about their JSON, by the words that are typed. */
export type JsonCommands = ReadonlyMap<string, Pick<typeof AdminCommand, 'answers' | 'ownAnswers'>>;

/** The page as `npm run man` writes it. */
export function jsonPage(commands: JsonCommands): string {
  const sorted = [...commands].sort(([a], [b]) => (a < b ? -1 : 1));
  const own = sorted.flatMap(([name, { ownAnswers }]) =>
    Object.entries(ownAnswers).map(([when, answer]) => ({ name, when, ...answer })),
  );
  return `${[
    '# JSON of the commands',
    '',
    '<!-- Written by "npm run man" from the commands. -->',
    '',
    'What commands for administrators print with `--json`. Most print the output of an [operation](operations.md) as it is; where',
    'there are several, it depends on the flags. Errors are `{ "error": … }` with `code`, `kind`, `message`, `exit` and, where they',
    'have one, `reason` and `hint` ([errors](errors.md)). A `?` marks what may be left out.',
    '',
    ...markdownTable([
      ['command', 'prints'],
      ...sorted.map(([name, declared]) => [`dp ${name}`, printed(name, declared)]),
    ]),
    ...own.flatMap(({ name, when, shape, isLines = false }) => [
      '',
      `## ${titleOf(name, when)}`,
      '',
      ...(isLines ? ['One object per line, as they come.', ''] : []),
      '```text',
      shapeText(shape),
      '```',
    ]),
  ].join('\n')}\n`;
}

function printed(
  name: string,
  { answers, ownAnswers }: Pick<typeof AdminCommand, 'answers' | 'ownAnswers'>,
): string {
  const operations = Array.isArray(answers)
    ? answers.map(operationLink)
    : Object.entries(answers).map(([key, operation]) => `\`${key}\`: ${operationLink(operation)}`);
  const own = Object.keys(ownAnswers).map((when) => {
    const title = titleOf(name, when);
    return `[${title}](#${title.replaceAll(' ', '-').replaceAll(/[^\w-]/g, '')})`;
  });
  return [...operations, ...own].join(Array.isArray(answers) ? ' or ' : ', ');
}

/** `when`: the flag with which the command prints this; '': always. */
function titleOf(name: string, when: string): string {
  return when === '' ? `dp ${name}` : `dp ${name} ${when}`;
}
