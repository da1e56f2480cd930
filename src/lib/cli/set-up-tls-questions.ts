// The questions of `dp init` about encryption: certificate from an authority, self-signed, files, or none.

import * as path from 'node:path';
import { readPublicName } from '../core/public-names.js';
import { startup } from '../core/settings/startup.js';
import { readCertificate } from '../io/net/certificates.js';
import { systemClock } from '../io/system/clock.js';
import { readCertificateFile } from './certificate-text.js';
import { accepts, type Questions } from './question-forms.js';
import type { SetUp, TlsChoice } from './set-up.js';
import { termsOf } from './set-up-authority.js';
import { decideTls, readNames, type TlsAnswers } from './set-up-tls.js';

/** Undefined: it stays as it is. */
export async function askTls(
  now: SetUp,
  questions: Questions,
  given: TlsAnswers,
  localHost: string,
): Promise<TlsChoice | undefined> {
  const kind = given.kind ?? (await askKind(now, questions, given, localHost));
  if (kind === 'keep') return undefined;
  if (kind === 'acme') {
    const choice = await askAcme(now, questions, given, localHost);
    if (choice !== undefined) return choice;
    questions.say('Without that, the authority issues no certificate.');
    return askTls(now, questions, { ...given, kind: undefined }, localHost);
  }
  if (kind !== 'files') return { kind };
  if (given.files !== undefined) return decideTls({ ...given, kind }, now, localHost);
  const { DP_SSL_CERT = '', DP_SSL_KEY = '' } = now.start;
  const certificate = await questions.line('Certificate file (PEM):', DP_SSL_CERT, (text) =>
    accepts(() => readCertificateFile(text)),
  );
  const key = await questions.line('Private key file (PEM):', DP_SSL_KEY, (text) =>
    accepts(() => readCertificate({ certificate, key: text }, systemClock.now())),
  );
  return { kind, certificate: path.resolve(certificate), key: path.resolve(key) };
}

function askKind(
  now: SetUp,
  { ask }: Questions,
  { acme }: TlsAnswers,
  localHost: string,
): Promise<TlsChoice['kind'] | 'keep'> {
  const current = now.start.DP_ACME ?? now.start.DP_SSL_CERT;
  const isAcmeMeant = Object.keys(acme).length > 0;
  return ask({
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
    default: isAcmeMeant
      ? 'acme'
      : now.exists
        ? 'keep'
        : accepts(() => readPublicName(localHost)) === true
          ? 'acme'
          : 'self-signed',
  });
}

/** Undefined: the terms were not accepted. */
async function askAcme(
  now: SetUp,
  { ask, line, optional, say }: Questions,
  { acme }: TlsAnswers,
  localHost: string,
): Promise<TlsChoice | undefined> {
  const { DP_ACME, DP_ACME_EMAIL, DP_ACME_DIRECTORY, DP_ACME_DIRECTORY_CA, DP_ACME_ACCEPT_TERMS } = now.start;
  const names =
    acme.names ??
    readNames(
      await line('Host names, separated by commas:', DP_ACME ?? localHost, (text) =>
        accepts(() => readNames(text)),
      ),
    );
  const email =
    acme.email ??
    (await optional(
      'E-mail address for the authority',
      DP_ACME_EMAIL ?? '',
      (text) =>
        startup['acme-email'].kind.parse(text) !== undefined ||
        'Enter an e-mail address, as in me@example.org.',
    ));
  const choice: TlsChoice = { kind: 'acme', ...acme, names, email };
  if (acme.acceptsTerms === true) return choice;
  const directory = acme.directory ?? DP_ACME_DIRECTORY ?? startup['acme-directory'].default ?? '';
  const found = await termsOf(directory, acme.directoryCa ?? DP_ACME_DIRECTORY_CA);
  if ('problem' in found) {
    const { message, hint } = found.problem;
    say(`The terms of service cannot be read now: ${message}${hint === undefined ? '' : `\n${hint}`}`);
  } else if (found.terms === undefined) return choice;
  const terms = 'terms' in found ? `: ${found.terms}` : ` at ${directory}`;
  const acceptsTerms = await ask<boolean>({
    type: 'confirm',
    message: `Have you read and accepted the terms of service of the authority${terms} ?`,
    default: DP_ACME_ACCEPT_TERMS === 'true',
  });
  return acceptsTerms ? { ...choice, acceptsTerms } : undefined;
}
