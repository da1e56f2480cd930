// What pages of others can do to the admin API from the operator's browser: a real Chromium is pointed at them.

import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { type AdminServer, startAdminServer } from '../../../helpers/admin-server.js';
import { makeFolder } from '../../../helpers/certificates.js';
import { withChromium } from '../../../helpers/chromium.js';

const patience = 60_000;

const { run, browser } = withChromium(test, { patience });

/** A web server of somebody else on this machine. */
async function serveForeign(t: ExecutionContext): Promise<number> {
  const server = http.createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<title>foreign</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function open(t: ExecutionContext, url: string): Promise<Page> {
  const context = await browser().newContext();
  t.teardown(() => context.close());
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

interface FetchOptions {
  url: string;
  method?: string;
  type?: string;
  body?: string;
  mode?: 'cors' | 'no-cors';
}

/** The status and text that the page gets to see, or the name of the error. */
function fetchFrom(page: Page, request: FetchOptions): Promise<{ status: number; text: string } | string> {
  return page.evaluate(async ({ url, method = 'GET', type, body, mode = 'cors' }) => {
    try {
      const answer = await fetch(url, {
        method,
        mode,
        ...(type !== undefined && { headers: { 'content-type': type } }),
        ...(body !== undefined && { body }),
      });
      return { status: answer.status, text: await answer.text() };
    } catch (error) {
      return (error as Error).name;
    }
  }, request);
}

const account = JSON.stringify({ username: 'eve', password: 'x', flags: 'MOD' });

async function accounts(server: AdminServer): Promise<number> {
  return ((await server.get('/api/accounts')) as unknown[]).length;
}

run('a page of another site makes no account and reads nothing, however it asks', async (t) => {
  t.timeout(patience);
  const server = await startAdminServer(t, { hasPort: true });
  const foreign = await serveForeign(t);
  const api = `http://127.0.0.1:${server.admin.port}`;
  await server.request({
    method: 'POST',
    path: '/api/accounts',
    body: { username: 'op', password: 'secret' },
  });
  for (const host of ['evil.example', '127.0.0.1', 'localhost']) {
    const page = await open(t, `http://${host}:${foreign}/`);
    for (const mode of ['cors', 'no-cors'] as const) {
      for (const type of [undefined, 'text/plain', 'application/json']) {
        for (const at of ['/api/accounts', '/api/dp/1/user/add']) {
          const request = { url: `${api}${at}`, method: 'POST', body: account, mode, ...(type && { type }) };
          const seen = await fetchFrom(page, request);
          t.true(typeof seen === 'string' || seen.status === 0, `${host} ${mode} ${type} ${at}`);
        }
      }
      const seen = await fetchFrom(page, { url: `${api}/api/accounts`, mode });
      t.true(typeof seen === 'string' || seen.text === '', `${host} ${mode} reads`);
    }
    const target = JSON.stringify(`${api}/api/accounts`);
    // in the page: what is a type here is not one there
    await page.evaluate(`navigator.sendBeacon(${target}, '{"username":"eve","password":"x"}')`);
    await page.evaluate(`{
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', enctype: 'text/plain', action: ${target} });
      const field = document.createElement('input');
      Object.assign(field, { name: '{"username":"eve","password":"x","a":"', value: '"}' });
      form.append(field);
      document.body.append(form);
      form.submit();
    }`);
    await page.waitForURL(`${api}/api/accounts`);
    t.regex((await page.textContent('body')) ?? '', /may not use this server/);
    t.is(await accounts(server), 1, host);
  }
});

for (const auth of [undefined, 'admin:secret']) {
  const where = auth === undefined ? '' : ' where a password is needed';
  run(`a page whose name is made to mean this machine reads nothing${where}`, (t) => rebind(t, auth));
}

async function rebind(t: ExecutionContext, auth: string | undefined): Promise<void> {
  t.timeout(patience);
  const server = await startAdminServer(t, { hasPort: true, values: { 'web-admin-auth': auth } });
  await server.request({
    method: 'POST',
    path: '/api/accounts',
    body: { username: 'op', password: 'secret' },
  });
  const at = `http://evil.example:${server.admin.port}`;
  const page = await open(t, `${at}/api/accounts`);
  t.regex((await page.textContent('body')) ?? '', /'evil.example' is not a name of this server/);
  t.like(await fetchFrom(page, { url: `${at}/api/accounts` }), { status: 403 });
  t.like(await fetchFrom(page, { url: `${at}/metrics` }), { status: 403 });
  const post = { url: `${at}/api/accounts`, method: 'POST', body: account, type: 'application/json' };
  t.like(await fetchFrom(page, post), { status: 403 });
  t.is(await accounts(server), 1);
}

run('the own web site and an allowed page work', async (t) => {
  t.timeout(patience);
  const folder = makeFolder(t);
  const site = path.join(folder, 'drawpile', 'drawpile-srv', 'webadmin');
  mkdirSync(site, { recursive: true });
  writeFileSync(path.join(site, 'index.html'), '<title>own</title>');
  const foreign = await serveForeign(t);
  const server = await startAdminServer(t, {
    hasPort: true,
    environment: { XDG_DATA_HOME: folder },
    values: { 'web-admin-allowed-origin': `http://ui.example:${foreign}` },
  });
  const api = `http://127.0.0.1:${server.admin.port}`;
  const request = { url: `${api}/api/accounts`, method: 'POST', type: 'application/json' };
  const body = (username: string) => JSON.stringify({ username, password: 'x' });
  const own = await open(t, `${api}/`);
  t.is(await own.title(), 'own');
  t.like(await fetchFrom(own, { ...request, body: body('a') }), { status: 200 });
  t.like(await fetchFrom(own, { ...request, type: 'text/plain', body: body('b') }), { status: 415 });
  const allowed = await open(t, `http://ui.example:${foreign}/`);
  t.like(await fetchFrom(allowed, { ...request, body: body('c') }), { status: 200 });
  t.regex(JSON.stringify(await fetchFrom(allowed, { url: `${api}/api/accounts` })), /username/);
  const other = await open(t, `http://evil.example:${foreign}/`);
  t.is(await fetchFrom(other, { ...request, body: body('d') }), 'TypeError');
  t.is(await accounts(server), 2);
});
