// Remembers which changes of a file were checked: a file that has not changed since it was found intact is not read
// again, except once more for changes in the same moment.

export class ChangeLog {
  /** The last change of the file at the last check. */
  #changedAt: number | undefined;
  /** Unchanged since it was checked twice and found intact. */
  #intactAt: number | undefined;
  #isQuiet = false;

  /** Forgets everything, because another file replaces this one. */
  forget(): void {
    this.#changedAt = this.#intactAt = undefined;
  }

  /** Whether a file that was changed at this time has to be read. */
  isNew(changedAt: number): boolean {
    if (changedAt === this.#intactAt) return false;
    this.#isQuiet = changedAt === this.#changedAt;
    this.#changedAt = changedAt;
    return true;
  }

  /** The file was read and is intact. */
  wasIntact(changedAt: number): void {
    if (this.#isQuiet && changedAt === this.#changedAt) this.#intactAt = changedAt;
  }
}
