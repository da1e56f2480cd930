// Checks the database, and the single rows of what is stored.

import * as fs from 'node:fs';
import { findDatabaseDamage } from '../../io/sqlite/copy-database.js';
import { type Finding, finding } from './catalogue.js';
import type { Examined } from './findings.js';

export function checkDatabase({ database, store, storedProblems }: Examined): Finding[] {
  const findings: Finding[] = [];
  if (database !== undefined && fs.existsSync(database)) {
    const damage = findDatabaseDamage(database);
    if (damage.length === 0) findings.push(finding('database-intact', { database }));
    for (const problem of damage) findings.push(finding('database-damaged', { database, problem }));
  } else if (store === 'memory') {
    findings.push(finding('not-set-up', {}));
  }
  for (const { message, hint } of storedProblems) {
    findings.push(finding('stored-row-invalid', { problem: message, advice: hint }));
  }
  return findings;
}
