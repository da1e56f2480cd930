// As much of ava as our tests use, without a process for each file: mutation testing starts tests thousands of times, and
// wants to know only whether one fails. A test file that passes in ava and fails here is not used (see run.mjs).
import assert from 'node:assert';

let declared = { serial: [], together: [], before: [], after: [] };

function declare(list) {
  return (...args) => {
    const title = typeof args[0] === 'string' ? args.shift() : undefined;
    const [body, ...rest] = args;
    const run = typeof body === 'function' ? body : body.exec;
    list().push({ title: title ?? body.title?.('', ...rest) ?? '', run: (t) => run(t, ...rest) });
  };
}

const test = declare(() => declared.together);
test.serial = declare(() => declared.serial);
test.before = declare(() => declared.before);
test.before.always = test.before;
test.after = declare(() => declared.after);
test.after.always = test.after;
test.skip = () => {};
test.serial.skip = test.skip;
test.macro = (body) => (typeof body === 'function' ? { exec: body } : body);
export default test;

function isLike(actual, wanted) {
  if (typeof wanted !== 'object' || wanted === null) return Object.is(actual, wanted);
  if (Array.isArray(wanted) && actual?.length !== wanted.length) return false;
  return actual != null && Object.keys(wanted).every((key) => isLike(actual[key], wanted[key]));
}

function meets(error, expected = {}) {
  const { instanceOf, is, message, code, name, any } = expected;
  const fits = (wanted, actual) =>
    typeof wanted === 'function'
      ? wanted(actual)
      : wanted instanceof RegExp
        ? wanted.test(actual)
        : wanted === actual;
  assert(any || error instanceof Error);
  if (instanceOf) assert(error instanceof instanceOf, error);
  if (is !== undefined) assert(Object.is(error, is));
  if (message !== undefined) assert(fits(message, error.message), error.message);
  if (code !== undefined) assert.equal(error.code, code);
  if (name !== undefined) assert.equal(error.name, name);
  return error;
}

class T {
  context = {};
  #teardowns = [];

  constructor(title) {
    this.title = title;
  }

  is = (a, b, said) => assert(Object.is(a, b), said ?? `${a} is not ${b}`);
  not = (a, b) => assert(!Object.is(a, b));
  deepEqual = (a, b) => assert.deepStrictEqual(a, b);
  notDeepEqual = (a, b) => assert.notDeepStrictEqual(a, b);
  like = (a, b) => assert(isLike(a, b), 'not like that');
  true = (a) => assert.strictEqual(a, true);
  false = (a) => assert.strictEqual(a, false);
  truthy = (a) => assert(a);
  falsy = (a) => assert(!a);
  assert = (a) => assert(a);
  regex = (text, pattern) => assert.match(text, pattern);
  notRegex = (text, pattern) => assert.doesNotMatch(text, pattern);
  pass = () => {};
  fail = (said) => assert.fail(said);
  log = () => {};
  timeout = () => {};
  plan = () => {};
  teardown = (run) => void this.#teardowns.push(run);
  notThrows = (run) => run();
  notThrowsAsync = async (run) => void (await (typeof run === 'function' ? run() : run));

  throws = (run, expected) => {
    try {
      run();
    } catch (error) {
      return meets(error, expected);
    }
    assert.fail('it did not throw');
  };

  throwsAsync = async (run, expected) => {
    try {
      await (typeof run === 'function' ? run() : run);
    } catch (error) {
      return meets(error, expected);
    }
    assert.fail('it did not throw');
  };

  async end() {
    for (const run of this.#teardowns.reverse()) await run();
  }
}

async function runOne({ title, run }) {
  const t = new T(title);
  try {
    await run(t);
  } catch (error) {
    throw new Error(`${title}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  await t.end();
}

/** Runs what the file declares. Rejects with the first test that fails. */
export async function runFile(url) {
  declared = { serial: [], together: [], before: [], after: [] };
  await import(url);
  const { serial, together, before, after } = declared;
  for (const each of [...before, ...serial]) await runOne(each);
  await Promise.all(together.map(runOne));
  for (const each of after) await runOne(each);
}
