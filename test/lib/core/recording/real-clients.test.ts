// Recordings of sessions of real clients: every message is what the tables say, survives as text, and none is
// against the access rules.

import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { Conversion, type ConversionOptions } from '../../../../src/lib/core/recording/conversion.js';
import { headHeaderBytes } from '../../../../src/lib/core/recording/header.js';
import { Summarizer } from '../../../../src/lib/core/recording/summary.js';

const folder = 'test/vectors/real-client/recordings';
const names = readdirSync(folder).filter((name) => name.endsWith('.dprec'));

function convert(bytes: Buffer, options: ConversionOptions) {
  const problems: string[] = [];
  const conversion = new Conversion(options, ({ message }) => problems.push(message));
  return {
    bytes: Buffer.concat([conversion.read(bytes), conversion.end()]),
    problems,
    count: conversion.count,
  };
}

const body = (bytes: Buffer): Buffer => bytes.subarray(headHeaderBytes + bytes.readUInt16BE(6));

test('there are recordings of both generations', (t) => {
  t.true(names.filter((name) => name.startsWith('21-')).length > 10);
  t.true(names.filter((name) => name.startsWith('23-')).length > 10);
});

for (const name of names) {
  test(name, (t) => {
    const bytes = readFileSync(`${folder}/${name}`);
    const text = convert(bytes, { outputFormat: 'text' });
    const back = convert(text.bytes, { outputFormat: 'binary' });
    t.deepEqual([...text.problems, ...back.problems], []);
    t.true(body(back.bytes).equals(body(bytes)));
    t.is(convert(bytes, { filtersAccess: true }).count.filteredMessages, 0);

    const summarizer = new Summarizer();
    summarizer.read(bytes);
    // 2.3 servers put two messages of their own at the head of 2.1 recordings, which 2.1 does not know
    t.is(summarizer.end().invalid, /^21-.*-on-23/.test(name) ? 2 : 0);
  });
}
