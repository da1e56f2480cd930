// The table of what dp doctor finds: codes, and that each is made by a check, and by its code alone.
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import test from 'ava';
import { findingsPage } from '../../../../src/lib/cli/findings-page.js';
import { contradictions } from '../../../../src/lib/core/settings/contradictions.js';
import { type FindingRow, finding, findings } from '../../../../src/lib/server/doctor/catalogue.js';

const folder = 'src/lib/server/doctor';
const checks = readdirSync(folder)
  .filter((name) => name !== 'catalogue.ts' && name !== 'findings.ts')
  .map((name) => readFileSync(path.join(folder, name), 'utf8'));

test('docs/reference/findings.md is what "npm run man" would write now', (t) => {
  t.is(readFileSync('docs/reference/findings.md', 'utf8'), findingsPage(), 'run "npm run man"');
});

test('codes are unique, contradictions of settings included', (t) => {
  const codes = [...Object.keys(findings), ...contradictions.map(({ code }) => code)];
  t.deepEqual(
    codes.filter((code, at) => codes.indexOf(code) !== at),
    [],
  );
  t.deepEqual(
    codes.filter((code) => !/^[a-z]+(-[a-z]+)*$/.test(code)),
    [],
  );
});

test('each row is made by a check, and checks have no words besides', (t) => {
  const unused = Object.keys(findings).filter((code) => !checks.some((text) => text.includes(`'${code}'`)));
  t.deepEqual(unused, []);
  t.deepEqual(
    checks.flatMap((text) => text.match(/^.*\b(?:text|fix|level): ['`"].*$/gm) ?? []),
    [],
  );
});

test('what is not as it should be says what to do, or its cause does', (t) => {
  const advised = ['check-failed', 'sqlite-unusable', 'stored-row-invalid', 'start-value-invalid'];
  const causes = [...advised, 'certificate-file-damaged', 'certificate-not-issued'];
  const silent = ['session-remark', 'files-without-session'];
  t.deepEqual(
    (Object.entries(findings) as [string, FindingRow][])
      .filter(([, { level, fix }]) => (level === 'ok') === (fix !== undefined))
      .map(([code]) => code),
    [...causes, ...silent].sort(
      (a, b) => Object.keys(findings).indexOf(a) - Object.keys(findings).indexOf(b),
    ),
  );
});

test('a finding is its row with values; the advice of a cause is its fix', (t) => {
  t.deepEqual(finding('key-exposed', { key: '/etc/{key}.pem' }), {
    code: 'key-exposed',
    subject: 'permissions',
    level: 'problem',
    text: '/etc/{key}.pem: all users of this machine can read the private key',
    fix: 'chmod o-r /etc/{key}.pem',
  });
  const cause = { problem: 'broken {problem}', advice: 'repair {problem}' };
  t.like(finding('stored-row-invalid', cause), { text: 'broken {problem}', fix: 'repair {problem}' });
  t.false('fix' in finding('stored-row-invalid', { problem: 'x' }));
});
