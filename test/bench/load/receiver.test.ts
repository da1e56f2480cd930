// The check that every receiver gets every byte once and in order must fail when it should.

import test from 'ava';
import { LoadClient } from './client.js';
import { Receiver } from './receiver.js';
import { Script } from './script.js';
import { Transcript } from './transcript.js';
import { frameLength, markFrame } from './wire.js';

const target = { host: '127.0.0.1', port: 1, transport: 'tcp' } as const;

function stage(receiverCount: number) {
  const transcript = new Transcript(64 << 10);
  const script = new Script(7, 1);
  transcript.scripts.set(7, script);
  const receivers = Array.from({ length: receiverCount }, (_, i) =>
    new Receiver(new LoadClient(target, `r${i}`, () => {}), transcript).checkAll(),
  );
  const take = (receiver: Receiver, bytes: Buffer) => receiver.take(bytes, 0, bytes.length);
  return { transcript, script, receivers, take };
}

function frames(bytes: Buffer): Buffer[] {
  const list: Buffer[] = [];
  for (let o = 0; o < bytes.length; o += frameLength(bytes, o))
    list.push(bytes.subarray(o, o + frameLength(bytes, o)));
  return list;
}

test('receivers that get everything pass, however it is cut', (t) => {
  const { transcript, script, receivers, take } = stage(2);
  const sent = Buffer.concat([script.next(100, () => 5), markFrame(7, 1), script.next(3, () => 6)]);
  take(receivers[0]!, sent);
  for (const frame of frames(sent)) take(receivers[1]!, frame);
  t.notThrows(() => transcript.finish(receivers));
  t.is(receivers[0]!.drawn, 103);
  t.is(receivers[1]!.bytes, sent.length);
});

test('a message that is lost for everyone is noticed', (t) => {
  const { script, receivers, take } = stage(1);
  const [first, , ...rest] = frames(script.next(10, () => 5));
  t.throws(() => take(receivers[0]!, Buffer.concat([first!, ...rest])), {
    message: /message 1 of 10 is not what came/,
  });
});

test('a message that comes twice is noticed', (t) => {
  const { script, receivers, take } = stage(1);
  const [first] = frames(script.next(10, () => 5));
  t.throws(() => take(receivers[0]!, Buffer.concat([first!, first!])), { message: /message 1 of 10/ });
});

test('a receiver whose order differs from the others is noticed', (t) => {
  const { script, receivers, take } = stage(2);
  const [first, second, ...rest] = frames(script.next(10, () => 5));
  take(receivers[0]!, Buffer.concat([first!, second!, ...rest]));
  t.throws(() => take(receivers[1]!, Buffer.concat([second!, first!, ...rest])), {
    message: /receivers differ/,
  });
});

test('a receiver that gets less than the others is noticed', (t) => {
  const { transcript, script, receivers, take } = stage(2);
  const sent = frames(script.next(10, () => 5));
  take(receivers[0]!, Buffer.concat(sent));
  take(receivers[1]!, Buffer.concat(sent.slice(0, 9)));
  t.throws(() => transcript.finish(receivers), { message: 'r1 got 9 messages of 10' });
});

test('messages that nobody gets are noticed', (t) => {
  const { transcript, script, receivers, take } = stage(1);
  take(
    receivers[0]!,
    script.next(10, () => 5),
  );
  script.next(1, () => 5);
  t.throws(() => transcript.finish(receivers), { message: 'user 7 sent 11 messages, only 10 came' });
});

test('a message from someone who sends nothing is noticed', (t) => {
  const { receivers, take } = stage(1);
  t.throws(
    () =>
      take(
        receivers[0]!,
        new Script(8, 1).next(1, () => 5),
      ),
    { message: /user 8, who sends nothing/ },
  );
});
