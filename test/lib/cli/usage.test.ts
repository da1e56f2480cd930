// Usage lines: flags that exclude each other stand side by side, without holes, and each flag once.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { type UsageFacts, type UsageFlag, usageOf } from '../../../src/lib/cli/usage.js';

const { commands } = JSON.parse(readFileSync('oclif.manifest.json', 'utf8')) as {
  commands: Record<
    string,
    UsageFacts & { flags: Record<string, UsageFlag & { description?: string; summary?: string }> }
  >;
};

const flag = (name: string, more: Partial<UsageFlag> = {}): [string, UsageFlag] => [
  name,
  { name, type: 'boolean', ...more },
];

for (const [what, flags, usage] of [
  [
    'three that exclude each other',
    [flag('a', { exclusive: ['b', 'c'] }), flag('b', { exclusive: ['c'] }), flag('c')],
    'x [--a | --b | --c]',
  ],
  ['said by one of two only', [flag('a'), flag('b', { exclusive: ['a'] })], 'x [--a | --b]'],
  ['a hidden one', [flag('a', { exclusive: ['b'] }), flag('b', { hidden: true })], 'x [--a]'],
  ['one that is not there', [flag('a', { exclusive: ['gone'] })], 'x [--a]'],
  ['nothing but hidden ones', [flag('a', { hidden: true })], 'x'],
  [
    'two pairs that share one',
    [flag('a', { exclusive: ['b'] }), flag('b', { exclusive: ['c'] }), flag('c')],
    'x [--a | --b] [--c]',
  ],
  [
    'a required one among them',
    [flag('a', { required: true, exclusive: ['b'] }), flag('b')],
    'x (--a | --b)',
  ],
  [
    'values without a name',
    [
      flag('a', { type: 'option', helpValue: [], options: ['p', 'q'] }),
      flag('b', { type: 'option', options: [] }),
    ],
    'x [--a p|q] [--b VALUE]',
  ],
] as const) {
  test(`usage of ${what}`, (t) => {
    t.is(usageOf({ id: 'x', flags: Object.fromEntries(flags) }), usage);
  });
}

for (const [id, command] of Object.entries(commands)) {
  test(`usage of dp ${id.replaceAll(':', ' ')}: no hole, every flag once`, (t) => {
    const usage = usageOf(command);
    t.notRegex(usage, /\|\s*\||[[(]\s*[|\])]|\|\s*[\])]| {2}| $/, usage);
    for (const { name, char, hidden } of Object.values(command.flags)) {
      const word = char === undefined ? `--${name}` : `-${char}`;
      const times = usage
        .replaceAll('--[no-]', '--')
        .split(/[\s[\]()|]+/)
        .filter((each) => each === word).length;
      t.is(times, hidden ? 0 : 1, `${word} in ${usage}`);
    }
  });
}

test('no two flags of a command have the same description', (t) => {
  for (const [id, { flags }] of Object.entries(commands)) {
    const texts = Object.values(flags).flatMap(({ description, summary }) => description ?? summary ?? []);
    const twice = texts.filter((text, at) => texts.indexOf(text) !== at);
    t.deepEqual(twice, [], id);
  }
});
