// docs/reference/errors.md, made of the catalogue of errors and the table of log-in refusals.

import { errorAreas } from '../core/errors/catalogue.js';
import { messageErrors } from '../core/errors/messages.js';
import { type ReasonRow, reasonAreas } from '../core/errors/reasons.js';
import { type ErrorRow, errorKinds, exitStatus } from '../core/errors/rows.js';
import { loginCodes, loginRefusals } from '../core/login/refusals.js';
import { markdownTable } from './markdown.js';

/** The page as `npm run man` writes it. */
export function errorsPage(): string {
  return `${[
    '# Errors',
    '',
    '<!-- Written by "npm run man" from src/lib/core/errors/. -->',
    '',
    'Every error has a code that stays the same when its words change. Commands print it with `--verbose`; with `--json`, and',
    'in answers of the admin API under `/api/dp/1/`, it is always there, as `code` beside `kind`, `message` and `hint`. Words in',
    'braces stand for values. What stands for `{reason}` or `{problem}` has a code as well, `reason` in JSON, unless it is what',
    'another program said: [reasons](#reasons).',
    '',
    '## Kinds',
    '',
    'The kind decides the HTTP and the exit status, unless the error says otherwise.',
    '',
    ...markdownTable([
      ['kind', 'meaning', 'HTTP', 'exit'],
      ...Object.entries(errorKinds).map(([kind, { http, exit, meaning }]) => [
        kind,
        meaning,
        `${http}`,
        `${exitStatus[exit]}`,
      ]),
    ]),
    ...Object.values(errorAreas).flatMap(({ title, rows }) => [
      '',
      `## ${title}`,
      ...Object.entries(rows as Record<string, ErrorRow>).flatMap(([code, row]) => ['', ...entry(code, row)]),
    ]),
    '',
    '## Reasons',
    ...Object.values(reasonAreas).flatMap(({ title, rows }) => [
      '',
      `### ${title}`,
      '',
      ...markdownTable([
        ['code', 'text', 'what to do'],
        ...Object.entries(rows as Record<string, ReasonRow>).map(([code, { text, hint }]) => [
          code,
          text,
          hint ?? '',
        ]),
      ]),
    ]),
    '',
    '## Messages that cannot be read',
    '',
    'What is wrong with the bytes of a message, as `dp rec` names it. The message is left out, and the rest is read.',
    '',
    ...markdownTable([['code', 'text'], ...Object.entries(messageErrors)]),
    '',
    '## What clients receive at login',
    '',
    'Clients get a code and a text (docs/spec/login.md §14). Recent ones translate some codes, others show the text.',
    '',
    ...markdownTable([
      ['code', 'since', 'answers', 'text'],
      ...Object.values(loginRefusals).map(({ code, text }) => [
        code,
        loginCodes[code].since,
        loginCodes[code].step,
        text,
      ]),
    ]),
  ].join('\n')}\n`;
}

function entry(code: string, row: ErrorRow): string[] {
  const { kind, text, hint, near, http, exit } = row;
  const facts = [
    kind,
    http === undefined ? '' : `HTTP ${http}`,
    exit === undefined ? '' : `exit ${exitStatus[exit]}`,
  ].filter(Boolean);
  return [
    `### ${code}`,
    '',
    `${facts.join(', ')}`,
    '',
    '```text',
    text,
    ...[near, hint].filter((each) => each !== undefined).map((each) => `    ${each}`),
    '```',
  ];
}
