// The servers that somebody has named in their configuration folder.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Refusal } from '../../../../src/lib/core/errors.js';
import { findNamedServer, namedServers, profilePath } from '../../../../src/lib/io/disk/server-profile.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

function makeList(t: ExecutionContext, text?: string, mode = 0o600) {
  const home = tempFolder(t);
  const env = { HOME: home };
  const file = join(home, '.config', 'dp', 'servers.ini');
  if (text !== undefined) {
    mkdirSync(join(home, '.config', 'dp'), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
  }
  const refused = (name: string) => {
    const error = t.throws(() => findNamedServer(name, env), { instanceOf: Refusal });
    return `${error.code} ${error.message} ${error.hint}`;
  };
  return { env, file, refused };
}

test('the list is in the configuration folder, which has to be a full path', (t) => {
  t.is(profilePath({ HOME: '/home/ann' }), '/home/ann/.config/dp/servers.ini');
  t.is(profilePath({ HOME: '/home/ann', XDG_CONFIG_HOME: '/etc/ann' }), '/etc/ann/dp/servers.ini');
  t.is(profilePath({ HOME: '/home/ann', XDG_CONFIG_HOME: 'here' }), '/home/ann/.config/dp/servers.ini');
  t.is(profilePath({ HOME: '/home/ann', XDG_CONFIG_HOME: '' }), '/home/ann/.config/dp/servers.ini');
});

test('the names of servers are those of the sections', (t) => {
  t.deepEqual(namedServers(makeList(t).env), []);
  const { env } = makeList(t, 'top = 1\n[art]\nurl = http://a/\n[school]\nurl = http://b/\n');
  t.deepEqual(namedServers(env), ['art', 'school']);
});

test('a server is found by its name, with or without a password', (t) => {
  const { env } = makeList(t, '[art]\nurl = http://a/\nauth = ann:secret\n[school]\nurl = http://b/\n');
  t.deepEqual(findNamedServer('art', env), { url: 'http://a/', auth: 'ann:secret' });
  t.deepEqual(findNamedServer('school', env), { url: 'http://b/', auth: undefined });
});

test('a server that is not in the list is refused with those that are', (t) => {
  const { refused, file } = makeList(t, 'top = 1\n[art]\nurl = http://a/\n[school]\nurl = http://b/\n');
  t.regex(refused('other'), /^server-unnamed /);
  t.true(refused('other').includes('art school'));
  t.regex(refused('top'), /^server-unnamed /);
  t.regex(refused('toString'), /^server-unnamed /);
  const none = makeList(t, '# nothing\n');
  t.regex(none.refused('art'), /^server-list-empty /);
  t.regex(makeList(t).refused('art'), /^server-list-missing /);
  t.true(refused('other').includes(file));
});

test('a server without an address, and a password that others may read, are refused', (t) => {
  t.regex(makeList(t, '[art]\nauth = a:b\n').refused('art'), /^server-without-url /);
  const text = '[art]\nurl = http://a/\nauth = a:b\n[open]\nurl = http://b/\n';
  for (const mode of [0o640, 0o604, 0o601]) {
    const { refused, env } = makeList(t, text, mode);
    t.regex(refused('art'), /^server-list-open /);
    t.is(findNamedServer('open', env).url, 'http://b/', 'there is nothing to hide');
  }
});

test('a list that is no text file is refused', (t) => {
  const { env, file, refused } = makeList(t, '');
  writeFileSync(file, Buffer.from([0xff, 0xfe, 0x00, 0xd8]));
  t.regex(refused('art'), /^server-list-/);
  t.throws(() => namedServers(env), { instanceOf: Refusal });
});
