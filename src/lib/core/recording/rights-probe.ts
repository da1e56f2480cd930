// Whether a recording says who may do what. Those of sessions do; hand-made ones and bare reset images do not, and
// would come out empty if rights were looked at, because nobody in them is an operator.

/** Session owner, trusted users, feature access. */
const rightsMessages: ReadonlySet<number> = new Set([34, 36, 70]);
const firstCommand = 128;

/** Shown messages in order, it knows as soon as one decides. */
export class RightsProbe {
  #answer: boolean | undefined;

  /** Undefined: not decided yet, and at the end of the recording that means no. */
  get statesRights(): boolean | undefined {
    return this.#answer;
  }

  show(type: number, contextId: number): void {
    if (this.#answer !== undefined) return;
    if (rightsMessages.has(type)) this.#answer = true;
    // what the server does itself is allowed anyway
    else if (type >= firstCommand && contextId !== 0) this.#answer = false;
  }
}
