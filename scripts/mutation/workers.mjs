// Processes that run tests (worker.mjs), and what they may take. A busy machine must not look like a test that fails: counted is
// the time of a processor that a worker took, and the time in which nothing of it wanted one. Both are read from /proc.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const everyMs = 100;
const clockTick = 100;
/** What a test may take beyond a multiple of what it takes without a mistake. */
const limits = { cpu: 2, asleep: 4, times: 10 };
const ofLoading = { cpu: 120, asleep: 60 };
/** Then a worker is replaced. */
const mostBytes = 1_500_000_000;

const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of running) killAll(child);
    process.exit(1);
  });
}

function killAll(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}

/** `own`: the number of the one mutant that this worker is for, from the beginning. `place`: where the tests are. */
export class Worker {
  #child;
  #ended;
  #heard = () => {};
  isUsable = true;

  constructor(place, notes, own) {
    // a worker that nobody ends any more ends itself
    const script = 'ulimit -t 7200; exec "$@"';
    const file = path.join(place, 'mutation/worker.mjs');
    this.#child = spawn('/bin/sh', ['-c', script, 'sh', process.execPath, '--no-warnings', file], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      detached: true,
      env: {
        ...process.env,
        DP_MUTATION_NOTES: notes,
        ...(own !== undefined && { DP_MUTANT: String(own), DP_MUTATION_OWN: '1' }),
      },
    });
    running.add(this.#child);
    this.#child.on('message', (message) => this.#heard(message));
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', () => {
        running.delete(this.#child);
        this.isUsable = false;
        this.#heard({ ended: true, broken: 'the process ended' });
        resolve();
      });
    });
  }

  /**
   * Runs one test. `known`: what it takes without a mistake; undefined: that is to be found out. `failed`: why, `undefined`:
   * it passed; `isStray`: the failure may be another test's; `isLate`: it took too much; `usage`: `{ cpu, asleep }` in seconds.
   */
  run(task, known, patience = 1) {
    const usage = { cpu: 0, asleep: 0 };
    let outcome = { failed: undefined, isStray: false, isLate: false };
    let last;
    let hasBegun = false;
    const ofTest = known
      ? {
          cpu: patience * (limits.cpu + limits.times * known.cpu),
          asleep: patience * (limits.asleep + limits.times * known.asleep),
        }
      : ofLoading;
    return new Promise((resolve) => {
      const finish = (more) => {
        clearInterval(timer);
        this.#heard = () => {};
        resolve({ ...outcome, ...more, usage });
      };
      const timer = setInterval(() => {
        const now = look(this.#child.pid);
        if (now === undefined) return;
        if (last) {
          usage.cpu += Math.max(0, now.cpu - last.cpu);
          if (now.isAsleep) usage.asleep += everyMs / 1000;
        }
        last = now;
        const most = hasBegun ? ofTest : ofLoading;
        if (usage.cpu < most.cpu && usage.asleep < most.asleep) return;
        this.end();
        const why = usage.cpu >= most.cpu ? 'it runs on and on' : 'it waits and waits';
        finish(outcome.failed === undefined ? { failed: why, isLate: true } : {});
      }, everyMs);
      this.#heard = (message) => {
        if (message.failed !== undefined && outcome.failed === undefined) {
          outcome = { failed: message.failed, isStray: message.isStray, isLate: false };
        }
        if (message.begun) {
          hasBegun = true;
          usage.cpu = 0;
          usage.asleep = 0;
        }
        if (!message.ended) return;
        if (message.broken) this.isUsable = false;
        if (message.rss > mostBytes) this.end();
        if (message.cpu !== undefined) usage.cpu = message.cpu;
        finish({
          failed: outcome.failed ?? message.broken,
          isBroken: message.broken !== undefined,
          titles: message.titles,
          atLoad: message.atLoad,
          ran: message.ran,
        });
      };
      if (!this.isUsable) return this.#heard({ ended: true, broken: 'the process ended' });
      this.#child.send(task, (error) => error && this.#heard({ ended: true, broken: String(error) }));
    });
  }

  end() {
    this.isUsable = false;
    killAll(this.#child);
    return this.#ended;
  }
}

/** What a process and all that it has started took so far, and whether all of it sleeps; undefined: something is just ending. */
function look(pid) {
  const seen = { cpu: 0, isAsleep: true };
  const visit = (id) => {
    const { times } = statOf(`/proc/${id}/stat`);
    seen.cpu += times / clockTick;
    for (const task of readdirSync(`/proc/${id}/task`)) {
      if (statOf(`/proc/${id}/task/${task}/stat`).state !== 'S') seen.isAsleep = false;
      const children = readFileSync(`/proc/${id}/task/${task}/children`, 'utf8');
      for (const child of children.split(' ').filter(Boolean)) visit(child);
    }
  };
  try {
    visit(pid);
    return seen;
  } catch {
    return undefined;
  }
}

function statOf(file) {
  const text = readFileSync(file, 'utf8');
  const [state, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // utime, stime
  return { state, times: Number(rest[10]) + Number(rest[11]) };
}
