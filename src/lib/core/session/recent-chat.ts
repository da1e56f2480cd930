// The recent chat of a session, in memory: for moderators, and for abuse reports.
import type { SaidLine } from './needs.js';

const linesAtMost = 30;
const unitsAtMost = 500;
/** Of a chat message: shown as what somebody does. */
export const actionFlag = 2;

export class RecentChat {
  readonly #lines: SaidLine[] = [];

  get lines(): readonly SaidLine[] {
    return [...this.#lines];
  }

  get newest(): SaidLine | undefined {
    return this.#lines.at(-1);
  }

  takeOver(lines: readonly SaidLine[]): void {
    this.#lines.push(...lines);
  }

  add(when: number, { id, name }: { id: number; name: string }, said: string, flags: number): void {
    const text = said.length > unitsAtMost ? `${said.slice(0, unitsAtMost)}…` : said;
    this.#lines.push({ when, user: id, name, text, isAction: (flags & actionFlag) !== 0 });
    if (this.#lines.length > linesAtMost) this.#lines.shift();
  }
}
