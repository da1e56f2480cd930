// Private keys as PEM files hold them.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { reason } from '../../core/errors/reason.js';
import { UnusableFile } from '../files/regular-file.js';

/** The first private key of a PEM text; throws when there is none or it has a passphrase. */
export function readPrivateKey(pem: string): KeyObject {
  const block = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/.exec(pem);
  if (!block) throw new UnusableFile(reason('pair-without-key'));
  return createPrivateKey(block[0]);
}
