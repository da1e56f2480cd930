// The questions of `dp init`. How things are is the suggested answer, so that Enter changes nothing.

import { accessSync, constants } from 'node:fs';
import * as path from 'node:path';
import type { Refusal } from '../core/errors.js';
import { printableStyled } from '../core/printable.js';
import { readPublicName } from '../core/public-names.js';
import { settingProblem } from '../core/settings/settings.js';
import { startup } from '../core/settings/startup.js';
import { userNameProblem } from '../core/units.js';
import { loadPrompts, obtainPassword } from './prompts.js';
import {
  hasDrawpileAccounts,
  type Listing,
  listingOf,
  listings,
  type PresetName,
  presetNames,
  presets,
  type SetUp,
  type TlsChoice,
  type Wishes,
  willBeSelfSigned,
} from './set-up.js';
import type { Terminal } from './terminal.js';

/** What flags said already is not asked. */
export async function askSetUp(terminal: Terminal, now: SetUp, given: Wishes): Promise<Wishes> {
  const prompt = await loadPrompts(terminal);
  const ask = async <Answer>(question: object): Promise<Answer> =>
    (await prompt([{ name: 'answer', ...question } as never])).answer as Answer;
  const line = (message: string, current: string, validate: (text: string) => true | string) =>
    ask<string>({ type: 'input', message, ...(current === '' ? {} : { default: current }), validate });
  /** Enter keeps what there is, so there has to be another way to say "nothing". */
  const optional = async (message: string, current: string, validate: (text: string) => true | string) => {
    const hint = current === '' ? 'empty for none' : '- for none';
    const text = await line(`${message} (${hint}):`, current, (typed) => typed === '-' || validate(typed));
    return text === '-' ? '' : text;
  };
  const wishes: Wishes = { ...given };
  const say = (text: string) => terminal.stdout.write(`${printableStyled(text)}\n`);
  say(
    now.exists
      ? `A server is set up in ${now.folder}. Press Enter to keep a value.`
      : `New server in ${now.folder}. All changes are shown before they are written; Ctrl-C cancels.`,
  );

  if (wishes.preset === undefined) {
    const keep = { name: 'Keep as is', value: '' };
    const preset = await ask<PresetName | ''>({
      type: 'select',
      message: 'Who will use this server?',
      choices: [
        ...(now.exists ? [keep] : []),
        ...presetNames.map((name) => ({ name: presets[name].title, value: name })),
      ],
    });
    if (preset !== '') wishes.preset = preset;
  }
  wishes.name ??= await optional('Server title', now.settings.get('serverTitle') ?? '', (text) =>
    validSetting('serverTitle', text),
  );
  wishes.welcome ??= await optional(
    'Welcome message in sessions',
    now.settings.get('welcomeMessage') ?? '',
    (text) => validSetting('welcomeMessage', text),
  );
  wishes.port ??= Number(
    await line('Port for desktop clients:', now.start.DP_PORT ?? '27750', (text) => validPort(text, 1)),
  );
  wishes.localHost ??= await optional(
    'Host name under which users reach the server',
    now.start.DP_LOCAL_HOST ?? '',
    (text) => /^[\w.:-]*$/.test(text.trim()) || 'Not a host name; example: draw.example.com',
  );
  wishes.localHost = wishes.localHost.trim();
  if (wishes.tls === undefined) {
    const tls = await askTls(now, { ask, line, optional, say }, wishes.localHost);
    if (tls !== undefined) wishes.tls = tls;
  }
  if (wishes.websocketPort === undefined) {
    if (willBeSelfSigned(now, wishes)) {
      say(
        'No port for browsers: browsers, and Drawpile 2.3 over WebSocket, refuse self-signed certificates.',
      );
      wishes.websocketPort = 0;
      wishes.webPort = 0;
    } else {
      wishes.webPort ??= Number(
        await line(
          'Port for browsers (0 for none, usually 443):',
          now.start.DP_WEB_PORT ?? (wishes.tls?.kind === 'acme' ? '443' : '0'),
          (text) => validPort(text, 0),
        ),
      );
      // Who has such a port already may want to change it; nobody else needs a second one.
      if (now.start.DP_WEBSOCKET_PORT !== undefined) {
        wishes.websocketPort = Number(
          await line('Port for browser clients only (0 for none):', now.start.DP_WEBSOCKET_PORT, (text) =>
            validPort(text, 0),
          ),
        );
      }
    }
  }
  wishes.hasDrawpileAccounts ??= await ask<boolean>({
    type: 'confirm',
    message: 'Allow users to log in with accounts of drawpile.net?',
    default: hasDrawpileAccounts(now),
  });
  wishes.listing ??= await ask<Listing>({
    type: 'select',
    message: 'Where may sessions be announced?',
    choices: (Object.keys(listings) as Listing[]).map((value) => ({ name: listings[value], value })),
    default: wishes.preset === undefined ? listingOf(now) : presets[wishes.preset].listing,
  });
  if (wishes.moderator === undefined) {
    const more =
      now.moderators.length > 0
        ? `another moderator (existing: ${now.moderators.join(', ')})`
        : 'the first moderator';
    const name = await line(`Name of ${more} (empty for none):`, '', (text) => {
      if (text === '') return true;
      if (now.accounts.includes(text)) return 'An account with this name exists.';
      return userNameProblem(text) ?? true;
    });
    if (name !== '') {
      const source = { fromStdin: false, generate: false };
      wishes.moderator = { name, password: (await obtainPassword(terminal, source, name)).password };
    }
  }
  return wishes;
}

interface Questions {
  ask<Answer>(question: object): Promise<Answer>;
  line(message: string, current: string, validate: (text: string) => true | string): Promise<string>;
  /** '': none. */
  optional(message: string, current: string, validate: (text: string) => true | string): Promise<string>;
  say(text: string): void;
}

async function askTls(now: SetUp, questions: Questions, localHost: string): Promise<TlsChoice | undefined> {
  const { ask, line, say } = questions;
  const current = now.start.DP_ACME ?? now.start.DP_SSL_CERT;
  const kind = await ask<TlsChoice['kind'] | 'keep'>({
    type: 'select',
    message: 'Encrypt connections (TLS)?',
    choices: [
      ...(now.exists ? [{ name: `Keep as is: ${current ?? 'no'}`, value: 'keep' }] : []),
      {
        name: 'Yes, with a free certificate from an authority, renewed automatically (needs a public host name)',
        value: 'acme',
      },
      { name: 'Yes, with a self-signed certificate (desktop clients only)', value: 'self-signed' },
      { name: 'Yes, with your own certificate files', value: 'files' },
      { name: 'No', value: 'none' },
    ],
    default: now.exists ? 'keep' : isPublic(localHost) ? 'acme' : 'self-signed',
  });
  if (kind === 'acme') {
    const choice = await askAcme(now, questions, localHost);
    if (choice !== undefined) return choice;
    say('Without that, the authority issues no certificate.');
    return askTls(now, questions, localHost);
  }
  if (kind === 'keep') return undefined;
  if (kind !== 'files') return { kind };
  const certificate = await line('Certificate file (PEM):', now.start.DP_SSL_CERT ?? '', readableFile);
  const key = await line('Private key file (PEM):', now.start.DP_SSL_KEY ?? '', readableFile);
  return { kind, certificate: path.resolve(certificate), key: path.resolve(key) };
}

/** Undefined: the terms were not accepted. */
async function askAcme(
  now: SetUp,
  { ask, line, optional }: Questions,
  localHost: string,
): Promise<TlsChoice | undefined> {
  const { DP_ACME, DP_ACME_EMAIL, DP_ACME_DIRECTORY, DP_HTTP_PORT } = now.start;
  const isNamed = (text: string) => {
    try {
      readNames(text);
      return true;
    } catch (error) {
      const { message, hint } = error as Refusal;
      return `${message}; ${hint}.`;
    }
  };
  const names = await line('Host names, separated by commas:', DP_ACME ?? localHost, isNamed);
  const email = await optional(
    'E-mail address for the authority',
    DP_ACME_EMAIL ?? '',
    (text) =>
      text === '' || startup['acme-email'].kind.parse(text) !== undefined || 'Enter an e-mail address.',
  );
  const authority = DP_ACME_DIRECTORY ?? "Let's Encrypt (https://letsencrypt.org/repository/)";
  const acceptsTerms = await ask<boolean>({
    type: 'confirm',
    message: `Have you read and accepted the terms of service of ${authority}?`,
    default: now.start.DP_ACME_ACCEPT_TERMS === 'true',
  });
  if (!acceptsTerms) return undefined;
  const httpPort = await line(
    'Port at which the authority checks the names (80, or another one to which port 80 is forwarded; 0 for none):',
    DP_HTTP_PORT ?? '80',
    (text) => validPort(text, 0),
  );
  return { kind: 'acme', names: readNames(names), email, acceptsTerms, httpPort: Number(httpPort) };
}

/** Refusal where one is not a public name. */
export function readNames(text: string): string[] {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  return (names.length === 0 ? [''] : names).map((name) => readPublicName(name));
}

function isPublic(name: string): boolean {
  try {
    return readPublicName(name) !== '';
  } catch {
    return false;
  }
}

function readableFile(text: string): true | string {
  try {
    accessSync(text, constants.R_OK);
    return true;
  } catch {
    return 'Cannot read this file.';
  }
}

function validSetting(name: 'serverTitle' | 'welcomeMessage', text: string): true | string {
  const problem = settingProblem(name, text);
  return problem === undefined || `Invalid value: ${problem}.`;
}

function validPort(text: string, least: number): true | string {
  const isPort = /^\d{1,5}$/.test(text.trim()) && Number(text) >= least && Number(text) <= 65_535;
  return isPort || `Enter a port number from ${least} to 65535.`;
}
