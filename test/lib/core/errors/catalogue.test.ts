// The catalogue of errors, its texts, and that code and documentation say the same.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { errorsPage } from '../../../../src/lib/cli/errors-page.js';
import { errorAreas, errorCatalogue } from '../../../../src/lib/core/errors/catalogue.js';
import { messageErrors } from '../../../../src/lib/core/errors/messages.js';
import { reason } from '../../../../src/lib/core/errors/reason.js';
import { type ReasonRow, reasonAreas, reasonCatalogue } from '../../../../src/lib/core/errors/reasons.js';
import type { ErrorRow } from '../../../../src/lib/core/errors/rows.js';
import {
  cloneError,
  Fault,
  fault,
  httpStatusOf,
  ProtocolError,
  Refusal,
  readReport,
  refusal,
  reportOf,
  restoreError,
} from '../../../../src/lib/core/errors.js';

const rows = Object.entries(errorCatalogue as Record<string, ErrorRow>);

/** What a hint begins with: what to do. "did": the question after a name that was mistyped. */
const verbs = new Set(
  `add allow ask become change check correct follow open point choose compare convert copy create delete did export find finish free give go install keep leave let list lock log look make
  move name pass put remove rename repair replace restore restrict run save see send set start stop store take try unpack update use wait
  write`.split(/\s+/),
);

test('hints begin with a verb, in lower case and without a full stop', (t) => {
  for (const [code, { hint, near }] of rows) {
    for (const text of [hint, near]) {
      if (text === undefined) continue;
      t.true(verbs.has(/^[a-z]+/.exec(text)?.[0] ?? ''), `${code}: ${text}`);
      t.notRegex(text, /[^.]\.$/, code);
    }
  }
});

test('texts keep to the language of docs/style.md', (t) => {
  for (const [code, { text, hint = '', near = '' }] of rows) {
    t.notRegex(`${text} ${hint} ${near}`, /can't|can not|don't|isn't|doesn't|!|\bplease\b|\bsorry\b/i, code);
    t.notRegex(text, /^[A-Z][a-z]|\.$/, code);
    t.notRegex(text, /"/, `${code}: values stand in single quotes`);
  }
});

test('codes are words with hyphens', (t) => {
  for (const [code] of rows) t.regex(code, /^[a-z]+(-[a-z0-9]+)*$/);
});

const reasonList = Object.entries(reasonCatalogue as Record<string, ReasonRow>);

test('reasons keep to the same language: they end a sentence, and their hints say what to do', (t) => {
  for (const [code, { text, hint = 'use it' }] of reasonList) {
    t.notRegex(`${text} ${hint}`, /can't|can not|don't|isn't|doesn't|!(?!key=)|\bplease\b|\bsorry\b/i, code);
    t.notRegex(text, /[^.]\.$/, code);
    t.notRegex(text, /"/, `${code}: values stand in single quotes`);
    t.true(verbs.has(/^[a-z]+/.exec(hint)?.[0] ?? ''), `${code}: ${hint}`);
    t.regex(code, /^[a-z]+(-[a-z0-9]+)*$/);
    t.false(Object.hasOwn(errorCatalogue, code), `${code} is an error already`);
  }
  const perArea = Object.values(reasonAreas).flatMap((area) => Object.keys(area.rows));
  t.deepEqual([...perArea].sort(), reasonList.map(([code]) => code).sort());
});

test('no two rows say the same, and no code stands in two areas', (t) => {
  const seen = new Map<string, string>();
  for (const [code, { text }] of rows) {
    t.is(seen.get(text), undefined, `${code} and ${seen.get(text)}`);
    seen.set(text, code);
  }
  const perArea = Object.values(errorAreas).flatMap((area) => Object.keys(area.rows));
  t.deepEqual([...perArea].sort(), rows.map(([code]) => code).sort());
});

test('every row is used, and every reason', (t) => {
  const used = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.replaceAll(path.sep, '/').startsWith('lib/core/errors/'))
    .map((file) => readFileSync(path.join('src', file), 'utf8'))
    .join('\n');
  t.deepEqual(
    [...rows, ...reasonList].map(([code]) => code).filter((code) => !used.includes(`'${code}'`)),
    [],
  );
});

test('docs/reference/errors.md is what "npm run man" would write now', (t) => {
  t.is(readFileSync('docs/reference/errors.md', 'utf8'), errorsPage(), 'run "npm run man"');
});

test('parameters are filled into text and hint', (t) => {
  const error = refusal('host-unknown', { host: 'draw.example' });
  t.is(error.message, "'draw.example' is not a name of this server");
  t.true(error.hint?.includes('--local-host draw.example'));
  t.deepEqual([error.code, error.kind, httpStatusOf(error)], ['host-unknown', 'refused', 403]);
  t.is(httpStatusOf(refusal('page-without-json')), 415);
});

test('the reason of an error is its text and its hint, and its code goes wherever that of the error goes', (t) => {
  const why = reason('text-place', { line: 3, offset: 57, problem: reason('text-not-utf8') });
  const error = refusal('settings-unreadable', { file: 'a.conf', reason: why });
  t.is(error.message, 'cannot parse the settings file a.conf: line 3, byte 57: it is not UTF-8');
  t.regex(error.hint ?? '', /^save the file as UTF-8; if it is Latin-1/);
  t.deepEqual([error.code, error.reason], ['settings-unreadable', 'text-not-utf8']);
  const report = reportOf(error);
  t.is(report.reason, 'text-not-utf8');
  t.deepEqual(reportOf(restoreError(structuredClone(cloneError(error)))), report);
  t.is(readReport({ ...report, status: 'error' })?.reason, 'text-not-utf8');
  t.is(readReport({ ...report, reason: 'of-tomorrow' })?.reason, undefined);
});

test('what another program said is a reason without a code', (t) => {
  const error = fault('ffmpeg-failed', { reason: 'no such codec' });
  t.deepEqual([error.message, error.reason], ['ffmpeg failed: no such codec', undefined]);
  t.false('reason' in reportOf(error));
});

test('a value with braces stays what it is', (t) => {
  t.is(
    refusal('query-unknown', { name: '{name} {place}' }).message,
    "unknown query parameter '{name} {place}'",
  );
});

test('between threads an error keeps class, code, kind, words and parameters', (t) => {
  for (const error of [
    refusal('query-unknown', { name: 'x' }),
    fault('server-silent', { server: 'here' }),
    fault('system-call-failed', { reason: 'no' }),
  ]) {
    const restored = restoreError(structuredClone(cloneError(error)));
    t.is(restored.constructor, error.constructor);
    t.deepEqual(reportOf(restored), reportOf(error));
    t.deepEqual(restored.parameters, error.parameters);
  }
  const bug = restoreError(structuredClone(cloneError(new TypeError('no'))));
  t.true(bug instanceof Fault);
  t.regex(bug.message, /TypeError: no/);
});

test('what another server says is read by code, and by kind where its code is newer than ours', (t) => {
  const known = readReport({ ...reportOf(refusal('query-unknown', { name: 'x' })), status: 'error' });
  t.true(known instanceof Refusal);
  t.is(known?.code, 'query-unknown');
  const newer = readReport({ code: 'of-tomorrow', kind: 'conflict', message: 'not now', hint: 'wait' });
  t.deepEqual(
    [newer?.code, newer?.kind, newer?.message, newer?.hint],
    ['unknown-answer', 'conflict', 'not now', 'wait'],
  );
  t.is(readReport({ code: 'query-unknown', message: 'no kind' }), undefined);
  t.is(readReport({ code: 'x', kind: 'toString', message: 'y' }), undefined);
});

test('what is wrong with a message is a row too: each is made somewhere, under a code that no other error has', (t) => {
  const folder = 'src/lib/core';
  const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('errors/messages.ts'))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'));
  const codes = Object.keys(messageErrors);
  t.deepEqual(
    codes.filter((code) => !texts.some((text) => text.includes(`'${code}'`))),
    [],
  );
  t.deepEqual(
    codes.filter((code) => Object.hasOwn(errorCatalogue, code)),
    [],
  );
  const { code, message } = new ProtocolError('bytes-missing', { count: 4, start: 2, left: 1 });
  t.is(`${code}: ${message}`, 'bytes-missing: 4 bytes wanted at byte 2, only 1 are left');
});
