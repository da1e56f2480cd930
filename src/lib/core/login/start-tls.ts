// The `startTls` command: the answer is sent unencrypted, then the same connection is encrypted (login.md §3).
import type { LoginStep } from './step.js';

export const startTls: LoginStep<'secure' | 'clientInfo' | 'lookup' | 'ident'> = ({ login }) => {
  const { connection, needs } = login;
  if (connection.transport === 'tls') {
    login.violate('startTls on an encrypted connection');
  } else if (!connection.canStartTls || needs.tls === 'none') {
    login.fail('noTls');
  } else {
    login.result({ startTls: true, message: 'Start TLS now!' });
    connection.startTls();
  }
};
