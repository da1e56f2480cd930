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

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const eraseBelow = '\u001b[J';
const toTopLeft = '\u001b[H';
const up = (lines: number) => (lines > 0 ? `\u001b[${lines}A` : '');

/** Lines that are written over the lines before them, all at once: anything else would flicker. */
class Picture {
  readonly #write: (text: string) => void;
  /** Lines above the cursor that are ours. */
  #above = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
    write(hideCursor);
  }

  /** No line may be wider than the terminal. */
  draw(text: string): void {
    const lines = text.split('\n');
    // erased before and not after it: a line as wide as the terminal would lose its last character
    this.#write(`${up(this.#above)}\r${eraseBelow}${lines.join('\n')}`);
    this.#above = lines.length - 1;
  }

  /** For a terminal of another size, where nobody knows how the lines lie now. */
  clear(): void {
    this.#write(`${toTopLeft}${eraseBelow}`);
    this.#above = 0;
  }

  done(): void {
    this.#write(`\n${showCursor}`);
  }
}

export function openScreen(terminal: Terminal): Screen {
  const stdout = terminal.stdout as NodeJS.WriteStream;
  const stdin = terminal.stdin as Partial<ReadStream> & NodeJS.ReadableStream;
  const picture = new Picture((text) => stdout.write(text));
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
    picture.clear();
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
    draw: (text) => picture.draw(printableStyled(text)),
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
      picture.done();
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
