// serve.env as text: what people, systemd and shells write, and what is wrong in it.

import test from 'ava';
import { editVariables, parseVariables } from '../../../../src/lib/core/settings/variable-text.js';
import { knownVariables, unknownVariables } from '../../../../src/lib/core/settings/variables.js';

const values: [what: string, text: string, value: string][] = [
  ['plain', 'A=27751', '27751'],
  ['blanks around', '  A = 27751  ', '27751'],
  ['line ends of Windows', 'A=27751\r\n', '27751'],
  ['export', 'export A=27751', '27751'],
  ['export with much space', '\texport   A=27751', '27751'],
  ['double quotes', 'A="a b"', 'a b'],
  ['single quotes', "A='a b'", 'a b'],
  ['export and quotes', 'export A="27751"\r\n', '27751'],
  ['a comment behind quotes', 'A="a" # b', 'a'],
  ['quotes one after the other', `A="a"'b'`, 'ab'],
  ['escapes in double quotes', String.raw`A="a\"b\\c\$d\xe"`, String.raw`a"b\c$d\xe`],
  ['no escapes in single quotes', String.raw`A='a\nb'`, String.raw`a\nb`],
  ['an escaped blank', String.raw`A=a\ b`, 'a b'],
  ['a quote in the middle', `A=admin:pa"ss`, 'admin:pa"ss'],
  ['a hash in the middle', 'A=a#b', 'a#b'],
  ['more equals signs', 'A=a=b', 'a=b'],
  ['empty', 'A=', ''],
  ['empty quotes', 'A=""', ''],
  ['several lines in quotes', 'A="a\nb"\nB=c', 'a\nb'],
  ['a joined line', 'A=a\\\nb', 'ab'],
  ['the last one', 'A=1\nA=2', '2'],
  ['behind a mark of UTF-8', '\ufeffA=1', '1'],
];
for (const [what, text, value] of values) {
  test(`${what} is understood`, (t) => {
    const parsed = parseVariables(text);
    t.is(parsed.values.A, value);
    t.deepEqual(parsed.problems, []);
  });
}

const wrong: [text: string, message: RegExp, hint: RegExp][] = [
  ['DP_SECURE', /'DP_SECURE' has no value/, /DP_SECURE=true/],
  ['export DP_SECURE', /'DP_SECURE' has no value/, /DP_SECURE=true/],
  ['--port 27751', /has no value/, /NAME=VALUE/],
  ['DP_PORT: 27751', /has no value/, /NAME=VALUE/],
  ['DP-PORT=1', /'DP-PORT' is not the name/, /letters/],
  ['=1', /has no value/, /NAME=VALUE/],
  ['set DP_PORT=1', /has no value/, /NAME=VALUE/],
  ['DP_PORT="1', /not closed/, /"/],
  ['DP_PORT="1" 2', /'2' follows/, /quotes/],
];
for (const [text, message, hint] of wrong) {
  test(`${text} is a problem, and what follows is read`, (t) => {
    const { values: read, problems } = parseVariables(`# ok\n${text}\nDP_LISTEN=::1\n`);
    t.is(problems.length, 1);
    t.is(problems[0]!.line, 2);
    t.regex(problems[0]!.message, message);
    t.regex(problems[0]!.hint!, hint);
    t.deepEqual(read, { DP_LISTEN: '::1' });
  });
}

test('edits keep comments, order and what nobody understands', (t) => {
  const text = '# mine\nexport DP_A=1\n\nDP_B="two\nlines"\nwhat is this\nDP_A=3\n';
  const edited = editVariables(
    text,
    new Map([
      ['DP_A', '9'],
      ['DP_B', undefined],
      ['DP_C', '4'],
    ]),
  );
  t.is(edited, '# mine\nDP_A=9\n\nwhat is this\nDP_C=4\n');
  t.is(editVariables('', new Map()), '');
});

test('every value that is written is read back', (t) => {
  for (const value of [
    'a',
    '',
    ' a b ',
    '"',
    "'",
    '\\',
    '$x `y`',
    'a\nb',
    '#',
    'ü 絵',
    'C:\\dp',
    'a\\ "b" ',
  ]) {
    const text = editVariables('', new Map([['DP_A', value]]));
    t.deepEqual(parseVariables(text), { values: { DP_A: value }, problems: [] }, text);
  }
});

test('names that nobody reads are told, with what was meant', (t) => {
  const meant = (name: string, isOurs = false) => unknownVariables([name], { isOurs })[0]?.hint;
  t.regex(meant('DP_SSL_CERTT')!, /DP_SSL_CERT\?/);
  t.regex(meant('dp_port')!, /DP_PORT\?/);
  t.regex(meant('DP_WEBSOCKETPORT')!, /DP_WEBSOCKET_PORT\?/);
  t.regex(meant('DP_SERVERTITLE')!, /DP_SERVER_TITLE\?/);
  t.regex(meant('DP_COMPLETELY_DIFFERENT')!, /dp serve --help/);
  t.regex(meant('SSL_CERT', true)!, /DP_SSL_CERT\?/);
  // somebody else's
  for (const name of ['SSL_CERT', 'PORT', 'PATH', 'DP_SERVICE_HOST', 'DP_PORT_27750_TCP_ADDR'])
    t.is(meant(name), undefined);
  for (const name of ['NODE_OPTIONS', 'TZ', 'DRAWPILESRV_WEB_ADMIN_AUTH']) t.is(meant(name, true), undefined);
  for (const name of knownVariables) t.is(meant(name, true), undefined);
});
