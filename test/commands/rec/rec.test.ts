// dp rec …: what people and scripts see.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import RecConvert, { type Converted } from '../../../src/commands/rec/convert.js';
import RecCut, { type CutResult } from '../../../src/commands/rec/cut.js';
import RecInfo, { type Info } from '../../../src/commands/rec/info.js';
import RecVerify, { type Verified } from '../../../src/commands/rec/verify.js';
import { drawnRecording } from '../../helpers/drawn-recording.js';
import { runCommand } from '../../helpers/run-command.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const vectors = 'test/vectors/formats';
const all21 = `${vectors}/v21/all-types.dprec`;

test('convert writes text to standard output', async (t) => {
  const { stdout, stderr, status } = await runCommand(RecConvert, [all21, '--as-original']);
  t.is(stdout, readFileSync(`${vectors}/v21/all-types.dptxt`, 'utf8'));
  t.is(stderr, '');
  t.is(status, 0);
});

test('convert reads standard input', async (t) => {
  const { stdout } = await runCommand(RecConvert, ['-', '-', '--to', 'text'], {
    stdin: '!version=dp:4.25.1\n1 undopoint {}\n',
  });
  t.is(stdout, '!version=dp:4.25.1\n1 undopoint\n');
});

test('convert goes by the name of OUT and packs with gzip', async (t) => {
  const where = tempFolder(t);
  const text = join(where, 'a.dptxt.gz');
  const binary = join(where, 'b.dprec');
  const there = await runCommand(RecConvert, [all21, text]);
  t.is(there.stdout, `${text}: 47 messages\n`);
  t.is((await runCommand(RecConvert, [text, binary])).status, 0);
  t.is(readFileSync(binary, 'latin1'), readFileSync(all21, 'latin1'));
});

test('convert tells wrong lines with their place and ends with status 7', async (t) => {
  const out = join(tempFolder(t), 'out.dprec');
  const input = `${vectors}/v23/template/full.dptxt`;
  const ran = await runCommand(RecConvert, [input, out, '--pass', 'template', '--json']);
  t.is(ran.status, 7);
  const result = ran.json<Converted>();
  t.like(result, {
    readMessages: 6,
    writtenMessages: 4,
    droppedMessages: 2,
    errors: 1,
    protocol: 'dp:4.25.1',
  });
  t.like(result.problems[0], { line: 23, column: 3, severity: 'error' });
  const plain = await runCommand(RecConvert, [input, out, '--force']);
  t.regex(plain.stderr, /full\.dptxt: line 23, column 3: error: .*nonsense/);
});

test('convert keeps only what some users drew', async (t) => {
  const input = [
    '!version=dp:4.25.1',
    '1 fillrect {"layer":257}',
    '2 fillrect {"layer":257}',
    '2 undopoint',
    '',
  ].join('\n');
  const { stdout } = await runCommand(RecConvert, ['-', '--include-user-ids', '1'], { stdin: input });
  t.regex(stdout, /^1 fillrect/m);
  t.notRegex(stdout, /^2 fillrect/m);
  t.regex(stdout, /^2 undopoint/m);
  t.is((await runCommand(RecConvert, ['-', '--include-user-ids', '1,x'], { stdin: input })).status, 2);
});

test('convert replaces nothing unasked, and never its own input', async (t) => {
  const where = tempFolder(t);
  const out = join(where, 'a.dptxt');
  writeFileSync(out, 'mine');
  const taken = await runCommand(RecConvert, [all21, out]);
  t.is(taken.status, 6);
  t.regex(taken.stderr, /already exists/);
  t.is(readFileSync(out, 'utf8'), 'mine');
  t.is((await runCommand(RecConvert, [out, out, '--force'])).status, 2);
});

test('what is no recording leaves no file behind', async (t) => {
  const where = tempFolder(t);
  const letter = join(where, 'letter.txt');
  writeFileSync(letter, 'Dear reader,\nthis is a letter.\n');
  const out = join(where, 'out.dprec');
  const ran = await runCommand(RecConvert, [letter, out]);
  t.is(ran.status, 5, ran.stderr);
  t.regex(ran.stderr, /not a Drawpile recording/);
  t.false(existsSync(out));
});

test('a missing file is status 4, --json to standard output is refused', async (t) => {
  t.is((await runCommand(RecConvert, ['/nowhere/a.dprec'])).status, 4);
  t.is((await runCommand(RecConvert, [all21, '--json'])).status, 2);
  t.is((await runCommand(RecConvert, [all21, '--to', 'binary'], { columns: 80 })).status, 2);
});

test('info shows header, messages and people', async (t) => {
  const { stdout, status } = await runCommand(RecInfo, [`${vectors}/v23/recordings/first.dprec`]);
  t.is(status, 0);
  t.regex(stdout, /dp:4\.25\.1, known exactly/);
  t.regex(stdout, /148|149 +pixeldabs +1 +31/);
  t.regex(stdout, /2 +bob b%ö/);
  const json = (await runCommand(RecInfo, [all21, '--json'])).json<Info>();
  t.like(json, { messages: 47, bytes: 775, compatibility: 'compatible', durationMs: 1234 });
  t.deepEqual(json.undoPoints, [18]);
});

test('verify is silent about sound recordings and finds a torn end', async (t) => {
  t.is((await runCommand(RecVerify, [all21])).status, 0);
  const torn = join(tempFolder(t), 'torn.dprec');
  writeFileSync(torn, readFileSync(all21).subarray(0, -2));
  const ran = await runCommand(RecVerify, [torn]);
  t.is(ran.status, 7);
  t.regex(ran.stderr, /torn\.dprec: offset 902: error: the last message is cut/);
});

test('verify --repair writes a sound recording beside the damaged one', async (t) => {
  const where = tempFolder(t);
  const torn = join(where, 'torn.dprec');
  writeFileSync(torn, Buffer.concat([readFileSync(all21), Buffer.from([0, 9, 129])]));
  const ran = await runCommand(RecVerify, [torn, '--repair', '--json']);
  t.is(ran.status, 7);
  const { repaired, kept } = ran.json<Verified>();
  t.is(repaired, join(where, 'torn.repaired.dprec'));
  t.is(kept, 47);
  t.is(readFileSync(repaired ?? '', 'latin1'), readFileSync(all21, 'latin1'));
  t.is((await runCommand(RecVerify, [repaired ?? ''])).status, 0);
});

test('cut takes a part', async (t) => {
  const out = join(tempFolder(t), 'part.dptxt');
  const ran = await runCommand(RecCut, [all21, out, '--from', '20', '--to', '22', '--json']);
  t.is(ran.status, 0);
  t.like(ran.json<CutResult>(), { part: 3, added: 0 });
  const text = readFileSync(out, 'utf8');
  t.regex(text, /^1 newlayer .*title=Layer$/m);
  t.notRegex(text, /^1 (chat|laser|retitlelayer)/m);
});

test('cut tells what a place looks like', async (t) => {
  const ran = await runCommand(RecCut, [all21, '-', '--from', 'soon']);
  t.is(ran.status, 2);
  t.regex(ran.stderr, /message number .* or time like 1:30/);
  t.is((await runCommand(RecCut, [all21, '-'])).status, 2);
  t.is((await runCommand(RecCut, [all21, '-', '--from', '9', '--to', '3'])).status, 2);
});

test('info tells the size and the layers of the canvas', async (t) => {
  const { file } = drawnRecording(t, [
    '1 layertreecreate {"id":513,"title":"Group","flags":["group"]}',
    '1 layertreecreate {"id":769,"title":"In it","target":513,"flags":["into"]}',
  ]);
  const ran = await runCommand(RecInfo, [file]);
  t.regex(ran.stdout, /^canvas +100 × 80 pixels, 4 layers, 1 annotation$/m);
  const names = ['Group', 'In it', 'Blue', 'Red'].map((name) => ran.stdout.indexOf(` ${name} `));
  t.deepEqual(
    names,
    [...names].sort((a, b) => a - b),
    'the topmost comes first, groups before what is in them',
  );
  t.false(ran.stdout.includes('\u001b'), 'no picture for a pipe');
  t.like((await runCommand(RecInfo, [file, '--json'])).json<Info>().canvas, {
    width: 100,
    height: 80,
    annotations: 1,
  });
});

test('info shows a small picture in a terminal, unless it is told not to', async (t) => {
  const { file } = drawnRecording(t);
  const env = { TERM: 'xterm-256color', COLORTERM: 'truecolor' };
  const shown = await runCommand(RecInfo, [file], { env, columns: 80 });
  t.regex(shown.stdout, /38;2;0;0;255;48;2;0;0;255m▀/);
  t.regex(shown.stdout, /100 × 80 pixels/);
  t.notRegex((await runCommand(RecInfo, [file, '--picture', 'none'], { env, columns: 80 })).stdout, /▀/);
  t.regex((await runCommand(RecInfo, [file, '--picture', 'kitty'])).stdout, /_Gf=100/);
});

test('info of a recording of 2.1 has no canvas and everything else', async (t) => {
  const ran = await runCommand(RecInfo, [all21, '--json']);
  t.is(ran.status, 0);
  t.is(ran.json<Info>().canvas, undefined);
  t.is(ran.json<Info>().messages, 47);
});
