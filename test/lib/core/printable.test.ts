// Text of strangers on terminals and in logs: nothing in it acts or hides, whatever it goes through.
import { Writable } from 'node:stream';
import test from 'ava';
import { formatLogLine } from '../../../src/lib/cli/log-texts.js';
import { formatCsv, formatTable } from '../../../src/lib/cli/tables.js';
import { printable, printableJson, printableStyled } from '../../../src/lib/core/printable.js';
import type { LogEntry } from '../../../src/lib/core/session/needs.js';
import { formatJson } from '../../../src/lib/io/http/json.js';
import { ConsoleLog } from '../../../src/lib/io/system/console-log.js';

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Code points that must not reach a terminal. */
const hidden = [
  ...range(0x00, 0x08),
  ...range(0x0a, 0x1f),
  ...range(0x7f, 0x9f),
  0xad,
  0x34f,
  0x61c,
  0x115f,
  0x1160,
  0x17b4,
  0x180e,
  ...range(0x200b, 0x200f),
  ...range(0x2028, 0x202e),
  ...range(0x2060, 0x206f),
  0x3164,
  ...range(0xfe00, 0xfe0f),
  0xfeff,
  0xffa0,
  ...range(0xfff9, 0xfffb),
  0xfffe,
  0xffff,
  0xd800,
  0xdfff,
  0x1d173,
  0xe0001,
  0xe0041,
  0xe01ef,
  0x10ffff,
];

const nameOf = (code: number) => `U+${code.toString(16).padStart(4, '0')}`;
/** As text that names it; JSON names astral ones by their halves. */
const shown = (code: number) =>
  code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;

test('what acts or hides is shown by its number', (t) => {
  for (const code of hidden) {
    t.is(printable(`a${String.fromCodePoint(code)}b`), `a${shown(code)}b`, nameOf(code));
  }
  t.is(printable('\ud83d'), '\\ud83d', 'half of a pair');
});

test('what people write stays as it is', (t) => {
  for (const text of [
    'Zoë',
    '日本語',
    'مرحبا',
    'नमस्ते',
    '𝔸',
    '👩‍👩‍👧',
    '👩🏽‍🚀',
    '❤️',
    '1️⃣',
    '🏳️‍🌈',
    'a\u00a0b',
    '\\u202e',
  ]) {
    t.is(printable(text), text);
    t.is(JSON.parse(printableJson(text)), text);
  }
  t.is(printable('a\tb'), 'a b');
  t.is(printable('a\u200db'), 'a\\u200db', 'a joiner of letters joins nothing that is seen');
  t.is(printable('a\ufe0f'), 'a\\ufe0f');
});

test('JSON means the same, and has nothing hidden in it', (t) => {
  for (const code of hidden) {
    const value = { [`k${String.fromCodePoint(code)}`]: [`a${String.fromCodePoint(code)}b`] };
    for (const text of [printableJson(value), printableJson(value, 2), formatJson(value).toString()]) {
      t.deepEqual(JSON.parse(text), value, nameOf(code));
      t.is(printable(text.replaceAll('\n', '')), text.replaceAll('\n', ''), nameOf(code));
    }
  }
});

test('of escape sequences only colours pass', (t) => {
  t.is(printableStyled('\u001b[1mbold\u001b[0m\nnext'), '\u001b[1mbold\u001b[0m\nnext');
  t.is(printableStyled('\u001b[2J\u001b]0;x\u0007\u009b31m'), '\\u001b[2J\\u001b]0;x\\u0007\\u009b31m');
});

test('every way to a screen or a log shows the same', async (t) => {
  const evil = 'a\u001b[2J\u009b31m\u202e\u2066\u061c\u200b\u2028\ud800';
  const safe = 'a\\u001b[2J\\u009b31m\\u202e\\u2066\\u061c\\u200b\\u2028\\ud800';
  const entry: LogEntry = {
    time: 0,
    level: 'info',
    topic: 'Join',
    user: { id: 1, ip: '10.0.0.1', name: evil },
    message: evil,
  };
  const columns = [{ title: 'x', value: (text: string) => text }];
  t.is(formatTable([evil], columns).split('\n')[1], safe);
  t.is(formatCsv([evil], columns).split('\n')[1], safe);
  t.regex(
    formatLogLine({ ...entry, id: 1 }),
    new RegExp(`;${safe.replace(/[\\[]/g, '\\$&')}: ${safe.replace(/[\\[]/g, '\\$&')}$`),
  );
  for (const format of ['text', 'json'] as const) {
    let written = '';
    const stream = new Writable({
      write(chunk, _, done) {
        written += String(chunk);
        done();
      },
    });
    const log = new ConsoleLog(stream, 'info', format);
    log.write(entry);
    log.flush();
    const line = written.trimEnd();
    t.is(printable(line), line, format);
    t.true(line.includes(safe), format);
  }
});
