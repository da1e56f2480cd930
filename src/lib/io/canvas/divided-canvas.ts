// A canvas that two threads draw, each a part of it. Both get all messages; for pictures the second lends its tiles to the
// first. Where a message needs the complete canvas, everything is drawn again in one thread.

import { Fault } from '../../core/errors.js';
import type { QuestionName } from './canvas-messages.js';
import { FollowedCanvas } from './followed-canvas.js';

/** What is kept to begin anew; with more than that, one thread begins anew at once. */
const mostKeptBytes = 256 * 1024 * 1024;

/** Questions to which the first one needs the tiles of the second. */
const needsTiles: ReadonlySet<QuestionName> = new Set(['picture', 'state', 'reset']);

/** What has happened to the canvas, to happen again in one thread: bytes, or what is asked of it. */
type Step = Uint8Array | ((canvas: FollowedCanvas) => Promise<unknown>);

export function divided(
  first: FollowedCanvas,
  second: FollowedCanvas,
  openComplete: () => Promise<FollowedCanvas>,
): FollowedCanvas {
  const parts = [first, second];
  const steps: Step[] = [];
  let keptBytes = 0;
  let shownBytes = 0;
  let complete: Promise<FollowedCanvas> | undefined;
  let isClosed = false;

  const followed = new FollowedCanvas({
    feed(bytes) {
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
      shared.set(bytes);
      if (complete !== undefined) {
        complete = complete.then((canvas) => done(canvas, shared));
        complete.catch(lose);
        return;
      }
      steps.push(shared);
      keptBytes += shared.length;
      for (const part of parts) part.feed(shared).catch(losePart);
      if (keptBytes > mostKeptBytes) beginAnew();
    },
    ask(name, input, takePiece) {
      const again = (canvas: FollowedCanvas) => canvas.ask(name, input as never, takePiece);
      if (complete !== undefined) return complete.then(again);
      return new Promise((resolve, reject) => {
        const step: Step = (canvas) => again(canvas).then(resolve, reject);
        steps.push(step);
        // parts may be given up while one of them answers: what came until then must not come twice
        const pieces: Uint8Array[] = [];
        askParts(name, input, (piece) => void pieces.push(piece)).then(
          (value) => {
            if (complete !== undefined) return;
            // a reset has to happen again as well
            if (name !== 'restart') steps.splice(steps.indexOf(step), 1);
            for (const piece of pieces) takePiece?.(piece);
            resolve(value);
          },
          (error: unknown) => {
            if (error instanceof Fault && error.code === 'canvas-not-divisible') beginAnew();
            else if (complete === undefined) reject(error);
          },
        );
      });
    },
    close() {
      isClosed = true;
      for (const part of parts) part.close();
      complete?.then((canvas) => canvas.close()).catch(() => {});
    },
  });

  function askParts(
    name: QuestionName,
    input: unknown,
    takePiece: (bytes: Uint8Array) => void,
  ): Promise<unknown> {
    const answer = first.ask(name, input as never, takePiece);
    const others = name === 'restart' ? name : needsTiles.has(name) ? 'lend' : undefined;
    if (others === undefined) return answer;
    // an answer without the tiles never comes: the second may have failed
    return Promise.all([answer, second.ask(others, undefined)]).then(([value]) => value);
  }

  function beginAnew(): void {
    if (complete !== undefined || isClosed) return;
    complete = openComplete().then(async (canvas) => {
      if (isClosed) canvas.close();
      canvas.onDrawn((bytes) => show(bytes, canvas.heldBytes));
      for (const step of steps.splice(0)) await done(canvas, step);
      return canvas;
    });
    complete.catch(lose);
    for (const part of parts) part.close();
  }

  async function done(canvas: FollowedCanvas, step: Step): Promise<FollowedCanvas> {
    if (step instanceof Uint8Array) await canvas.feed(step);
    else void step(canvas);
    return canvas;
  }

  function lose(error: unknown): void {
    if (!isClosed) followed.lose(error as Fault);
  }

  /** Parts that are closed to begin anew report that. */
  function losePart(error: unknown): void {
    if (complete === undefined) lose(error);
  }

  /** What is drawn again is not shown again. */
  function show(drawnBytes: number, heldBytes: number): void {
    followed.tookBytes(Math.max(0, drawnBytes - shownBytes), heldBytes, false);
    shownBytes = Math.max(shownBytes, drawnBytes);
  }

  const onDrawn = (): void => {
    if (complete !== undefined || isClosed) return;
    if (parts.some((part) => part.hasFailed)) beginAnew();
    else show(Math.min(first.drawn, second.drawn), first.heldBytes + second.heldBytes);
  };
  for (const part of parts) part.onDrawn(onDrawn);
  return followed;
}
