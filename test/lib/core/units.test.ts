// Sizes, lengths of time and moments, as config.md §1 and §3 write them.
import test from 'ava';
import {
  describeDuration,
  describeSize,
  formatDateTime,
  formatDuration,
  formatSize,
  formatTimestamp,
  largestCount,
  parseDateTime,
  parseDuration,
  parseExpiry,
  parseInteger,
  parseSize,
  userNameProblem,
} from '../../../src/lib/core/units.js';

const durations = test.macro({
  exec: (t, text: string, seconds: number | undefined) => t.is(parseDuration(text), seconds),
  title: (_, text, seconds) => `the duration '${text}' is ${seconds}`,
});
for (const [text, seconds] of [
  ['0', 0],
  ['90', 90],
  ['60s', 60],
  ['1.5 H', 5400],
  ['3h', 10_800],
  ['1.5d', 129_600],
  ['0.5h', 1800],
  ['1.5 m', 90],
  ['1.9', 1],
  ['99999999d', largestCount],
  ['', undefined],
  ['-1', undefined],
  ['+1', undefined],
  ['1w', undefined],
  ['1.', undefined],
  ['.5h', undefined],
  ['1h30m', undefined],
  [' 1h', undefined],
  ['1h ', undefined],
  ['abc', undefined],
] as const) {
  test(durations, text, seconds);
}

const sizes = test.macro({
  exec: (t, text: string, bytes: number | undefined) => t.is(parseSize(text), bytes),
  title: (_, text, bytes) => `the size '${text}' is ${bytes}`,
});
for (const [text, bytes] of [
  ['0', 0],
  ['15MB', 15 * 1024 ** 2],
  ['99mb', 103_809_024],
  ['1.5 GB', 1_610_612_736],
  ['20kb', 20_480],
  ['1000000', 1_000_000],
  ['12b', 12],
  ['16777217', 16_777_217],
  ['4gb', 4 * 1024 ** 3],
  ['-1', undefined],
  ['1m', undefined],
  ['1tb', undefined],
  ['', undefined],
] as const) {
  test(sizes, text, bytes);
}

test('integers are decimal, signed and of 32 bits', (t) => {
  t.is(parseInteger('7'), 7);
  t.is(parseInteger('+7'), 7);
  t.is(parseInteger('-7'), -7);
  t.is(parseInteger(' 7 '), 7);
  t.is(parseInteger('2147483647'), 2_147_483_647);
  t.is(parseInteger('-2147483648'), -2_147_483_648);
  for (const text of ['', '7.0', '1e3', '0x10', '2147483648', 'x', '1 2'])
    t.is(parseInteger(text), undefined);
});

test('formatted sizes and durations mean what they came from', (t) => {
  for (const value of [
    0,
    1,
    59,
    60,
    61,
    1024,
    3600,
    5400,
    86_400,
    90_000,
    103_809_024,
    16_777_217,
    largestCount,
  ]) {
    t.is(parseDuration(formatDuration(value)), value);
    t.is(parseSize(formatSize(value)), value);
  }
  t.is(formatDuration(10_800), '3h');
  t.is(formatSize(103_809_024), '99mb');
});

test('for people, sizes and durations are rounded', (t) => {
  t.is(describeSize(1_610_612_736), '1.5 GB');
  t.is(describeSize(1), '1 byte');
  t.is(describeSize(1023), '1023 bytes');
  t.is(describeDuration(12_005), '3 h 20 min');
  t.is(describeDuration(0), '0 s');
  t.is(describeDuration(86_405), '1 d');
});

test('moments are UTC and exist in the calendar', (t) => {
  t.is(parseDateTime('2030-01-01 00:00:00'), Date.UTC(2030, 0, 1));
  t.is(parseDateTime('2026-11-22T07:03:40Z'), Date.UTC(2026, 10, 22, 7, 3, 40));
  for (const text of [
    '',
    'never',
    '2030-1-1',
    '2030-01-01 12',
    '2030-01-01 12:60',
    '2030-01-01 12:00+15:00',
    '2030-01-01 12:00 CET',
    '2030-01-01Z12:00',
    '2030-02-31 00:00:00',
    '2030-13-01 00:00:00',
    '2030-01-01 24:00:00',
  ]) {
    t.is(parseDateTime(text), undefined);
  }
  t.is(formatDateTime(Date.UTC(2030, 0, 1)), '2030-01-01 00:00:00');
  t.is(formatTimestamp(Date.UTC(2026, 10, 22, 7, 3, 40, 999)), '2026-11-22T07:03:40Z');
});

test('a moment may have no time, no seconds, a fraction and a zone', (t) => {
  const noon = Date.UTC(2030, 0, 31, 12);
  for (const text of [
    '2030-01-31 12:00',
    '2030-01-31T12:00',
    '2030-01-31 12:00:00',
    '2030-01-31T12:00Z',
    '2030-01-31 12:00 UTC',
    '2030-01-31T12:00:00.000Z',
    '2030-01-31T14:00+02:00',
    '2030-01-31 14:00:00 +0200',
    '2030-01-31 14:00+02',
    '2030-01-30T23:30:00-12:30',
    ' 2030-01-31 12:00 ',
  ]) {
    t.is(parseDateTime(text), noon, text);
    t.is(parseExpiry(text, 0), noon, text);
  }
  t.is(parseDateTime('2030-01-31'), noon - 12 * 3_600_000);
  t.is(parseDateTime('2030-01-31 12:00:00.25'), noon + 250);
});

test('an end can be given as a length of time, a day or a moment', (t) => {
  const now = Date.UTC(2026, 0, 1);
  t.is(parseExpiry('7d', now), now + 7 * 86_400_000);
  t.is(parseExpiry('2w', now), now + 14 * 86_400_000);
  t.is(parseExpiry('90', now), now + 90_000);
  t.is(parseExpiry('2030-01-01', now), Date.UTC(2030, 0, 1));
  t.is(parseExpiry('2030-01-01 12:00:00', now), Date.UTC(2030, 0, 1, 12));
  t.is(parseExpiry('soon', now), undefined);
  t.is(parseExpiry('9999999y', now), undefined);
});

test('user names have 1 to 22 UTF-16 units and no double quote', (t) => {
  t.is(userNameProblem('a/b; c'), undefined);
  t.is(userNameProblem('x'.repeat(22)), undefined);
  for (const name of ['', 'x'.repeat(23), '😀'.repeat(12), 'a"b']) t.not(userNameProblem(name), undefined);
});
