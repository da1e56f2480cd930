// The questions of `dp init`. How things are is the suggested answer, so that Enter changes nothing.

import { readHostName } from '../core/public-names.js';
import { settingProblem } from '../core/settings/settings.js';
import { userNameProblem } from '../core/units.js';
import { obtainPassword } from './prompts.js';
import { accepts, openQuestions, type Questions } from './question-forms.js';
import {
  type Choices,
  hasDrawpileAccounts,
  type Listing,
  listingOf,
  listings,
  type PresetName,
  presetNames,
  presets,
  type SetUp,
  willBeSelfSigned,
} from './set-up.js';
import { portCheck } from './set-up-ports.js';
import type { TlsAnswers } from './set-up-tls.js';
import { askTls } from './set-up-tls-questions.js';
import type { Terminal } from './terminal.js';

/** What flags said already is not asked. */
export async function askSetUp(
  terminal: Terminal,
  now: SetUp,
  given: Choices,
  tls: TlsAnswers,
): Promise<Choices> {
  const questions = await openQuestions(terminal);
  const { ask, line, optional, port, say } = questions;
  const choices: Choices = { ...given };
  say(
    now.exists
      ? `A server is set up in ${now.folder}. Press Enter to keep a value.`
      : `New server in ${now.folder}. All changes are shown before they are written; Ctrl-C cancels.`,
  );

  if (choices.preset === undefined) {
    const keep = { name: 'Keep as is', value: '' };
    const preset = await ask<PresetName | ''>({
      type: 'select',
      message: 'Who will use this server?',
      choices: [
        ...(now.exists ? [keep] : []),
        ...presetNames.map((name) => ({ name: presets[name].title, value: name })),
      ],
    });
    if (preset !== '') choices.preset = preset;
  }
  choices.name ??= await optional('Server title', now.settings.get('serverTitle') ?? '', (text) =>
    validSetting('serverTitle', text),
  );
  choices.welcome ??= await optional(
    'Welcome message in sessions',
    now.settings.get('welcomeMessage') ?? '',
    (text) => validSetting('welcomeMessage', text),
  );
  choices.port ??= await port(
    'Port for desktop clients:',
    now.start.DP_PORT ?? '27750',
    portCheck(now, choices, 1),
  );
  choices.localHost ??= asHostName(
    await optional(
      'Host name under which users reach the server',
      now.start.DP_LOCAL_HOST ?? '',
      (text) => text === now.start.DP_LOCAL_HOST || accepts(() => readHostName(text)),
    ),
    now.start.DP_LOCAL_HOST,
  );
  const choice = await askTls(now, questions, tls, choices.localHost);
  if (choice !== undefined) choices.tls = choice;
  await askWebPorts(now, questions, choices);
  choices.hasDrawpileAccounts ??= await ask<boolean>({
    type: 'confirm',
    message: 'Allow users to log in with accounts of drawpile.net?',
    default: hasDrawpileAccounts(now),
  });
  choices.listing ??= await ask<Listing>({
    type: 'select',
    message: 'Where may sessions be announced?',
    choices: (Object.keys(listings) as Listing[]).map((value) => ({ name: listings[value], value })),
    default: choices.preset === undefined ? listingOf(now) : presets[choices.preset].listing,
  });
  if (choices.account === undefined) {
    const isFirst = now.administrators.length === 0;
    const who = isFirst
      ? 'Name of the administrator, also a moderator'
      : `Name of another moderator (existing: ${now.moderators.join(', ') || 'none'})`;
    const name = await line(`${who} (empty for none):`, '', (text) => {
      if (text === '') return true;
      if (now.accounts.includes(text)) {
        return `An account with this name exists. Change it with: dp user set ${text} --${isFirst ? 'admin' : 'mod'}`;
      }
      return userNameProblem(text)?.text ?? true;
    });
    if (name !== '') {
      const source = { fromStdin: false, generate: false };
      const { password } = await obtainPassword(terminal, source, name);
      choices.account = { name, password, isAdministrator: isFirst };
    }
  }
  return choices;
}

/** The ports for browsers, if they would accept the certificate. */
async function askWebPorts(now: SetUp, { port, say }: Questions, choices: Choices): Promise<void> {
  if (willBeSelfSigned(now, choices)) {
    if (choices.webPort === undefined && choices.websocketPort === undefined) {
      say(
        'No port for browsers: browsers, and Drawpile 2.3 over WebSocket, refuse self-signed certificates.',
      );
    }
    choices.websocketPort ??= 0;
    choices.webPort ??= 0;
    return;
  }
  const isNewCertificate = choices.tls?.kind === 'acme' || choices.tls?.kind === 'files';
  const { DP_WEB_PORT, DP_WEBSOCKET_PORT, DP_HTTP_PORT } = now.start;
  const check = portCheck(now, choices, 0);
  choices.webPort ??= await port(
    'Port for browsers: public page, browser clients, administration (0 for none, usually 443):',
    DP_WEB_PORT ?? (isNewCertificate ? '443' : '0'),
    check,
  );
  // Who has such a port already may want to change it; nobody else needs a second one.
  if (DP_WEBSOCKET_PORT !== undefined) {
    choices.websocketPort ??= await port(
      'Port for browser clients only (0 for none):',
      DP_WEBSOCKET_PORT,
      check,
    );
  }
  const isAcme =
    choices.tls?.kind === 'acme' || (choices.tls === undefined && now.start.DP_ACME !== undefined);
  if (!isAcme && (choices.webPort === 0 || choices.tls?.kind === 'none')) return;
  const hasOther = choices.webPort !== 0;
  choices.httpPort ??= await port(
    isAcme
      ? 'Port for http: redirects to https, and the authority checks the names there (80, or another one to which port 80 is forwarded; 0 for none):'
      : 'Port for http, which redirects to https (0 for none, usually 80):',
    DP_HTTP_PORT ?? (isNewCertificate ? '80' : '0'),
    (text) =>
      Number(text) === 0 && isAcme && !hasOther
        ? 'Enter a port: without a port for browsers, the authority checks the names there.'
        : check(text),
  );
}

/** In the form that links and certificates have; what was there before stays as it is. */
function asHostName(text: string, current: string | undefined): string {
  return text === '' || text === current ? text : readHostName(text);
}

function validSetting(name: 'serverTitle' | 'welcomeMessage', text: string): true | string {
  const problem = settingProblem(name, text);
  return problem === undefined || `Invalid value: ${problem}.`;
}
