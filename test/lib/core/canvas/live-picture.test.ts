// A picture that is kept up to date is the picture of the whole canvas, and does only what has changed.
import test from 'ava';
import { Canvas } from '../../../../src/lib/core/canvas/canvas.js';
import { LivePicture } from '../../../../src/lib/core/canvas/live-picture.js';
import type { PictureView } from '../../../../src/lib/core/canvas/views.js';
import { encodeMessage } from '../../../../src/lib/core/protocol/messages.js';
import { loadCodecs } from '../../../../src/lib/io/canvas/codecs.js';
import { readVector } from '../../../helpers/canvas-vectors.js';

const codecs = await loadCodecs();

const whole = (canvas: Canvas, view: PictureView) =>
  Buffer.from(canvas.picture({ x: 0, y: 0, width: canvas.width, height: canvas.height }, view).rgba);

for (const name of ['mix-004', 'layers-043', 'undo-036', 'animation-056']) {
  test(`${name}: it is the whole picture again and again`, (t) => {
    const { recording } = readVector('test/vectors/canvas/random', name, 'portable');
    const canvas = new Canvas({ generation: recording.generation, access: 'none', codecs });
    const views: PictureView[] = [{}, { background: false, openStrokes: false }, { frame: 3 }];
    const live = views.map((view) => new LivePicture(canvas, view));
    recording.messages.forEach(({ type, contextId, payload }, index) => {
      canvas.message(type, contextId, payload);
      if (index % 37 !== 0) return;
      views.forEach((view, at) => {
        t.true(Buffer.from(live[at]!.update().picture.rgba).equals(whole(canvas, view)), `message ${index}`);
      });
    });
  });
}

test('only tiles that changed are put together again', (t) => {
  const canvas = new Canvas({ generation: '4.25', access: 'none', codecs });
  const send = (name: string, fields = {}) => canvas.feed(encodeMessage('4.25', name, 1, fields));
  send('resize', { top: 0, right: 300, bottom: 200, left: 0 });
  send('layertreecreate', { id: 0x101, source: 0, target: 0, fill: 0xffffffff, flags: 0, title: '' });
  const live = new LivePicture(canvas);
  t.deepEqual(live.update().changed, { x: 0, y: 0, width: 300, height: 200 });
  t.is(live.update().changed, undefined);
  send('undopoint');
  send('fillrect', { layer: 0x101, mode: 1, x: 70, y: 10, w: 10, h: 10, color: 0xffff0000 });
  t.deepEqual(live.update().changed, { x: 64, y: 0, width: 64, height: 64 });
  send('fillrect', { layer: 0x101, mode: 1, x: 280, y: 190, w: 10, h: 10, color: 0xff00ff00 });
  t.deepEqual(live.update().changed, { x: 256, y: 128, width: 44, height: 72 });
  send('undo');
  t.deepEqual(live.update().changed, { x: 64, y: 0, width: 236, height: 200 });
});
