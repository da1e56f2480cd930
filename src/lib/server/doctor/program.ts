// The program itself: Node, the clock, SQLite, how many files may be open.

import type { Fault } from '../../core/errors.js';
import { loadSqlite } from '../../io/sqlite/library.js';
import { openFileLimit } from '../../io/system/descriptors.js';
import { version } from '../../io/system/version.js';
import type { Examined, Finding } from './findings.js';

const minimumNode = [20, 19];
const manyFiles = 4096;

export function checkProgram({ now }: Examined): Finding[] {
  const subject = 'program';
  const findings: Finding[] = [{ subject, level: 'ok', text: `dp ${version} on Node ${process.version}` }];
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < minimumNode[0]! || (major === minimumNode[0]! && minor < minimumNode[1]!)) {
    findings.push({
      subject,
      level: 'problem',
      text: 'this Node is older than 20.19',
      fix: 'install Node 20.19 or newer',
    });
  }
  // Whatever the time zone: a clock that was never set starts far in the past.
  if (new Date(now).getUTCFullYear() < 2025) {
    findings.push({
      subject,
      level: 'problem',
      text: `the clock is wrong (${new Date(now).toISOString()}): certificates and bans depend on it`,
      fix: 'timedatectl set-ntp true',
    });
  }
  try {
    loadSqlite();
  } catch (error) {
    const { message, hint } = error as Fault;
    findings.push({ subject, level: 'problem', text: message, ...(hint !== undefined && { fix: hint }) });
  }
  const files = openFileLimit();
  if (files !== undefined && files < manyFiles) {
    findings.push({
      subject,
      level: 'note',
      text: `this process can open ${files} files; each user needs one`,
      fix: `ulimit -n 65536   (services of 'dp service install' have this limit)`,
    });
  }
  return findings;
}
