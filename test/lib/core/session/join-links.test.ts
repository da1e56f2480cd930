// Links that open a client.

import test from 'ava';
import { browserLink, drawpileLink, pageLink } from '../../../../src/lib/core/session/join-links.js';

test('the usual port is left out, and IPv6 addresses stand in brackets', (t) => {
  t.is(drawpileLink('draw.example', 27_750), 'drawpile://draw.example/');
  t.is(drawpileLink('draw.example', 27_751), 'drawpile://draw.example:27751/');
  t.is(drawpileLink('2001:db8::1', 27_750), 'drawpile://[2001:db8::1]/');
  t.is(drawpileLink('[2001:db8::1]', 1), 'drawpile://[2001:db8::1]:1/');
  t.is(browserLink('2001:db8::1'), 'https://web.drawpile.net/?host=%5B2001%3Adb8%3A%3A1%5D');
});

test('a session, its invite and the preference for a WebSocket stand where clients look for them', (t) => {
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

test('names stand in ASCII and lower case, which every client understands; what is no name stays as it is', (t) => {
  for (const [host, shown] of [
    ['Draw.Example.ORG', 'draw.example.org'],
    ['draw.example.org.', 'draw.example.org'],
    ['zeichnen-für-alle.de', 'xn--zeichnen-fr-alle-szb.de'],
    ['日本語.jp', 'xn--wgv71a119e.jp'],
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8::1', '[2001:db8::1]'],
    ['[::1]', '[::1]'],
    ['localhost', 'localhost'],
    ['my_server', 'my_server'],
    ['draw example', 'draw example'],
  ] as const) {
    t.is(drawpileLink(host, 27_750), `drawpile://${shown}/`);
    t.is(drawpileLink(host, 443), `drawpile://${shown}:443/`);
    t.is(browserLink(host), `https://web.drawpile.net/?host=${encodeURIComponent(shown)}`);
    t.is(pageLink(host, 443), `https://${shown}/`);
    t.is(pageLink(host, 80), `https://${shown}:80/`);
    t.is(pageLink(host, 80, { scheme: 'http' }), `http://${shown}/`);
    t.is(pageLink(host, 8443, { path: 's/tea' }), `https://${shown}:8443/s/tea`);
  }
});

test('a browser client is led to another port than 443', (t) => {
  t.is(browserLink('draw.example', undefined, 8443), 'https://web.drawpile.net/?host=draw.example%3A8443');
  t.is(
    browserLink('::1', { name: 'tea' }, 8443),
    'https://web.drawpile.net/?host=%5B%3A%3A1%5D%3A8443&session=tea',
  );
});

test('a password goes where each client looks for it, and comes out again', (t) => {
  for (const password of ['secret', 'two words', 'a&b=c', '50%', 'pässwörd', 'a#b', '"<>`', '+1']) {
    const session = { name: '01HZX', password };
    const opens = new URL(drawpileLink('draw.example', 27_750, session));
    t.is(opens.searchParams.get('p'), password);
    t.false(opens.search.includes('+'), 'a plus is a plus, as Qt reads it');
    const both = drawpileLink('draw.example', 27_750, { ...session, prefersWebSockets: true });
    t.regex(both, /^drawpile:\/\/draw\.example\/01HZX\?p=[^&]+&w$/);
  }
  // The browser client reads the fragment without decoding it.
  for (const password of ['secret', 'a&b=c', '50%', 'a#b', '+1']) {
    t.is(
      browserLink('draw.example', { name: '01HZX', password }),
      `https://web.drawpile.net/?host=draw.example&session=01HZX#${password}`,
    );
  }
  t.is(
    new URL(browserLink('draw.example', { name: '01HZX', invite: 'abc', password: 'two wörds' })).hash,
    '#two%20w%C3%B6rds',
  );
});
