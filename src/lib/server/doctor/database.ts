// The database, or what is wrong with single rows of what is stored.

import * as fs from 'node:fs';
import { findDatabaseDamage } from '../../io/sqlite/copy-database.js';
import type { Examined, Finding } from './findings.js';

export function checkDatabase({ database, store, storedProblems }: Examined): Finding[] {
  const subject = 'database';
  const findings: Finding[] = [];
  if (database !== undefined && fs.existsSync(database)) {
    const damage = findDatabaseDamage(database);
    if (damage.length === 0) findings.push({ subject, level: 'ok', text: `${database}: intact` });
    for (const text of damage) {
      findings.push({
        subject,
        level: 'problem',
        text: `${database}: ${text}`,
        fix: 'dp backup restore FILE   (or recover what is readable: sqlite3 OLD .recover | sqlite3 NEW)',
      });
    }
  } else if (store === 'memory') {
    findings.push({
      subject,
      level: 'note',
      text: 'no server is set up yet',
      fix: 'dp init   (or dp serve, which starts without restrictions)',
    });
  }
  for (const { message, hint } of storedProblems) {
    findings.push({ subject, level: 'problem', text: message, ...(hint !== undefined && { fix: hint }) });
  }
  return findings;
}
