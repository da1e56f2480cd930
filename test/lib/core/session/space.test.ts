// A session that is full: what is stored in the reserve, what goes out without being stored, and how often people are warned.
import test from 'ava';
import { Space } from '../../../../src/lib/core/session/space.js';
import { texts } from '../../../../src/lib/core/session/texts.js';
import { type Sent, sentAs } from '../../../helpers/fake-member.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { frame } from '../../../helpers/wire.js';

const reserve = 1024 * 1024;

function makeSpace(sizeBytes: number, host?: { id: number }) {
  const clock = new ManualClock();
  const stored: Sent[] = [];
  const shown: Sent[] = [];
  const space = new Space({
    needs: { clock },
    phase: { host: host as never },
    flow: {
      history: { sizeBytes },
      historyLimit: 1000,
      storeBeyondLimit: (bytes) => void stored.push(sentAs(bytes)),
      sendToAll: (bytes) => void shown.push(sentAs(bytes)),
    },
  });
  return { space, clock, stored, shown };
}

test('everybody is warned with what locks the canvas and with what they read', (t) => {
  const { space, shown } = makeSpace(1000);
  space.warn();
  t.deepEqual(shown, [{ type: 'outofspace' }, { type: 'alert', message: texts.outOfSpace, T: 'outofspace' }]);
});

test('who comes is stored in the reserve without a picture, and everybody is warned each time', (t) => {
  const { space, stored, shown } = makeSpace(1000);
  const name = Buffer.from('änn');
  const join = frame(32, 7, Buffer.concat([Buffer.from([5, name.length]), name, Buffer.alloc(500, 1)]));
  for (let i = 1; i <= 2; i++) {
    t.true(space.storeEmergency(join));
    t.is(shown.length, 2 * i);
  }
  const small = `32 by 7: ${Buffer.concat([Buffer.from([5, name.length]), name]).toString('latin1')}`;
  t.deepEqual(stored, [small, small]);
});

test('the reserve is used to its last byte', (t) => {
  const leave = frame(33, 7, Buffer.alloc(0));
  const last = makeSpace(1000 + reserve - leave.length);
  t.true(last.space.storeEmergency(leave));
  t.is(last.stored.length, 1);
  const beyond = makeSpace(1000 + reserve - leave.length + 1);
  t.false(beyond.space.storeEmergency(leave));
  t.deepEqual(beyond.stored, []);
  t.is(beyond.shown[0], '33 by 7: ', 'whoever is here reads it all the same');
  t.false(beyond.space.storeEmergency(frame(32, 8, Buffer.from([0, 0, 1]))));
  t.true(beyond.shown.includes('32 by 8: \u0000\u0000\u0001'), 'with the picture');
});

test('what is lost otherwise goes to those who are here; drawing goes to nobody', (t) => {
  const { space, stored, shown } = makeSpace(1000);
  t.true(space.storeEmergency(frame(34, 0, Buffer.from([1]))), 'operators are remembered');
  shown.length = 0;
  t.false(space.storeEmergency(frame(36, 0, Buffer.from([1, 2]))));
  t.deepEqual(shown, ['36 by 0: \u0001\u0002']);
  shown.length = 0;
  t.false(space.storeEmergency(frame(64, 1, Buffer.from([9]))));
  t.false(space.storeEmergency(frame(148, 1, Buffer.from([9]))));
  t.deepEqual(shown, []);
  t.is(stored.length, 1);
});

test('chat that goes out without being stored is marked so, and an upload sends none of others', (t) => {
  const chat = frame(35, 9, Buffer.from([0, 0, 97]));
  const running = makeSpace(1000);
  running.space.storeEmergency(chat);
  t.is(running.shown[0], '35 by 9: \u0001\u0000a');
  const upload = makeSpace(1000, { id: 4 });
  upload.space.storeEmergency(chat);
  t.is(upload.shown[0], '35 by 4: \u0001\u0000a');
});

test('drawing in a full session warns at once, and then every ten seconds', (t) => {
  const { space, clock, shown } = makeSpace(1000);
  const stroke = frame(148, 1, Buffer.from([9]));
  space.storeEmergency(stroke);
  t.is(shown.length, 2);
  clock.advance(9999);
  space.storeEmergency(stroke);
  t.is(shown.length, 2);
  clock.advance(1);
  space.storeEmergency(stroke);
  t.is(shown.length, 4);
});
