// dp rec flatten and dp rec cut --reset-at: recordings that begin with the canvas as it was.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import RecCut, { type CutResult } from '../../../src/commands/rec/cut.js';
import RecFlatten, { type Flattened } from '../../../src/commands/rec/flatten.js';
import RecRender from '../../../src/commands/rec/render.js';
import { drawnMessages, drawnRecording } from '../../helpers/drawn-recording.js';
import { runCommand } from '../../helpers/run-command.js';

interface State {
  messages: number;
  acl: string;
  undoDepth: number;
  layers: { id: number; title: string; sha256: string }[];
  flat: { sha256: string };
}

async function stateOf(t: ExecutionContext, file: string, ...more: string[]): Promise<State> {
  const ran = await runCommand(RecRender, [file, '--state', '--json', ...more]);
  t.is(ran.status, 0, ran.stdout);
  return ran.json<State>();
}

/** All that a reset keeps, for colours that 8 bits can say. */
const kept = ({ messages: _, acl: _acl, ...state }: State): unknown => state;

test('a flattened recording makes the same canvas with fewer messages', async (t) => {
  const { file, folder } = drawnRecording(t, ['1 undo {}', '2 chat {"message":"hello"}']);
  for (const name of ['flat.dprec', 'flat.dptxt']) {
    const out = join(folder, name);
    const ran = await runCommand(RecFlatten, [file, out, '--json']);
    t.is(ran.status, 0);
    t.like(ran.json<Flattened>(), { in: file, out, messages: drawnMessages + 2, problems: [] });
    const image = readFileSync(out, 'utf8');
    t.false(image.includes('hello'));
    t.deepEqual(kept(await stateOf(t, out, '--acl', 'none')), kept(await stateOf(t, file)));
  }
});

test('a recording is flattened at a point', async (t) => {
  const { file, folder } = drawnRecording(t);
  const out = join(folder, 'early.dprec');
  await runCommand(RecFlatten, [file, out, '--at', '6']);
  t.deepEqual(kept(await stateOf(t, out, '--acl', 'none')), kept(await stateOf(t, file, '--at', '6')));
  const late = await runCommand(RecFlatten, [file, join(folder, 'late.dprec'), '--at', '99']);
  t.regex(late.stderr, /ends after 12 messages/);
  t.false(existsSync(join(folder, 'late.dprec')));
});

test('a part that begins with a reset plays to the same end', async (t) => {
  const { file, folder } = drawnRecording(t);
  const out = join(folder, 'part.dptxt');
  const ran = await runCommand(RecCut, [file, out, '--reset-at', '8', '--json']);
  t.like(ran.json<CutResult>(), { part: 5, left: 7, added: 0, problems: [] });
  const text = readFileSync(out, 'utf8');
  t.false(text.includes('"msecs":2000'), 'what is before takes no time');
  t.true(text.includes('"msecs":60000'));
  t.deepEqual(kept(await stateOf(t, out, '--acl', 'none')), kept(await stateOf(t, file)));
});

test('a part with a reset ends where --to says, by number and by time', async (t) => {
  const { file, folder } = drawnRecording(t);
  const cut = async (name: string, ...args: string[]): Promise<CutResult> =>
    (await runCommand(RecCut, [file, join(folder, name), ...args, '--json'])).json<CutResult>();
  t.like(await cut('a.dprec', '--reset-at', '8', '--to', '9'), { part: 2 });
  t.like(await cut('b.dprec', '--reset-at', '2s', '--to', '10s'), { part: 3 });
  t.deepEqual(
    kept(await stateOf(t, join(folder, 'a.dprec'), '--acl', 'none')),
    kept(await stateOf(t, file, '--at', '9')),
  );
});

test('who is there and who is operator goes into the part', async (t) => {
  const { file: plain, folder } = drawnRecording(t);
  const file = join(folder, 'people.dptxt');
  const [version, ...lines] = readFileSync(plain, 'utf8').split('\n');
  const people = [
    '1 join {"name":"a"}',
    '2 join {"name":"b"}',
    '2 leave',
    '3 join {"name":"c"}',
    '0 sessionowner {"users":[1]}',
  ];
  writeFileSync(file, [version, ...people, ...lines].join('\n'));
  const out = join(folder, 'part.dptxt');
  t.is((await runCommand(RecCut, [file, out, '--reset-at', '12'])).status, 0);
  const text = readFileSync(out, 'utf8');
  t.regex(text, /^1 join /m);
  t.regex(text, /^3 join /m);
  t.notRegex(text, /^2 join /m);
  t.regex(text, /^0 sessionowner .*\[1\]/m);
});

test('a part that is not there is refused and leaves no file', async (t) => {
  const { file, folder } = drawnRecording(t);
  const out = join(folder, 'none.dprec');
  const refusals: [string[], RegExp][] = [
    [['--reset-at', '99'], /ends after 12 messages, before the part begins/],
    [['--reset-at', '2h'], /ends after 12 messages/],
    [['--reset-at', '9', '--to', '3'], /--to is before --reset-at/],
    [['--reset-at', '9', '--from', '3'], /--from/],
  ];
  for (const [args, message] of refusals) {
    const ran = await runCommand(RecCut, [file, out, ...args]);
    t.regex(ran.stderr, message);
    t.is(ran.status, 2);
    t.false(existsSync(out));
  }
  const timeless = join(folder, 'timeless.dptxt');
  writeFileSync(timeless, '!version=dp:4.25.1\n1 undopoint\n1 undopoint\n');
  t.regex((await runCommand(RecCut, [timeless, out, '--reset-at', '5s'])).stderr, /has no times/);
});

test('recordings of 2.1 are not flattened', async (t) => {
  const { folder } = drawnRecording(t);
  const ran = await runCommand(RecFlatten, [
    'test/vectors/formats/v21/all-types.dprec',
    join(folder, 'a.dprec'),
  ]);
  t.is(ran.status, 5);
  t.regex(ran.stderr, /cannot draw the canvas/);
});
