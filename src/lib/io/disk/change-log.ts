// Remembers which changes of a file were checked: a file that has not changed since it was found intact is not read
// again, except once more for changes in the same moment.

export class ChangeLog {
  /** When the file was changed last as it was looked at last. */
  #changedAt: number | undefined;
  /** Unchanged since it was checked twice and found intact. */
  #intactAt: number | undefined;
  #isQuiet = false;

  /** Another file takes its place. */
  forget(): void {
    this.#changedAt = this.#intactAt = undefined;
  }

  /** Whether a file that was changed at this time, by whomever, is to be read. */
  isNew(changedAt: number): boolean {
    if (changedAt === this.#intactAt) return false;
    this.#isQuiet = changedAt === this.#changedAt;
    this.#changedAt = changedAt;
    return true;
  }

  /** It was read and had what it should have. */
  wasIntact(changedAt: number): void {
    if (this.#isQuiet && changedAt === this.#changedAt) this.#intactAt = changedAt;
  }
}
