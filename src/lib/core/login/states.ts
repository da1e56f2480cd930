// TABLE of the login: the commands of each state and their transitions (login.md §1). A command that is missing is
// refused as the state says, or violates the protocol. `stays`: the state remains after the command; `leads`: the
// next state, or for a gate that is not needed the one after it. A refused command leads nowhere.
import { clientInfo } from './client-info.js';
import { greeting } from './greeting.js';
import { host } from './host.js';
import { ident } from './ident.js';
import { join } from './join.js';
import type { CommandRow, LoginScript, LoginStates } from './login.js';
import { lookup } from './lookup.js';
import type { LoginStateName } from './progress.js';
import { report } from './report.js';
import { startTls } from './start-tls.js';
import type { LoginStep } from './step.js';

function stays<From extends LoginStateName>(step: LoginStep<From>): CommandRow<From> {
  return {
    next: undefined,
    run: (login, state, command) => step({ login, state, advance: () => {} }, command),
  };
}

function leads<From extends LoginStateName, To extends LoginStateName>(
  next: To,
  step: LoginStep<From, To>,
): CommandRow<From> {
  return {
    next,
    run: (login, state, command) =>
      step({ login, state, advance: (...way) => login.advance(next, way) }, command),
  };
}

export const loginStates: LoginStates = {
  /** TCP with a certificate: TLS first. The handshake leads on. */
  secure: { commands: { startTls: stays(startTls) }, refusal: 'tlsRequired' },
  /** The server insists on being called by its own name. */
  clientInfo: {
    commands: { startTls: stays(startTls), cinfo: leads('lookup', clientInfo) },
    refusal: 'clientInfoUnsupported',
  },
  /** Only people with a direct link, or recent clients. */
  lookup: {
    commands: { startTls: stays(startTls), cinfo: stays(clientInfo), lookup: leads('ident', lookup) },
    refusal: 'clientLookupUnsupported',
  },
  ident: {
    commands: {
      startTls: stays(startTls),
      cinfo: stays(clientInfo),
      lookup: stays(lookup),
      ident: leads('lobby', ident),
    },
  },
  /** The session list is shown and kept up to date. */
  lobby: { commands: { host: leads('done', host), join: leads('done', join), report: stays(report) } },
  /** In a session, being disconnected, or not answered any more. */
  done: { commands: {} },
};

export const loginScript: LoginScript = { greeting, states: loginStates };
