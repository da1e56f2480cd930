// What the commands on recordings share: problems with file and place, progress, and reading to the end.

import { refusal } from '../core/errors.js';
import { printable } from '../core/printable.js';
import type { Problem } from '../core/recording/items.js';
import { describePlace } from '../core/recording/items.js';
import { counted } from '../core/units.js';
import {
  type OpenedRecording,
  openRecording,
  standardStream,
  writeRecording,
} from '../io/disk/recording-file.js';
import { BaseCommand } from './base-command.js';
import { leavingNoParts } from './interruption.js';
import { startProgress } from './progress.js';

export { counted };

/** Problems printed one by one; beyond that, only their number. */
const shownProblems = 20;

/** User ids in a list with commas. Throws a Refusal for anything else. */
export function readUserIds(text: string, flag: string): ReadonlySet<number> {
  const ids = text.split(',').map((each) => each.trim());
  if (!ids.every((id) => /^\d{1,3}$/.test(id) && Number(id) <= 255)) {
    throw refusal('flag-invalid', { flag, value: text, expected: 'user ids from 0 to 255', example: '1,2' });
  }
  return new Set(ids.map(Number));
}

/** A problem in the output of --json. */
export interface ShownProblem {
  severity: Problem['severity'];
  offset?: number;
  line?: number;
  column?: number;
  message: string;
}

export function shownProblem({ severity, offset, line, column, message }: Problem): ShownProblem {
  return {
    severity,
    ...(offset === undefined ? {} : { offset }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    message,
  };
}

/** Collects problems, prints the first ones as they come. */
export class ProblemList {
  readonly problems: ShownProblem[] = [];
  errors = 0;
  warnings = 0;
  readonly #print: (line: string) => void;
  readonly #file: string;
  readonly #limit: number;

  constructor(file: string, print: (line: string) => void, limit = shownProblems) {
    this.#file = file === standardStream ? '(input)' : file;
    this.#print = print;
    this.#limit = limit;
  }

  readonly add = (problem: Problem): void => {
    if (problem.severity === 'error') this.errors++;
    else this.warnings++;
    if (this.problems.length >= Math.max(this.#limit, 1000)) return;
    this.problems.push(shownProblem(problem));
    if (this.problems.length > this.#limit) return;
    this.#print(
      `${this.#file}: ${describePlace(problem)}: ${problem.severity}: ${printable(problem.message)}`,
    );
  };

  /** How many more there are than were printed. */
  finish(): void {
    const more = this.errors + this.warnings - this.#limit;
    if (more > 0) this.#print(`${this.#file}: and ${counted(more, 'more problem')}`);
  }
}

export abstract class RecordingCommand extends BaseCommand {
  protected open(path: string): Promise<OpenedRecording> {
    return openRecording(path, this.terminal.stdin);
  }

  /** Writes a recording; an interruption leaves no half of it. */
  protected write(path: string, pieces: AsyncIterable<Uint8Array>, overwrites: boolean): Promise<void> {
    return leavingNoParts(() => writeRecording(path, pieces, { overwrites, stdout: this.terminal.stdout }));
  }

  /** The chunks of a recording, with a progress bar while they are read. */
  protected async *watched(label: string, opened: OpenedRecording): AsyncGenerator<Buffer> {
    const progress = startProgress(this.terminal, label, opened.fileBytes, !this.jsonEnabled());
    try {
      for await (const chunk of opened.chunks) {
        progress.update(opened.readBytes());
        yield chunk;
      }
    } finally {
      progress.stop();
    }
  }
}
