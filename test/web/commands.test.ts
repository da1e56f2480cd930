// Commands as the app shows them: what people wrote is one word, whatever is in it.
import { execFileSync } from 'node:child_process';
import test from 'ava';
import { dp, quoted } from '../../src/web/commands.js';

test('a command has its flags before its words', (t) => {
  t.is(dp('session mute', ['0123', 4]), 'dp session mute 0123 4');
  t.is(dp('session mute', ['0123', 4], { off: true }), 'dp session mute --off 0123 4');
  t.is(dp('session kick', ['0123', 4], { message: '' }), 'dp session kick 0123 4');
  t.is(dp('log', [], { level: undefined, limit: 5 }), 'dp log --limit=5');
  t.is(dp('session message', ['0123', '--help']), 'dp session message -- 0123 --help');
});

test('a shell reads back what people wrote', (t) => {
  const texts = [
    "it's",
    '$(touch x)',
    '`x`',
    'a b',
    '"',
    '\\',
    'a\nb',
    '*',
    '~',
    '!!',
    '',
    '; rm -r /',
    'ü漢',
    '#a',
    "'''",
  ];
  for (const text of texts) {
    t.is(execFileSync('/bin/sh', ['-c', `printf %s ${quoted(text)}`], { encoding: 'utf8' }), text, text);
  }
});
