// What `dp backup` says of a backup.

import { describeSize } from '../core/units.js';
import type { BackupSummary } from '../server/backup.js';
import type { Column } from './tables.js';

const settingsWords = { database: 'a database', file: 'a settings file', none: 'no settings' } as const;

export function describeBackup(summary: BackupSummary): string[] {
  const { file, sizeBytes, program, made, fileCount, hasSettings, accounts, certificateNames, sessions } =
    summary;
  return [
    `backup    ${file} (${describeSize(sizeBytes)}, ${fileCount} files)`,
    ...(made === '' ? [] : [`created   ${made} by ${program}`]),
    `contains  ${settingsWords[hasSettings]}${hasSettings === 'database' ? ` with ${accounts} accounts` : ''}, ${sessions.length} sessions${certificateNames.length === 0 ? '' : `, the certificate of ${certificateNames.join(', ')}`}`,
  ];
}

export const backupColumns: readonly Column<BackupSummary['sessions'][number]>[] = [
  { title: 'Session', value: ({ id }) => id },
  { title: 'Title', value: ({ title }) => title },
  { title: 'Founder', value: ({ founder }) => founder },
  { title: 'Protocol', value: ({ protocol }) => protocol },
  { title: 'Size', value: ({ sizeBytes }) => describeSize(sizeBytes) },
  { title: 'State', value: ({ problem, messages }) => problem ?? `${messages} messages` },
];
