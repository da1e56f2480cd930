// A picture in the terminal that is drawn over itself, until somebody presses q or Ctrl-C.

import type { ReadStream } from 'node:tty';
import { printableStyled } from '../core/printable.js';
import type { Terminal } from './terminal.js';

export interface Screen {
  readonly rows: number;
  draw(text: string): void;
  /** True as soon as it is to be left; false when so much time has gone by, or the terminal has another size. */
  leavesWithin(ms: number): Promise<boolean>;
  /** The last picture stays. */
  close(): void;
}

const leavingKeys = 'qQ\u0003\u0004';

export async function openScreen(terminal: Terminal): Promise<Screen> {
  const { createLogUpdate } = await import('log-update');
  const stdout = terminal.stdout as NodeJS.WriteStream;
  const stdin = terminal.stdin as Partial<ReadStream> & NodeJS.ReadableStream;
  const update = createLogUpdate(stdout);
  let isLeft = false;
  let wake = () => {};
  const leave = () => {
    isLeft = true;
    wake();
  };
  const onData = (data: Buffer | string) => {
    // in raw mode Ctrl-C and Ctrl-D are characters
    if ([...String(data)].some((key) => leavingKeys.includes(key))) leave();
  };
  const onResize = () => {
    update.clear();
    wake();
  };
  stdin.setRawMode?.(true);
  stdin.on('data', onData);
  stdin.on('end', leave);
  stdin.resume();
  stdout.on('resize', onResize);
  process.on('SIGINT', leave);
  process.on('SIGTERM', leave);
  return {
    get rows() {
      return stdout.rows || 24;
    },
    draw: (text) => update(printableStyled(text)),
    leavesWithin: (ms) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          wake = () => {};
          resolve(isLeft);
        };
        const timer = setTimeout(done, ms);
        wake = done;
        if (isLeft) done();
      }),
    close() {
      update.done();
      stdin.off('data', onData);
      stdin.off('end', leave);
      stdin.setRawMode?.(false);
      stdin.pause();
      stdout.off('resize', onResize);
      process.off('SIGINT', leave);
      process.off('SIGTERM', leave);
    },
  };
}
