import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { editStartText, parseStartText, startEnvironment } from '../../../../src/lib/io/system/start-file.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

test('lines NAME=VALUE; the rest means nothing', (t) => {
  t.deepEqual(parseStartText('# DP_A=1\nDP_PORT = 27751\nnonsense\n=x\nDP_KEY=a=b\n'), {
    DP_PORT: '27751',
    DP_KEY: 'a=b',
  });
});

test('edits keep comments and order', (t) => {
  const text = '# mine\nDP_A=1\n\nDP_B=2\nDP_A=3\n';
  const edited = editStartText(
    text,
    new Map([
      ['DP_A', '9'],
      ['DP_B', undefined],
      ['DP_C', '4'],
    ]),
  );
  t.is(edited, '# mine\nDP_A=9\n\nDP_C=4\n');
  t.is(editStartText('', new Map()), '');
});

test('the environment goes before the file; a server that is told its place reads none', (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'serve.env'), 'DP_PORT=1\nDP_LOCAL_HOST=a\n');
  const env = { DP_DATA: folder, DP_PORT: '2' };
  t.like(startEnvironment({}, env), { DP_PORT: '2', DP_LOCAL_HOST: 'a' });
  t.deepEqual(startEnvironment({ database: 'x' }, env), env);
  t.deepEqual(startEnvironment({}, { ...env, DP_CONFIG: 'x' }), { ...env, DP_CONFIG: 'x' });
  t.deepEqual(startEnvironment({ ephemeral: true }, env), env);
  t.like(startEnvironment({ data: folder }, { DP_DATA: '/nowhere' }), { DP_LOCAL_HOST: 'a' });
});
