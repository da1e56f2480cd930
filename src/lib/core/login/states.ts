// TABLE of the login: which command is understood in which state (login.md §1). What is not in it is refused as
// the state says, or is a violation of the protocol.
import type { ClientCommand } from '../protocol/command.js';
import { clientInfo } from './client-info.js';
import { host } from './host.js';
import { ident } from './ident.js';
import { join } from './join.js';
import type { Login } from './login.js';
import { lookup } from './lookup.js';
import { report } from './report.js';
import { startTls } from './start-tls.js';

export type LoginStateName = 'secure' | 'clientInfo' | 'lookup' | 'ident' | 'session' | 'done';

export type LoginStep = (login: Login, command: ClientCommand) => void;

interface LoginStateRow {
  commands: Readonly<Record<string, LoginStep>>;
  /** Error code and text for every other command; without: "invalid message". */
  refusal?: { code: string; text: string };
}

export const loginStates: Readonly<Record<LoginStateName, LoginStateRow>> = {
  /** TCP with a certificate: TLS first. */
  secure: {
    commands: { startTls },
    refusal: { code: 'tlsRequired', text: 'This server requires encryption (TLS)' },
  },
  /** The server insists on being called by its own name. */
  clientInfo: {
    commands: { startTls, cinfo: clientInfo },
    refusal: {
      code: 'clientInfoUnsupported',
      text: 'Your version of Drawpile is too old for this server. You can get a newer one from drawpile.net.',
    },
  },
  /** Only people with a direct link, or recent clients. */
  lookup: {
    commands: { startTls, cinfo: clientInfo, lookup },
    refusal: {
      code: 'clientLookupUnsupported',
      text: 'Your version of Drawpile is too old for this server. You can get a newer one from drawpile.net.',
    },
  },
  ident: { commands: { startTls, cinfo: clientInfo, lookup, ident } },
  /** In the lobby: the session list is shown and kept up to date. */
  session: { commands: { host, join, report } },
  /** In a session, being disconnected, or not answered any more. */
  done: { commands: {} },
};
