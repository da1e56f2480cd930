// From 2.2 to 2.3 (protocol.md §7.4): ids turn round, new fields get what the old meaning was, removed messages go.

import test from 'ava';
import type { Fields } from '../../../../src/lib/core/protocol/kind.js';
import { decodePayload, encodePayload, messageTables } from '../../../../src/lib/core/protocol/messages.js';
import { Conversion } from '../../../../src/lib/core/recording/conversion.js';
import type { Problem } from '../../../../src/lib/core/recording/items.js';
import { upgradePayload } from '../../../../src/lib/core/recording/upgrade.js';
import { RecordingWriter } from '../../../../src/lib/core/recording/writer.js';
import { everyMessage } from '../../../helpers/generated-recording.js';

const upgrades = test.macro({
  exec(t, name: string, before: Fields, after: Fields) {
    const from = messageTables['4.24'].named(name)?.row;
    const to = messageTables['4.25'].named(name)?.row;
    if (!from || !to) {
      t.fail(`no message ${name}`);
      return;
    }
    const payload = upgradePayload(from.id, encodePayload(from, before));
    t.deepEqual(payload && decodePayload(to, payload), decodePayload(to, encodePayload(to, after)));
  },
  title: (note, name) => `${name}${note ? ` ${note}` : ''}`,
});

test(upgrades, 'defaultlayer', { id: 0x0102 }, { id: 0x000201 });
test(upgrades, 'penup', {}, { layer: 0 });
test(upgrades, 'trackorder', { tracks: [0x0102, 0xff00] }, { tracks: [0x0201, 0x00ff] });
test(upgrades, 'puttile', { layer: 0x0103, col: 2 }, { user: 0, layer: 0x0301, col: 2 });
test(
  upgrades,
  'keyframelayerattributes',
  { track_id: 0x0102, frame_index: 3, layers: [0x0102, 0x0003, 0x0203, 0xff80] },
  { track_id: 0x0201, frame_index: 3, layer_flags: [0x03000201, 0x80000302] },
);
test(
  upgrades,
  'keyframeset',
  { track_id: 0x0102, source_id: 0x0304, source: 1 },
  { track_id: 0x0201, source_id: 0x0403, source: 1 },
);
test(
  upgrades,
  'moverect',
  { layer: 0x0101, source: 0x0201, w: 5, mask: Buffer.from('m') },
  { layer: 0x0101, source: 0x0102, w: 5, blend: 1, opacity: 255, mask: Buffer.from('m') },
);
test(
  'with a soft stroke',
  upgrades,
  'classicdabs',
  { layer: 0x0102, x: 4, color: 0xff112233, mode: 2, dabs: [1, -2, 65535, 4, 5] },
  { flags: 2, layer: 0x0201, x: 4, color: 0xff112233, mode: 2, dabs: [1, -2, 65535, 4, 5] },
);
test(
  'with a direct stroke',
  upgrades,
  'pixeldabs',
  { layer: 0x0102, color: 0x00112233, dabs: [1, 2, 255, 4] },
  { flags: 0, layer: 0x0201, color: 0x00112233, dabs: [1, 2, 255, 4] },
);
test(
  upgrades,
  'mypaintdabs',
  { layer: 0x0102, color: 0xff112233, mode: 3, dabs: [1, 2, 3, 4, 5, 6, 7] },
  { flags: 0, layer: 0x0201, color: 0xff112233, mode: 3, dabs: [1, 2, 3, 4, 5, 6, 7] },
);
test(upgrades, 'chat', { message: 'same' }, { message: 'same' });

test('what 2.3 removed is left out and told', (t) => {
  for (const name of ['newlayer', 'moveregion', 'marker', 'layervisibility', 'selectionput']) {
    const row = messageTables['4.24'].named(name)?.row;
    t.is(row && upgradePayload(row.id, Buffer.alloc(row.min)), undefined, name);
  }
});

test('a whole recording of 2.2 becomes a sound one of 2.3', (t) => {
  const writer = new RecordingWriter({
    format: 'binary',
    generation: '4.24',
    header: new Map([
      ['version', 'dp:4.24.0'],
      ['title', 'Old'],
    ]),
    isOriginal: false,
  });
  const messages = everyMessage('4.24').filter(({ payload }) => payload.length < 30_000);
  for (const message of messages) writer.write(message);
  const told: Problem[] = [];
  const conversion = new Conversion({ upgrades: true, outputFormat: 'binary' }, (problem) =>
    told.push(problem),
  );
  const binary = Buffer.concat([conversion.read(writer.take()), conversion.end()]);
  t.is(conversion.outputProtocol, 'dp:4.25.1');
  const { count } = conversion;
  t.is(count.readMessages, messages.length);
  t.is(count.writtenMessages + count.droppedMessages + count.errors, messages.length);
  t.true(told.every((problem) => problem.offset !== undefined));

  const wrong: Problem[] = [];
  const check = new Conversion({ outputFormat: 'text' }, (problem) => wrong.push(problem));
  const text = Buffer.concat([check.read(binary), check.end()]).toString();
  t.deepEqual(wrong, []);
  t.true(text.startsWith('!version=dp:4.25.1\n!title=Old\n'));
  t.notRegex(text, / unknown \{/);
});

test('a recording of 2.1 can not be upgraded', (t) => {
  const conversion = new Conversion({ upgrades: true, requiresUpgrade: true }, () => {});
  t.throws(() => conversion.read(Buffer.from('!version=dp:4.21.2\n1 undopoint\n')), { message: /2\.1/ });
});
