// What `dp backup` says of a backup.

import { counted, describeSize } from '../core/units.js';
import type { BackupSummary } from '../server/backup.js';
import type { Column } from './tables.js';

const settingsWords = { database: 'a database', file: 'a settings file', none: 'no settings' } as const;

export function describeBackup(summary: BackupSummary): string[] {
  const { file, sizeBytes, program, made, fileCount, hasSettings, accounts, certificateNames, sessions } =
    summary;
  return [
    `backup    ${file} (${describeSize(sizeBytes)}, ${counted(fileCount, 'file')})`,
    ...(made === '' ? [] : [`created   ${made} by ${program}`]),
    `contains  ${settingsWords[hasSettings]}${hasSettings === 'database' ? ` with ${counted(accounts, 'account')}` : ''}, ${counted(sessions.length, 'session')}${certificateNames.length === 0 ? '' : `, the certificate of ${certificateNames.join(', ')}`}`,
  ];
}

export const backupColumns: readonly Column<BackupSummary['sessions'][number]>[] = [
  { title: 'session', value: ({ id }) => id },
  { title: 'title', value: ({ title }) => title },
  { title: 'founder', value: ({ founder }) => founder },
  { title: 'protocol', value: ({ protocol }) => protocol },
  { title: 'size', value: ({ sizeBytes }) => describeSize(sizeBytes) },
  { title: 'state', value: ({ problem, messages }) => problem ?? counted(messages, 'message') },
];
