// JSON commands of any shape come out in the one shape that the rest relies on.
import { Buffer } from 'node:buffer';
import test from 'ava';
import { frameReply, parseCommand } from '../../../../src/lib/core/protocol/command.js';

const parse = (text: string | Buffer) => {
  const bytes = Buffer.from(text);
  return parseCommand(bytes, 0, bytes.length);
};
const none = { cmd: '', args: [], kwargs: {} };

const rows: [what: string, text: string | Buffer, command: unknown][] = [
  ['a whole command', '{"cmd":"a","args":[1],"kwargs":{"b":2}}', { cmd: 'a', args: [1], kwargs: { b: 2 } }],
  ['missing parts are empty', '{"cmd":"a"}', { cmd: 'a', args: [], kwargs: {} }],
  ['wrongly typed parts are empty', '{"cmd":"a","args":{},"kwargs":[]}', { cmd: 'a', args: [], kwargs: {} }],
  ['a name that is no text is no name', '{"cmd":5,"args":[1]}', { cmd: '', args: [1], kwargs: {} }],
  ['no JSON', 'hello', none],
  ['a list', '[1]', none],
  ['null', 'null', none],
  ['nothing', '', none],
  ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0xfe]), none],
  ['nested too deep', `${'['.repeat(40)}${']'.repeat(40)}`, none],
  ['64 KiB of brackets', '['.repeat(65_535), none],
  [
    'brackets in a text are no nesting',
    `{"cmd":"${'['.repeat(100)}"}`,
    { cmd: '['.repeat(100), args: [], kwargs: {} },
  ],
  ['an escaped quote does not end a text', '{"cmd":"a\\"[[["}', { cmd: 'a"[[[', args: [], kwargs: {} }],
];
for (const [what, text, command] of rows) test(what, (t) => t.deepEqual(parse(text) as unknown, command));

test('a reply that is too long for a message is no message', (t) => {
  t.is(frameReply({ a: 'x'.repeat(70_000) }), undefined);
  t.is(frameReply({ a: 'é' }, 3)?.toString('hex'), '000a00037b2261223a22c3a9227d');
});
