// What a client did for itself only shows in the local view, and nowhere else.
import test from 'ava';
import { Canvas, type PictureView } from '../../../../src/lib/core/canvas/canvas.js';
import { encodeMessage } from '../../../../src/lib/core/protocol/messages.js';
import { loadCodecs } from '../../../../src/lib/io/canvas/codecs.js';

const codecs = await loadCodecs();
const red = 0xffff0000;
const blue = 0xff0000ff;

function makeCanvas() {
  const canvas = new Canvas({ generation: '4.25', access: 'none', codecs });
  const send = (name: string, fields = {}) => canvas.feed(encodeMessage('4.25', name, 0, fields));
  const layer = (id: number, fill: number) =>
    send('layertreecreate', { id, source: 0, target: 0, fill, flags: 0, title: '' });
  send('resize', { top: 0, right: 64, bottom: 64, left: 0 });
  send('background', { image: Buffer.from('ff00ff00', 'hex') });
  layer(1, red);
  layer(2, blue);
  const local = (type: number, body: string) => send('localchange', { type, body: Buffer.from(body, 'hex') });
  const pixel = (view: PictureView) =>
    Buffer.from(canvas.picture({ x: 3, y: 3, width: 1, height: 1 }, view).rgba).toString('hex');
  return { canvas, local, layer, pixel };
}

test('a layer that was hidden is not in the local view, until another one has its number', (t) => {
  const { local, layer, pixel, canvas } = makeCanvas();
  local(0, '0000000201');
  t.is(pixel({}), '0000ffff');
  t.is(pixel({ local: true }), 'ff0000ff');
  canvas.feed(encodeMessage('4.25', 'layertreedelete', 0, { id: 2, merge_to: 0 }));
  layer(2, blue);
  t.is(pixel({ local: true }), '0000ffff');
  local(0, '0000000201');
  local(0, '0000000200');
  t.is(pixel({ local: true }), '0000ffff');
});

test('a background of its own, and none again', (t) => {
  const { local, pixel } = makeCanvas();
  local(0, '0000000101');
  local(0, '0000000201');
  local(1, 'ff102030');
  t.is(pixel({}), '0000ffff');
  t.is(pixel({ local: true }), '102030ff');
  local(1, '');
  t.is(pixel({ local: true }), '00ff00ff');
});

test('sketch mode has an opacity and a tint in place of the layer', (t) => {
  const { local, pixel } = makeCanvas();
  local(8, '00000002800000000000');
  t.is(pixel({ local: true }), '0000ffff');
  local(8, '000000028000ffffff00');
  t.not(pixel({ local: true }), '0000ffff');
  t.is(pixel({}), '0000ffff');
});

test('a censored layer, and one layer alone', (t) => {
  const { local, pixel } = makeCanvas();
  local(10, '0000000201');
  t.is(pixel({ local: true }), '292623ff');
  t.is(pixel({}), '0000ffff');
  local(10, '0000000200');
  local(3, '00000001');
  local(2, '00000001');
  t.is(pixel({ local: true }), 'ff0000ff');
});

test('what can not be read changes nothing', (t) => {
  const { local, pixel, canvas } = makeCanvas();
  for (const type of [0, 1, 2, 3, 4, 8, 10, 99]) local(type, '00');
  t.is(pixel({ local: true }), '0000ffff');
  t.is(canvas.counts.rejected, 0);
});
