// Links that open a client.

import test from 'ava';
import { browserLink, drawpileLink } from '../../../../src/lib/core/session/join-links.js';

test('the usual port is left out, and IPv6 addresses stand in brackets', (t) => {
  t.is(drawpileLink('draw.example', 27_750), 'drawpile://draw.example/');
  t.is(drawpileLink('draw.example', 27_751), 'drawpile://draw.example:27751/');
  t.is(drawpileLink('2001:db8::1', 27_750), 'drawpile://[2001:db8::1]/');
  t.is(drawpileLink('[2001:db8::1]', 1), 'drawpile://[2001:db8::1]:1/');
  t.is(browserLink('2001:db8::1'), 'https://web.drawpile.net/?host=%5B2001%3Adb8%3A%3A1%5D');
});

test('a session, its invite and the wish for a WebSocket stand where clients look for them', (t) => {
  const session = { name: 'tea' };
  t.is(drawpileLink('draw.example', 27_750, session), 'drawpile://draw.example/tea');
  t.is(
    drawpileLink('draw.example', 27_750, { ...session, invite: 'abc', prefersWebSockets: true }),
    'drawpile://draw.example/tea:abc?w',
  );
  t.is(browserLink('draw.example', session), 'https://web.drawpile.net/?host=draw.example&session=tea');
  t.is(
    browserLink('draw.example', { ...session, invite: 'abc' }),
    'https://web.drawpile.net/?host=draw.example&session=tea%3Aabc',
  );
  t.is(drawpileLink('draw.example', 27_750, { name: 'a/b?c' }), 'drawpile://draw.example/a%2Fb%3Fc');
});
