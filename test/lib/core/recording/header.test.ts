// The header of a recording survives the way to text and back to the byte, whoever wrote it.

import { Buffer } from 'node:buffer';
import test from 'ava';
import { Conversion } from '../../../../src/lib/core/recording/conversion.js';
import { magic } from '../../../../src/lib/core/recording/header.js';

const undoPoint = Buffer.from([0, 0, 128, 1]);

function recording(metadata: string): Buffer {
  const bytes = Buffer.from(metadata);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([magic, length, bytes, undoPoint]);
}

function convert(input: Buffer, options: ConstructorParameters<typeof Conversion>[0] = {}): Buffer {
  const conversion = new Conversion(options, () => undefined);
  return Buffer.concat([conversion.read(input), conversion.end()]);
}

for (const version of ['dp:4.21.2', 'dp:4.24.0', 'dp:4.25.1']) {
  for (const metadata of [
    `{"version":"${version}"}`,
    `{"version":"${version}","server-recording":"true"}`,
    `{"server-recording":true,"version":"${version}","writerversion":"2.1.20"}`,
    `{"writerversion":"2.1.20","version":"${version}","a":1}`,
    `{"version":"${version}","number":"17","text":17,"big":12345678901234567890,"exponent":1e3,"fraction":1.50}`,
    `{"version":"${version}","url":"https:\\/\\/example.org","other":"https://example.org"}`,
    `{ "version" : "${version}",\n  "spaces": [ 1, 2 ] }`,
    `{"version":"${version}","title":"two\\nlines","empty":"","blank":"  x  "}`,
    `{"version":"${version}","key=with":"x","":"y","nested":{"b":null,"a":false}}`,
    `{"version":"${version}","twice":1,"twice":2}`,
    `{"version":"${version}","escaped":"\\u00e9\\ud83d\\ude00","raw":"é😀"}`,
    `{"2":"x","1":"y","version":"${version}"}`,
    `{"version":"${version}","__proto__":"x"}`,
  ]) {
    test(`to text and back: ${metadata.slice(0, 90)}`, (t) => {
      const binary = recording(metadata);
      const text = convert(binary);
      t.is(convert(text).toString('latin1'), binary.toString('latin1'));
    });
  }
}

test('a binary copy keeps the header to the byte', (t) => {
  const binary = recording('{ "b":1, "version":"dp:4.21.2" }');
  t.deepEqual(convert(binary, { outputFormat: 'binary' }), binary);
});

test('what the lines say is not said twice', (t) => {
  for (const metadata of [
    '{"server-recording":true,"version":"dp:4.21.2","writerversion":"2.1.20"}',
    '{"version":"dp:4.25.1","server-recording":"true"}',
  ]) {
    t.notRegex(convert(recording(metadata)).toString(), /# dp metadata/);
  }
});

test('a header that was changed in an editor is what the editor made of it', (t) => {
  const text = convert(recording('{"title":"17","version":"dp:4.21.2"}')).toString();
  t.regex(text, /^# dp metadata /m);
  const changed = convert(Buffer.from(text.replace('!title=17', '!title=Ink'))).toString('latin1');
  t.true(changed.includes('{"title":"Ink","version":"dp:4.21.2"}'));
});

test('a damaged line of metadata is a comment like others', (t) => {
  const text = '# dp metadata %%%\n!version=dp:4.25.1\n1 undopoint {}\n';
  t.true(convert(Buffer.from(text)).includes('{"version":"dp:4.25.1"}'));
});
