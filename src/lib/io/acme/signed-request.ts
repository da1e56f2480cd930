// Requests that an account of an authority signs (RFC 8555 §6.2, RFC 7515): P-256 keys, and what is derived from them.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { reason } from '../../core/errors/reason.js';
import { UnusableFile } from '../files/regular-file.js';

export function makeAccountKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

export class AccountKey {
  readonly #key: KeyObject;
  /** Public part, with its members in the order that the thumbprint wants (RFC 7638). */
  readonly #public: { crv: string; kty: string; x: string; y: string };

  /** Throws when that is no P-256 key. */
  constructor(pem: string) {
    this.#key = createPrivateKey(pem);
    const { crv, kty, x, y } = createPublicKey(this.#key).export({ format: 'jwk' });
    if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined) {
      throw new UnusableFile(reason('key-of-other-kind'));
    }
    this.#public = { crv, kty, x, y };
  }

  /** What the answer to a check with this token has to be (RFC 8555 §8.1). */
  authorization(token: string): string {
    const thumbprint = createHash('sha256').update(JSON.stringify(this.#public)).digest('base64url');
    return `${token}.${thumbprint}`;
  }

  /** `account`: its address; undefined: the authority does not know it yet. `payload` undefined: only looks. */
  sign(request: {
    url: string;
    nonce: string;
    account: string | undefined;
    payload: object | undefined;
  }): object {
    const { url, nonce, account, payload } = request;
    const who = account === undefined ? { jwk: this.#public } : { kid: account };
    const head = encoded({ alg: 'ES256', nonce, url, ...who });
    const body = payload === undefined ? '' : encoded(payload);
    const signature = sign('sha256', Buffer.from(`${head}.${body}`), {
      key: this.#key,
      dsaEncoding: 'ieee-p1363',
    });
    return { protected: head, payload: body, signature: signature.toString('base64url') };
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
