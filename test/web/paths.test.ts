// Addresses of the app, and where a login may lead.
import test from 'ava';
import { personPath, placeAt, reportPath, safeNext, sessionPath } from '../../src/web/paths.js';

test('places have addresses', (t) => {
  t.deepEqual(placeAt('/admin/'), { name: 'now' });
  t.deepEqual(placeAt('/admin'), { name: 'now' });
  t.deepEqual(placeAt('/admin/people'), { name: 'people' });
  t.deepEqual(placeAt('/admin/bans/'), { name: 'bans' });
  t.deepEqual(placeAt(sessionPath('a/b %')), { name: 'session', id: 'a/b %' });
  t.deepEqual(placeAt(personPath('a/b %?#\u202e')), { name: 'person', id: 'a/b %?#\u202e' });
  t.deepEqual(placeAt(reportPath(7)), { name: 'report', id: 7 });
  t.deepEqual(placeAt('/admin/report/x'), { name: 'unknown' });
  t.deepEqual(placeAt('/admin/reports'), { name: 'reports' });
  for (const path of [
    '/',
    '/admin/x',
    '/admin/people/1',
    '/admin/session/',
    '/admin/session/%zz',
    '/api/dp/1/login',
  ]) {
    t.deepEqual(placeAt(path), { name: 'unknown' }, path);
  }
});

test('a login leads to places of the app', (t) => {
  for (const next of [
    '/admin/',
    '/admin/people',
    '/admin/log?level=warn&search=a%20b',
    '/admin/session/0123',
  ]) {
    t.is(safeNext(next), next);
  }
});

test('a login leads nowhere else', (t) => {
  const elsewhere = [
    null,
    undefined,
    '',
    '/',
    '/api/dp/1/login',
    '//evil.example',
    '///evil.example/admin/',
    '/\\evil.example',
    '\\\\evil.example',
    'https://evil.example/admin/',
    'http:evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    ' /admin/',
    '/\t/evil.example',
    '/admin/\n//evil.example',
    '/admin/../../evil',
    '/admin/%2e%2e/%2e%2e/api',
    '/admin\\..\\..\\evil',
    '@evil.example/admin/',
    '/administrator',
  ];
  for (const next of elsewhere) t.is(safeNext(next), '/admin/', String(next));
});
