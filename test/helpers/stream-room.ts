// A session with two operators, as a streamed reset needs it, and nothing around it: what is done is written down.

import { StreamedReset } from '../../src/lib/core/session/streamed-reset.js';
import { type FakeMember, fakeMember, type Sent, sentAs } from './fake-member.js';
import { ManualClock } from './manual-clock.js';
import { frame } from './wire.js';

export const stroke = (text = 'drawn') => frame(148, 9, Buffer.from(text));
export const goOn: Sent = { type: 'sprogress', cancel: false };
export const giveUp: Sent = { type: 'sprogress', cancel: true };

export type Inflated = { output: readonly Uint8Array[] } | { error: string };

export function makeStreamRoom() {
  const clock = new ManualClock();
  const log: string[] = [];
  const ann = fakeMember(1, 'ann', { isOperator: true, avatar: new Uint8Array() });
  const bob = fakeMember(2, 'bob', { isOperator: true, avatar: new Uint8Array() });
  /** What the inflater was given, and what answers it. */
  const pieces: { piece: string; most: number; done: (result: Inflated) => void }[] = [];
  let inflaters = 0;
  const image = {
    frames: [] as Sent[],
    isReady: true,
    sizeBytes: 40,
    append: (bytes: Uint8Array, from: number, to: number, count: number) => {
      if (count !== 1) throw new Error(`${count} messages in one frame`);
      image.frames.push(sentAs(Buffer.from(bytes.subarray(from, to))));
    },
    abort: () => log.push('image forgotten'),
  };
  const history = {
    lastIndex: 10,
    sizeBytes: 1000,
    append: (bytes: Buffer, from: number, to: number, count: number) => {
      log.push(`history: ${sentAs(bytes.subarray(from, to))} ×${count}`);
      history.lastIndex++;
      history.sizeBytes += to - from;
    },
    beginImage: () => image,
  };
  const room = {
    needs: {
      clock,
      makeInflater: () => {
        inflaters++;
        return {
          write: (piece: Buffer, most: number, done: (result: Inflated) => void) =>
            void pieces.push({ piece: piece.toString(), most, done }),
          finish: (done: (result: Inflated) => void) => void pieces.push({ piece: 'end', most: 0, done }),
          close: () => log.push('inflater closed'),
        };
      },
    },
    phase: { isRunning: true },
    people: { members: [ann, bob] as FakeMember[] },
    flow: {
      history,
      historyLimit: 0,
      room: 10_000,
      hasRoomFor: (bytes: number) => bytes <= room.flow.room,
      positionText: (index: number) => `at ${index}`,
      store: (bytes: Buffer) => history.append(bytes, 0, bytes.length, 1),
      adoptImage: (adopted: unknown, tail: number, bytes: number) => {
        log.push(`adopted ${adopted === image}, tail ${tail}, ${bytes} bytes`);
        history.sizeBytes = 77;
      },
      sendStatus: () => log.push('status'),
      restartRecording: () => log.push('recording'),
    },
    config: { store: () => log.push('configuration') },
    autoReset: {
      isRequested: true,
      wanted: 'c' as string | undefined,
      awaitedStream: (member: FakeMember) => (member === ann ? room.autoReset.wanted : undefined),
      begun: () => log.push('begun'),
      clear: (ms: number) => log.push(`cleared for ${ms} ms`),
      // as the machine does it: what arrives is forgotten
      fail: () => {
        log.push('failed');
        reset.abortUnprepared();
      },
    },
    writeLog: (level: string, topic: string, text: string) => log.push(`${level} ${topic} ${text}`),
    recordAction: ({
      kind,
      actor,
      effect,
    }: {
      kind: string;
      actor: { kind: string };
      effect: { kind: string };
    }) => log.push(`${kind} ${effect.kind} by ${actor.kind}`),
  };
  const reset = new StreamedReset(room as never);
  /** What was logged and done since the last look. */
  const news = () => log.splice(0);
  const answer = (result: Inflated) => pieces.shift()!.done(result);
  const upload = (...frames: Buffer[]) => {
    reset.receive(ann, Buffer.from('packed'));
    answer({ output: frames });
  };
  const started = () => {
    reset.start(ann, 'c');
    image.frames.length = 0;
    for (const member of [ann, bob]) member.done.length = 0;
    news();
  };
  const finish = (count: number, result: Inflated = { output: [] }) => {
    let said: string | undefined = 'nothing yet';
    reset.finish(ann, count, (problem) => {
      said = problem && `${problem}`;
    });
    answer(result);
    return said as string | undefined;
  };
  return {
    reset,
    room,
    clock,
    ann,
    bob,
    image,
    history,
    pieces,
    news,
    answer,
    upload,
    started,
    finish,
    inflaters: () => inflaters,
  };
}
