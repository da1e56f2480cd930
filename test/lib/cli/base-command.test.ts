import { Args, Flags } from '@oclif/core';
import test from 'ava';
import { BaseCommand } from '../../../src/lib/cli/base-command.js';
import { fault, refusal } from '../../../src/lib/core/errors.js';
import { runCommand } from '../../helpers/run-command.js';

class Sample extends BaseCommand {
  static override id = 'sample';
  static override args = { what: Args.string({ required: true }) };
  static override flags = { expires: Flags.string() };

  async run(): Promise<unknown> {
    const { args } = await this.parse(Sample);
    if (args.what === 'refuse') throw refusal('query-unknown', { name: 'alice' });
    if (args.what === 'fault') throw fault('system-call-failed', { reason: 'disk is full' });
    if (args.what === 'full') {
      const words = 'ENOSPC: no space left on device, write';
      throw Object.assign(new Error(words), { code: 'ENOSPC', syscall: 'write', path: '/srv/a' });
    }
    if (args.what === 'bug') throw new TypeError('x is not a function');
    if (args.what === 'problems') this.endWith('problems');
    this.table(
      [{ name: args.what, size: 7 }],
      [
        { title: 'name', value: ({ name }) => name },
        { title: 'size', value: ({ size }) => size, align: 'right' },
      ],
    );
    return { what: args.what };
  }
}

test('a full disk is told with the file and what to do', async (t) => {
  const ran = await runCommand(Sample, ['full']);
  t.is(ran.status, 1);
  t.regex(
    ran.stderr,
    /^error: there is no room for \/srv\/a: the disk is full\nhint: make room and try again/,
  );
});

test('a refusal is one line, its hint, and the exit status of its row', async (t) => {
  const ran = await runCommand(Sample, ['refuse']);
  t.is(ran.status, 2);
  t.is(ran.stdout, '');
  t.is(
    ran.stderr,
    "error: unknown query parameter 'alice'\nhint: send the arguments as JSON in the body, or in ?input=\n",
  );
});

test('a fault ends with 1', async (t) => {
  const ran = await runCommand(Sample, ['fault']);
  t.is(ran.status, 1);
  t.is(ran.stderr, 'error: system error: disk is full\n');
});

test('with --json the error goes to stdout as an object', async (t) => {
  const ran = await runCommand(Sample, ['refuse', '--json']);
  t.is(ran.status, 2);
  t.is(ran.stderr, '');
  t.deepEqual(ran.json(), {
    error: {
      code: 'query-unknown',
      kind: 'badInput',
      message: "unknown query parameter 'alice'",
      hint: 'send the arguments as JSON in the body, or in ?input=',
      exit: 2,
    },
  });
});

test('the code of an error is printed with --verbose only', async (t) => {
  const ran = await runCommand(Sample, ['refuse', '--verbose']);
  t.is(ran.status, 2);
  t.regex(ran.stderr, /^error: unknown query parameter 'alice'\nhint: send [^\n]*\ncode: query-unknown\n$/);
  // also where the flags could not be read
  t.regex((await runCommand(Sample, ['--verbose'])).stderr, /\ncode: usage\n$/);
});

test('a bug shows its stack only when DP_DEBUG is set', async (t) => {
  const plain = await runCommand(Sample, ['bug']);
  t.is(plain.status, 1);
  t.regex(plain.stderr, /internal error: x is not a function/);
  t.notRegex(plain.stderr, /\.js:\d/);
  const debug = await runCommand(Sample, ['bug'], { env: { DP_DEBUG: '1' } });
  t.regex(debug.stderr, /\.js:\d/);
});

test('a mistyped flag is a usage error with the flag that was meant', async (t) => {
  const ran = await runCommand(Sample, ['x', '--expire', '7d']);
  t.is(ran.status, 2);
  t.regex(ran.stderr, /Nonexistent flag: --expire\nhint: .*did you mean --expires\? try: dp sample --help/);
});

test('a missing argument is a usage error', async (t) => {
  t.is((await runCommand(Sample, [])).status, 2);
});

test('--json prints what run returned', async (t) => {
  const ran = await runCommand(Sample, ['x', '--json']);
  t.deepEqual(ran.json(), { what: 'x' });
});

test('a check that found problems prints its findings and ends with 7', async (t) => {
  const ran = await runCommand(Sample, ['problems']);
  t.is(ran.status, 7);
  t.is(ran.stdout, 'name      size\nproblems     7\n');
});

test('titles are bold on a terminal unless NO_COLOR is set', async (t) => {
  const bold = '\u001b[1m';
  t.true((await runCommand(Sample, ['x'], { columns: 80 })).stdout.includes(bold));
  t.false((await runCommand(Sample, ['x'], { columns: 80, env: { NO_COLOR: '1' } })).stdout.includes(bold));
  t.false((await runCommand(Sample, ['x'])).stdout.includes(bold));
});
