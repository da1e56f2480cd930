// A session that is reset while a command exports it: what is saved is of one moment, the new history here. A proxy
// before the admin API resets the session between two parts of the export.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import SessionExport from '../../../src/commands/session/export.js';
import TemplateNew from '../../../src/commands/template/new.js';
import { startAdminServer } from '../../helpers/admin-server.js';
import { Client } from '../../helpers/client.js';
import { runCommand } from '../../helpers/run-command.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { frame } from '../../helpers/wire.js';

const strokeType = 148;
const strokes = 200;

/** A session of several parts. `resets`: at the second part of an export, so many times. */
async function setUp(t: ExecutionContext, resets: number) {
  const admin = await startAdminServer(t);
  const host = await Client.host(admin.server.port, { name: 'hana', alias: 'room' });
  t.teardown(() => host.drop());
  for (let i = 0; i < strokes; i++) host.draw(Buffer.alloc(60_000, 'o'));
  await host.ping();
  const session = admin.server.directory.find('room')!;
  let left = resets;
  let parts = 0;
  const proxy = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString();
      if (request.url?.endsWith('/session/export')) {
        parts++;
        const isSecond = (JSON.parse(body) as { from?: number }).from !== undefined;
        if (isSecond && left > 0) {
          left--;
          // As long as before, so that the next export has several parts as well.
          const letter = left === 0 ? 'n' : 'm';
          const image = Array.from({ length: strokes }, () =>
            frame(strokeType, 1, Buffer.alloc(60_000, letter)),
          );
          session.history.replaceAll(image, image.length);
        }
      }
      const onward = http.request(
        {
          socketPath: admin.admin.socketPath!,
          method: request.method,
          path: request.url,
          headers: { ...request.headers, host: 'localhost' },
        },
        (answer) => {
          response.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(response);
        },
      );
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise<void>((resolve) => proxy.close(() => resolve())));
  const server = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const folder = tempFolder(t);
  const exported = (file: string) =>
    runCommand(SessionExport, ['room', file, '--server', server], { env: admin.env });
  return { admin, server, folder, exported, parts: () => parts };
}

/** How many strokes of each kind are in a recording. */
function lettersIn(file: string): Record<string, number> {
  const bytes = readFileSync(file);
  const found: Record<string, number> = {};
  for (let at = 8 + bytes.readUInt16BE(6); at < bytes.length; at += 4 + bytes.readUInt16BE(at)) {
    if (bytes[at + 2] !== strokeType) continue;
    const letter = String.fromCharCode(bytes[at + 4]!);
    found[letter] = (found[letter] ?? 0) + 1;
  }
  return found;
}

test('an export of a session that is not reset has all of its history, in several parts', async (t) => {
  const { exported, folder, parts } = await setUp(t, 0);
  const file = join(folder, 'room.dprec');
  const ran = await exported(file);
  t.is(ran.status, 0, ran.stderr);
  t.deepEqual(lettersIn(file), { o: strokes });
  t.true(parts() > 1);
});

test('an export starts over when the session is reset meanwhile: nothing of the old history is in it', async (t) => {
  const { exported, folder } = await setUp(t, 1);
  const file = join(folder, 'room.dprec');
  const ran = await exported(file);
  t.is(ran.status, 0, ran.stderr);
  t.is(ran.stderr.match(/The session was reset; the export starts again\./g)?.length, 1);
  t.deepEqual(lettersIn(file), { n: strokes });
  t.deepEqual(readdirSync(folder), ['room.dprec']);
});

test('an export starts over as often as the session is reset', async (t) => {
  const { exported, folder } = await setUp(t, 3);
  const file = join(folder, 'room.dprec');
  const ran = await exported(file);
  t.is(ran.status, 0, ran.stderr);
  t.is(ran.stderr.match(/starts again/g)?.length, 3);
  t.deepEqual(lettersIn(file), { n: strokes });
});

test('an export of a session that is reset again and again gives up, and leaves no file', async (t) => {
  const { exported, folder } = await setUp(t, 100);
  const ran = await exported(join(folder, 'room.dprec'));
  t.not(ran.status, 0);
  t.regex(ran.stderr, /the session was reset during the export/);
  t.deepEqual(readdirSync(folder), []);
});

test('what was printed cannot be taken back: an export to standard output fails at a reset', async (t) => {
  const { exported } = await setUp(t, 1);
  const ran = await exported('-');
  t.not(ran.status, 0);
  t.regex(ran.stderr, /the session was reset during the export/);
});

test('a template of a session that is reset meanwhile is refused, and no file is left', async (t) => {
  const { server, folder, admin } = await setUp(t, 1);
  const file = join(folder, 'again.dprec');
  const ran = await runCommand(TemplateNew, [file, '--from', 'room', '--server', server], { env: admin.env });
  t.not(ran.status, 0);
  t.regex(ran.stderr, /the session was reset during the export/);
  t.false(existsSync(file));
});
