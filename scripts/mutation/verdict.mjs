// Whether tests notice a mistake. A failure counts only when the same test passes without the mistake afterwards. Where it does
// not, or where something else than the test itself failed, both are looked at again in a new process: what an earlier mistake
// has left behind, or chance, is no evidence.

export class Judge {
  #openWorker;
  #shared;

  /** `openWorker(own)`: a new process, for one mutant when it has a number. */
  constructor(openWorker) {
    this.#openWorker = openWorker;
  }

  /**
   * Tries one mutant with tests, in their order. `isOwn`: its place runs while modules are loaded. `status`: `killed`, `late`
   * (a test did not end; to be tried again with more patience) or `survived`.
   */
  async try({ id }, tests, { isOwn, patience = 1 }) {
    let own;
    const worker = () => {
      if (!isOwn) return this.#worker();
      if (!own?.isUsable) own = this.#openWorker(id);
      return own;
    };
    const run = (test, mutant) => worker().run({ file: test.file, test: test.test, mutant }, test, patience);
    const clean = (test) => this.#worker().run({ file: test.file, test: test.test }, test, 3);
    try {
      for (const test of tests) {
        const first = await run(test, id);
        if (first.failed === undefined) continue;
        const isSure = !first.isStray && !first.isBroken && !first.isLate;
        let last = first;
        if (!isSure || (await clean(test)).failed !== undefined) {
          await this.#replace();
          if ((await clean(test)).failed !== undefined) {
            await this.#replace();
            console.log(`fails without any mistake now and then: ${test.file}: ${test.title}`);
            continue;
          }
          if (!first.isLate) last = await run(test, id);
          if (last.failed === undefined) continue;
        }
        const by = `${test.file.replace('.mutation/', '')}: ${test.title}: ${last.failed}`;
        return { status: last.isLate ? 'late' : 'killed', by, test };
      }
      return { status: 'survived' };
    } finally {
      await own?.end();
    }
  }

  async end() {
    await this.#shared?.end();
  }

  #worker() {
    if (!this.#shared?.isUsable) this.#shared = this.#openWorker();
    return this.#shared;
  }

  async #replace() {
    await this.#shared?.end();
    this.#shared = undefined;
  }
}
