// Which names an authority issues certificates for, and the form in which they are ordered.
import test from 'ava';
import { Refusal } from '../../../src/lib/core/errors.js';
import { readHostName, readPublicName } from '../../../src/lib/core/public-names.js';

const codeOf = (name: string) => {
  try {
    return readPublicName(name);
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error);
  }
};

test('host names are taken in lower case and in ASCII', (t) => {
  for (const [given, name] of [
    ['draw.example.org', 'draw.example.org'],
    ['Draw.Example.ORG.', 'draw.example.org'],
    ['  draw.example.org ', 'draw.example.org'],
    ['zeichnen-für-alle.de', 'xn--zeichnen-fr-alle-szb.de'],
    ['日本語.jp', 'xn--wgv71a119e.jp'],
    ['xn--wgv71a119e.jp', 'xn--wgv71a119e.jp'],
    ['a.b.c.d.e.net', 'a.b.c.d.e.net'],
  ]) {
    t.is(codeOf(given!), name!, given);
  }
});

test('other names are refused with the reason', (t) => {
  for (const [given, code] of [
    ['*.example.org', 'acme-name-wildcard'],
    ['draw.*.org', 'acme-name-wildcard'],
    ['192.0.2.7', 'acme-name-address'],
    ['2001:db8::1', 'acme-name-address'],
    ['[2001:db8::1]', 'acme-name-address'],
    ['localhost', 'acme-name-not-public'],
    ['draw', 'acme-name-not-public'],
    ['draw.local', 'acme-name-not-public'],
    ['draw.LOCALHOST', 'acme-name-not-public'],
    ['router.lan', 'acme-name-not-public'],
    ['draw.home.arpa', 'acme-name-not-public'],
    ['draw.internal.', 'acme-name-not-public'],
    ['', 'acme-name-invalid'],
    ['https://draw.example.org', 'acme-name-invalid'],
    ['draw.example.org:443', 'acme-name-invalid'],
    ['draw.example.org/', 'acme-name-invalid'],
    ['me@draw.example.org', 'acme-name-invalid'],
    ['draw..example.org', 'acme-name-invalid'],
    ['-draw.example.org', 'acme-name-invalid'],
    ['draw_board.example.org', 'acme-name-invalid'],
    ['1.2.3', 'acme-name-invalid'],
    [`${'a'.repeat(64)}.example.org`, 'acme-name-invalid'],
    [`${'a.'.repeat(130)}org`, 'acme-name-invalid'],
  ]) {
    t.is(codeOf(given!), code!, given);
  }
});

test('host names of any network are taken in the form of links and certificates, addresses without brackets', (t) => {
  const read = (name: string) => {
    try {
      return readHostName(name);
    } catch (error) {
      return error instanceof Refusal ? error.code : String(error);
    }
  };
  for (const [given, expected] of [
    ['Draw.Example.ORG.', 'draw.example.org'],
    ['zeichnen-für-alle.de', 'xn--zeichnen-fr-alle-szb.de'],
    ['localhost', 'localhost'],
    ['draw_board.lan', 'draw_board.lan'],
    ['192.0.2.7', '192.0.2.7'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['*.example.org', 'host-name-wildcard'],
    ['https://draw.example.org', 'host-name-invalid'],
    ['draw.example.org:27750', 'host-name-invalid'],
    ['draw.example.org/s', 'host-name-invalid'],
    ['two words', 'host-name-invalid'],
    ['1.2.3', 'host-name-invalid'],
    ['', 'host-name-invalid'],
  ]) {
    t.is(read(given!), expected!, given);
  }
});
