// Checks the files of sessions: usable, in doubt, lost.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { counted, describeSize } from '../../core/units.js';
import { checkSessionFolder } from '../../io/disk/session-check.js';
import { type Finding, finding } from './catalogue.js';
import type { Examined } from './findings.js';

export function checkSessions({ sessions }: Examined): Finding[] {
  if (sessions === undefined || !fs.existsSync(sessions)) return [];
  const checked = checkSessionFolder(sessions);
  const bad = checked.sessions.filter(({ problem }) => problem !== undefined);
  const size = checked.sessions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const findings = [
    finding('sessions-intact', {
      folder: sessions,
      sessions: counted(checked.sessions.length - bad.length, 'session'),
      size: describeSize(size),
      archived: counted(checked.archivedFiles, 'archived file'),
    }),
  ];
  for (const { id, problem = '' } of bad) {
    findings.push(finding('session-set-aside', { session: id, problem, folder: sessions }));
  }
  for (const { id, doubts, problem } of checked.sessions) {
    if (doubts.length === 0 || problem !== undefined) continue;
    findings.push(finding('session-in-doubt', { session: id, doubts: doubts.join('; ') }));
  }
  const [orphan] = checked.orphans;
  if (orphan !== undefined) {
    const file = path.join(sessions, orphan);
    findings.push(finding('history-without-journal', { files: some(checked.orphans), file }));
  }
  for (const { warnings } of checked.sessions) {
    for (const remark of warnings) findings.push(finding('session-remark', { remark }));
  }
  if (checked.strays.length > 0) {
    findings.push(finding('files-without-session', { files: some(checked.strays) }));
  }
  return findings;
}

const some = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`;
