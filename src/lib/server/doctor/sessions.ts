// The files of sessions: usable, in doubt, lost.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { describeSize } from '../../core/units.js';
import { checkSessionFolder } from '../../io/disk/session-check.js';
import type { Examined, Finding } from './findings.js';

export function checkSessions({ sessions }: Examined): Finding[] {
  const subject = 'sessions';
  if (sessions === undefined || !fs.existsSync(sessions)) return [];
  const checked = checkSessionFolder(sessions);
  const bad = checked.sessions.filter(({ problem }) => problem !== undefined);
  const size = checked.sessions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const findings: Finding[] = [
    {
      subject,
      level: 'ok',
      text: `${sessions}: ${checked.sessions.length - bad.length} sessions, ${describeSize(size)}, ${checked.archivedFiles} archived files`,
    },
  ];
  for (const { id, problem } of bad) {
    findings.push({
      subject,
      level: 'problem',
      text: `session ${id} is set aside: ${problem}`,
      fix: `dp backup restore FILE, or move it away: mkdir -p ${sessions}/lost && mv ${sessions}/${id}* ${sessions}/lost/`,
    });
  }
  for (const { id, doubts, problem } of checked.sessions) {
    if (doubts.length === 0 || problem !== undefined) continue;
    findings.push({
      subject,
      level: 'problem',
      text: `session ${id} is in doubt: ${doubts.join('; ')}`,
      fix: `dp session repair ${id}`,
    });
  }
  if (checked.orphans.length > 0) {
    findings.push({
      subject,
      level: 'problem',
      text: `histories without a journal, used by no session: ${some(checked.orphans)}`,
      fix: `dp session adopt ${path.join(sessions, checked.orphans[0]!)}`,
    });
  }
  for (const { warnings } of checked.sessions) {
    for (const text of warnings) findings.push({ subject, level: 'note', text });
  }
  if (checked.strays.length > 0) {
    findings.push({
      subject,
      level: 'note',
      text: `files that belong to no session: ${some(checked.strays)}`,
    });
  }
  return findings;
}

const some = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`;
