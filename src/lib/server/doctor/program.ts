// Checks the program: Node, the clock, SQLite, the limit of open files.

import type { Fault } from '../../core/errors.js';
import { loadSqlite } from '../../io/sqlite/library.js';
import { openFileLimit } from '../../io/system/descriptors.js';
import { version } from '../../io/system/version.js';
import { type Finding, finding } from './catalogue.js';
import type { Examined } from './findings.js';

const minimumNode = [20, 19] as const;
const manyFiles = 4096;

export function checkProgram({ now }: Examined): Finding[] {
  const findings: Finding[] = [finding('program-version', { version, node: process.version })];
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor] = minimumNode;
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    findings.push(finding('node-too-old', { least: minimumNode.join('.') }));
  }
  // Whatever the time zone: a clock that was never set starts far in the past.
  if (new Date(now).getUTCFullYear() < 2025) {
    findings.push(finding('clock-not-set', { moment: new Date(now).toISOString() }));
  }
  try {
    loadSqlite();
  } catch (error) {
    const { message, hint } = error as Fault;
    findings.push(finding('sqlite-unusable', { reason: message, advice: hint }));
  }
  const files = openFileLimit();
  if (files !== undefined && files < manyFiles) {
    findings.push(finding('few-open-files', { files }));
  }
  return findings;
}
