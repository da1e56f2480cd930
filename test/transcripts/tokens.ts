// Tokens of an external login server, signed anew with a key pair of the tests: the recorded ones were signed with
// another key and for another nonce (login.md §7).

import { generateKeyPairSync, sign } from 'node:crypto';
import { type Frame, frame, type JsonObject, jsonOf } from '../helpers/wire.js';
import type { ChosenValues } from './values.js';

const pair = generateKeyPairSync('ed25519');

/** For the setting `extauthkey`: base64 of the raw public key. */
export const tokenKey = pair.publicKey
  .export({ format: 'der', type: 'spki' })
  .subarray(-32)
  .toString('base64');

/** The recorded ident with a token that is good here, for the nonce that was handed out here. */
export function withOwnToken(message: Frame, values: ChosenValues): Buffer {
  const json = jsonOf(message)!;
  const kwargs = json.kwargs as JsonObject;
  const [version, payload, ...rest] = String(kwargs.extauth).split('.') as [string, string, ...string[]];
  const claims = JSON.parse(Buffer.from(payload, 'base64').toString()) as JsonObject;
  const nonce = values.get(String(claims.nonce)) ?? claims.nonce!;
  const own = Buffer.from(JSON.stringify({ ...claims, nonce })).toString('base64');
  const text = [version, own, ...rest.slice(0, -1)].join('.');
  const signature = sign(null, Buffer.from(text), pair.privateKey).toString('base64');
  const extauth = `${text}.${signature}`;
  return frame(message.type, message.context, JSON.stringify({ ...json, kwargs: { ...kwargs, extauth } }));
}
