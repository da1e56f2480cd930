// As much of ava as our tests use, without a process for each file: mutation testing runs single tests thousands of times, and
// wants to know only whether one fails. A test that passes in ava and fails here is not used (see reach.mjs).
import assert from 'node:assert';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

let declared;

function declare(list) {
  return (...args) => {
    const title = typeof args[0] === 'string' ? args.shift() : undefined;
    const [body, ...rest] = args;
    const run = typeof body === 'function' ? body : body.exec;
    list().push({ title: title ?? body.title?.('', ...rest) ?? '', run: (t) => run(t, ...rest) });
  };
}

const test = declare(() => declared.tests);
test.serial = test;
test.before = declare(() => declared.before);
// what a file starts for all its tests is there as long as the process
test.after = () => {};
test.after.always = test.after;
test.skip = () => {};
test.todo = test.skip;
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

/** Imports a test file: its tests and what has to run before the first, each `{ title, run }`. */
export async function openFile(file) {
  const own = { tests: [], before: [] };
  declared = own;
  await import(pathToFileURL(resolve(file)).href);
  return own;
}

/** `failed`: learns why the test failed, before what it has started is ended. */
export async function runOne({ title, run }, failed = fail) {
  const t = new T(title);
  try {
    await run(t);
  } catch (error) {
    failed(error);
  }
  try {
    await t.end();
  } catch (error) {
    failed(error);
  }
}

function fail(error) {
  throw error;
}
