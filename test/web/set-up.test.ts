// The owner at home: `dp gui` on a machine where nothing is, through the set-up in the browser to a server that friends join
// by the link or its QR code. With the real program, at both sizes.

import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import jsQRModule from 'jsqr';
import type { Page } from 'playwright-core';
import { desk, examine, openApp, phone } from '../helpers/app-page.js';
import { makePair } from '../helpers/certificates.js';
import { withChromium } from '../helpers/chromium.js';
import { Client } from '../helpers/client.js';
import { freePort } from '../helpers/free-port.js';
import { shows } from '../helpers/shown.js';
import { guiHome, startGui } from '../helpers/start-gui.js';

const patience = 240_000;
const { run, browser } = withChromium(test, { patience });

/** What a camera reads from the QR code on the page. */
async function readCode(page: Page): Promise<string | undefined> {
  const code = page.getByRole('img', { name: /^QR code of/ });
  await code.waitFor();
  const size = Number((await code.getAttribute('viewBox'))?.split(' ')[2]);
  const path = (await code.locator('path').getAttribute('d')) ?? '';
  const scale = 4;
  const width = size * scale;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row++) {
      const start = (row * width + Number(x) * scale) * 4;
      for (let at = start; at < start + Number(length) * scale * 4; at += 4) pixels.fill(0, at, at + 3);
    }
  }
  const jsQR = jsQRModule as unknown as typeof jsQRModule.default;
  return jsQR(pixels, width, width)?.data;
}

for (const [name, size] of [
  ['a desk', desk],
  ['a phone', phone],
] as const) {
  run(`an owner comes from nothing to friends who draw (${name})`, async (t) => {
    t.timeout(patience);
    const { env, folder } = guiHome(t);
    const port = await freePort();
    const gui = await startGui(t, env, '--set-up');
    const opened = await openApp(t, browser(), gui.link.origin, gui.link.pathname + gui.link.hash, size);
    const { page, faults } = opened;
    const next = () => page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Who will draw here?' }).waitFor();
    t.false(existsSync(`${folder}/data`), 'nothing is written before it is said what');
    await examine(t, opened, 'setup-1-who');
    await next();
    await page.getByLabel('Server title').fill('Friday sketching');
    await page.getByLabel('Welcome message').fill('Hello <b>you</b>');
    await examine(t, opened, 'setup-2-name');
    await next();
    await page.getByLabel('Port').fill('99999');
    await next();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Port').fill(String(port));
    await page.getByText('A free certificate').click();
    await examine(t, opened, 'setup-3-reach');
    await next();
    await page.getByRole('alert').getByText(/name/).waitFor();
    await page.getByText('Certificate files that I have').click();
    const mine = await makePair();
    const chosen = (name: string, text: string) => ({
      name,
      mimeType: 'text/plain',
      buffer: Buffer.from(text),
    });
    await page.getByLabel('Certificate (PEM)').setInputFiles(chosen('cert.pem', mine.certificate));
    await page.getByLabel('Private key (PEM)').setInputFiles(chosen('key.pem', (await makePair()).key));
    await page.getByText('Chosen: key.pem').waitFor();
    await next();
    await page
      .getByRole('alert')
      .getByText(/does not belong/)
      .waitFor();
    await page.getByRole('alert').scrollIntoViewIfNeeded();
    await examine(t, opened, 'setup-3-files');
    await page.getByRole('button', { name: 'Name their paths' }).click();
    await page.getByLabel('Certificate (PEM)').fill('/nowhere/cert.pem');
    await page.getByLabel('Private key (PEM)').fill('/nowhere/key.pem');
    await next();
    await page
      .getByRole('alert')
      .getByText(/nowhere/)
      .waitFor();
    await page.getByText('None', { exact: true }).click();
    await next();
    await page.getByLabel('Name of the administrator').fill('Mia');
    await page.getByLabel('Password').fill('mias password');
    await examine(t, opened, 'setup-4-account');
    await next();
    await page.getByText('setting serverTitle = Friday sketching').waitFor();
    await page.getByRole('button', { name: 'Back' }).click();
    await shows(t, page.getByLabel('Name of the administrator'), { value: 'Mia' }, 'nothing typed is lost');
    await next();
    await examine(t, opened, 'setup-5-review');
    t.false(existsSync(`${folder}/data`));
    await page.getByRole('button', { name: 'Create and start the server' }).click();
    await page.getByRole('heading', { name: 'Your server is running' }).waitFor();
    await examine(t, opened, 'setup-6-done');
    const link = `drawpile://127.0.0.1:${port}/`;
    await page.getByText(link, { exact: true }).waitFor();
    t.is(await readCode(page), link);
    await page.getByText('Only this computer can connect').waitFor();
    t.regex(readFileSync(`${folder}/data/serve.env`, 'utf8'), new RegExp(`DP_PORT=${port}`));

    await page.getByRole('button', { name: 'Open the app' }).click();
    await page.getByText('Nobody is drawing yet').waitFor();
    t.regex((await readCode(page)) ?? '', new RegExp(`^drawpile://.*:${port}/$`), 'where nobody is yet, too');
    await examine(t, opened, 'owner-now-empty');
    const host = await Client.host(port, { name: 'Anna', title: 'A house by the sea' });
    await page.getByRole('heading', { name: 'A house by the sea' }).waitFor();
    await page.getByRole('link', { name: 'Friday sketching' }).waitFor();
    await examine(t, opened, 'owner-now');
    t.deepEqual(faults, []);
    await host.leave();
    gui.child.kill('SIGINT');
    t.is((await gui.ended)[0], 0, 'the server that it started stops with it');
    await t.throwsAsync(Client.host(port, { name: 'Anna' }));
  });
}
