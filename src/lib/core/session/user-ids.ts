// Assigns user ids to joining users (sessions.md §7.1): the previous id of the name, or the one unused for longest.

export class UserIds {
  /** Front: unused for longest. */
  readonly #queue = Array.from({ length: 254 }, (_, i) => i + 1);
  readonly #byName: Map<string, number>;

  constructor(remembered: ReadonlyMap<string, number> = new Map()) {
    this.#byName = new Map(remembered);
  }

  /** An id that `isTaken` does not refuse; undefined when all are taken. */
  choose(name: string, isTaken: (id: number) => boolean): number | undefined {
    const known = this.#byName.get(name);
    if (known !== undefined && !isTaken(known)) return known;
    return this.#queue.find((id) => !isTaken(id));
  }

  /** The id is in use, or was just now: it comes last. */
  used(id: number): void {
    const at = this.#queue.indexOf(id);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    this.#queue.push(id);
  }

  /** For a successor of this process. */
  handOver(): { queue: readonly number[]; byName: ReadonlyMap<string, number> } {
    return { queue: this.#queue, byName: this.#byName };
  }

  takeOver({ queue, byName }: ReturnType<UserIds['handOver']>): void {
    this.#queue.splice(0, Number.POSITIVE_INFINITY, ...queue);
    this.#byName.clear();
    for (const [name, id] of byName) this.#byName.set(name, id);
  }

  remember(name: string, id: number): void {
    this.#byName.set(name, id);
    this.used(id);
  }
}
