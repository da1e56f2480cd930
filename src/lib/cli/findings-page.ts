// docs/reference/findings.md, made of the table of what dp doctor finds and of settings that contradict each other.

import { contradictions } from '../core/settings/contradictions.js';
import { type FindingRow, findings } from '../server/doctor/catalogue.js';

/** The page as `npm run man` writes it. */
export function findingsPage(): string {
  const rows: (FindingRow & { code: string })[] = [
    ...Object.entries(findings).map(([code, row]) => ({ code, ...(row as FindingRow) })),
    ...contradictions.map((row) => ({ ...row, subject: 'settings' })),
  ];
  const subjects = [...new Set(rows.map(({ subject }) => subject))];
  return `${[
    '# Findings of dp doctor',
    '',
    '<!-- Written by "npm run man" from src/lib/server/doctor/catalogue.ts and src/lib/core/settings/contradictions.ts. -->',
    '',
    'What `dp doctor` can find, by subject (`--only SUBJECT`). Each finding has a code that stays the same when its words change:',
    '`dp doctor --json` gives it as `code` beside `subject`, `level`, `text` and `fix`. A note is worth knowing; a problem needs to',
    'be fixed, and makes the exit status 7. Words in braces stand for values. `dp doctor` prints what to do where a cause knows it',
    'better than this page.',
    ...subjects.flatMap((subject) => [
      '',
      `## ${subject}`,
      ...rows.filter((row) => row.subject === subject).flatMap((row) => ['', ...entry(row)]),
    ]),
  ].join('\n')}\n`;
}

function entry({ code, level, text, fix }: FindingRow & { code: string }): string[] {
  return [`### ${code}`, '', level, '', '```text', text, ...(fix === undefined ? [] : [`    ${fix}`]), '```'];
}
