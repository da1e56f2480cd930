// Pictures of sessions as files of a real server: for its user only whatever the umask, and gone for good when an
// administrator removed them.
import * as fs from 'node:fs';
import * as path from 'node:path';
import test from 'ava';
import { messageType } from '../../src/lib/core/protocol/frame.js';
import { ask } from '../helpers/admin-server.js';
import { Client } from '../helpers/client.js';
import { serveBinary } from '../helpers/serve-binary.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { until } from '../helpers/until.js';
import { frame } from '../helpers/wire.js';

test('a removed picture is not there when that is answered, and not after a kill; umask 000', async (t) => {
  const folder = tempFolder(t);
  const served = { teardown: t.teardown.bind(t), folder, shell: 'umask 000' };
  const server = await serveBinary(served, 'address');
  await server.json('config', 'set', 'persistence', 'true');
  const host = await Client.host(server.port, { name: 'ann', settings: { persistent: true } });
  t.teardown(() => host.drop());
  const admin = {
    port: server.adminPort,
    headers: { authorization: `Basic ${Buffer.from('admin:secret').toString('base64')}` },
  };
  const sessions = path.join(server.data, 'sessions');
  const pictures = () => fs.readdirSync(sessions).filter((name) => name.includes('.thumbnail'));
  const at = `/api/sessions/${host.sessionId}`;
  t.is((await ask({ ...admin, method: 'POST', path: `${at}/1/thumbnail`, body: {} })).status, 202);
  const { correlator } = await host.reply('thumbnail');
  host.send(frame(messageType.thumbnail, 1, Buffer.from(`${correlator as string}IMAGE`)));
  await until('the picture is stored', () => pictures().join() === `${host.sessionId}.thumbnail`);
  t.is(fs.statSync(path.join(sessions, pictures()[0]!)).mode & 0o777, 0o640);
  t.is((await ask({ ...admin, path: `${at}/thumbnail` })).status, 200);
  t.is((await ask({ ...admin, method: 'DELETE', path: `${at}/thumbnail` })).status, 200);
  t.deepEqual(pictures(), []);
  server.kill('SIGKILL');
  await server.ended;
  const again = await serveBinary(served, 'address');
  const answer = await ask({ ...admin, port: again.adminPort, path: `${at}/thumbnail` });
  t.is(answer.status, 404, answer.text);
});
