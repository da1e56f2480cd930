// The newest picture of a session on its public page: of what the page lists to everybody, and of nothing else.

import test, { type ExecutionContext } from 'ava';
import { ask, startAdminServer } from '../../../helpers/admin-server.js';
import { Client } from '../../../helpers/client.js';

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
const png = Buffer.from('\x89PNG\r\n\x1a\n and more', 'latin1');
const webp = Buffer.from('RIFF\0\0\0\0WEBPVP8 ', 'latin1');

async function start(t: ExecutionContext, settings: Record<string, string> = {}) {
  const started = await startAdminServer(t, {
    settings: { publicPage: 'sessions', ...settings },
    values: { 'local-host': 'draw.example' },
    more: { web: { host: '127.0.0.1', port: 0 }, localHost: 'draw.example' },
  });
  const { server, request, configuration } = started;
  const client = await Client.host(server.port, { name: 'anna', alias: 'tea' });
  t.teardown(() => client.drop());
  const id = client.sessionId;
  const setPicture = (bytes: Buffer) => {
    server.directory.find(id)!.thumbnails.latest = { bytes, at: Date.UTC(2026, 10, 29, 9, 5) };
  };
  const change = async (body: Record<string, unknown>) => {
    t.is((await request({ method: 'PUT', path: `/api/sessions/${id}`, body })).status, 200);
  };
  let turn = 0;
  const look = async (path: string, headers: Record<string, string> = {}) => {
    // ends what was kept
    await configuration.stores.settings.change(new Map([['loginInfoUrl', `https://x.example/${turn++}`]]));
    return ask({ path, port: server.webPort, headers });
  };
  return { ...started, id, setPicture, change, look };
}

test('the page of a listed session shows its newest picture, by id and by alias', async (t) => {
  const { look, setPicture, id } = await start(t);
  t.notRegex((await look('/s/tea')).text, /<img/);
  t.is((await look('/s/tea/picture')).status, 404);
  let before = '';
  for (const [type, bytes] of [
    ['image/jpeg', jpeg],
    ['image/png', png],
    ['image/webp', webp],
  ] as const) {
    setPicture(bytes);
    for (const name of ['tea', id]) {
      const page = await look(`/s/${name}`);
      const address = /<img src="([^"]+)" alt="The canvas of this session">/.exec(page.text)?.[1];
      t.regex(address ?? '', /^\/s\/tea\/picture\?v=[\w%-]+$/);
      t.regex(page.text, /The canvas at 2026-11-29 09:05/);
      t.regex(String(page.headers['content-security-policy']), /img-src 'self'/);
      if (name === 'tea') t.not(address, before, 'another picture has another address');
      before = address!;
      const picture = await look(address!);
      t.is(picture.status, 200);
      t.like(picture.headers, {
        'content-type': type,
        'content-length': String(bytes.length),
        'x-content-type-options': 'nosniff',
        'cache-control': 'max-age=5',
        'content-security-policy': "default-src 'none'",
      });
      const again = await look(address!, { 'if-none-match': String(picture.headers.etag) });
      t.is(again.status, 304);
      t.is(again.text, '');
    }
  }
});

test('what is no picture is not shown, whatever a client sends', async (t) => {
  const { look, setPicture } = await start(t);
  for (const text of [
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '<html><script>1</script>',
    '',
    'RIFF',
    'GIF89a',
  ]) {
    setPicture(Buffer.from(text));
    t.notRegex((await look('/s/tea')).text, /<img/, text);
    t.is((await look('/s/tea/picture')).status, 404, text);
  }
});

for (const [why, conf, settings] of [
  ['has a password', { password: 'x' }, {}],
  ['is marked NSFM', { nsfm: true }, {}],
  ['is unlisted', { unlisted: true }, {}],
  ['is on a server that lists none', {}, { publicPage: 'on' }],
  ['is on a server where sessions are looked up', {}, { mandatoryLookup: 'true' }],
  ['is on a server without a page', {}, { publicPage: 'off' }],
] as const) {
  test(`there is no picture of a session that ${why}, not for those with an invite either`, async (t) => {
    const { look, setPicture, change, id, configuration, request } = await start(t);
    setPicture(png);
    t.is((await look('/s/tea/picture')).status, 200);
    if (Object.keys(conf).length > 0) await change(conf);
    await configuration.stores.settings.change(new Map(Object.entries(settings)));
    const made = await request({ method: 'POST', path: `/api/sessions/${id}/invites`, body: { maxUses: 5 } });
    const { secret } = made.json as { secret: string };
    t.regex(secret, /^\w+$/);
    const unknown = await look('/s/unknown/picture');
    for (const name of ['tea', id, id.toUpperCase()]) {
      for (const query of ['', `?i=${secret}`, '?v=1']) {
        const picture = await look(`/s/${name}/picture${query}`);
        t.is(picture.status, 404);
        t.is(picture.text, unknown.text);
        t.is(picture.headers.etag, unknown.headers.etag);
        t.notRegex((await look(`/s/${name}${query}`)).text, /<img/);
      }
    }
  });
}

test('a picture that is removed is gone from the page, too', async (t) => {
  const { look, setPicture, request, id } = await start(t);
  setPicture(png);
  t.is((await look('/s/tea/picture')).status, 200);
  t.is((await request({ method: 'DELETE', path: `/api/sessions/${id}/thumbnail` })).status, 200);
  t.is((await look('/s/tea/picture')).status, 404);
  t.notRegex((await look('/s/tea')).text, /<img/);
});
