// Hand-made and random recordings of one kind, with what the C engine has after every message
// (test/vectors/canvas/model): structure, undo, access filter, batches of dabs.
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { Canvas } from '../../../../src/lib/core/canvas/canvas.js';
import { encodeMessage } from '../../../../src/lib/core/protocol/messages.js';
import { loadCodecs } from '../../../../src/lib/io/canvas/codecs.js';
import { modelLines, modelState } from '../../../helpers/canvas-model.js';
import { readRecording } from '../../../helpers/canvas-vectors.js';

const folder = 'test/vectors/canvas/model';
const codecs = await loadCodecs();

/** Outputs that hold some kinds of lines only. */
const kinds: Readonly<Record<string, RegExp>> = {
  'rnd-undo': /^\d+:|^ ann/,
  'rnd-tree': /^\d+:|^ +(layer|group|track) /,
  'rnd-acl': /FILTERED$/,
};

const filtered = ['acl', 'an', 'rnd-acl-1', 'rnd-acl-5'];

/** What C tells of an error is its own affair. */
const comparable = (lines: readonly string[], kind: RegExp | undefined) =>
  lines
    .map((line) => line.replace(/ (ok|ERR)( .*)?$/, ' $1').trimEnd())
    .filter((line) => line !== '' && (kind?.test(line) ?? true));

for (const name of readdirSync(folder)
  .filter((file) => file.endsWith('.dptxt'))
  .map((file) => file.replace('.dptxt', ''))) {
  test(`${name} is as in the C engine after every message`, (t) => {
    const recording = readRecording(readFileSync(`${folder}/${name}.dptxt`));
    const canvas = new Canvas({
      generation: recording.generation,
      access: filtered.includes(name) ? 'client' : 'none',
      // that is where they were made
      profile: 'avx2',
      codecs,
    });
    const kind = Object.entries(kinds).find(([start]) => name.startsWith(start))?.[1];
    const expected = comparable(readFileSync(`${folder}/${name}.out`, 'utf8').split('\n'), kind);
    const got = comparable(modelLines(canvas, recording), kind);
    const at = expected.findIndex((line, index) => line !== got[index]);
    t.deepEqual(got.slice(Math.max(0, at - 3), at + 3), expected.slice(Math.max(0, at - 3), at + 3));
    t.is(got.length, expected.length);
  });
}

// Once somebody undoes, what came since is drawn again, neighbouring dabs in one go.
for (const name of ['m1', 'm2', 'm3', 'm4']) {
  test(`${name} is as in the C engine when neighbouring dabs are drawn in one go`, (t) => {
    const { generation, messages } = readRecording(readFileSync(`${folder}/${name}.dptxt`));
    const canvas = new Canvas({ generation, access: 'none', profile: 'avx2', codecs });
    canvas.feed(encodeMessage('4.25', 'undopoint', 200));
    for (const { type, contextId, payload } of messages) canvas.message(type, contextId, payload);
    canvas.feed(encodeMessage('4.25', 'undo', 200));
    const expected = readFileSync(`${folder}/${name}.batch.out`, 'utf8').split('\n');
    t.deepEqual(comparable(modelState(canvas), undefined), comparable(expected, undefined));
  });
}
