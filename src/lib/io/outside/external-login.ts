// Accounts of an external login server: asking about guests over HTTP, checking the tokens that people bring.
// http.md §3, login.md §7. What the flags and the name mean here is decided by the login.

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { reason } from '../../core/errors/reason.js';
import type { ExternalLogin, ExternalUser, GuestAnswer, TokenRefusal } from '../../core/login/needs.js';
import { FairQueue } from '../../core/session/fair-queue.js';
import type { Clock, Log } from '../../core/session/needs.js';
import type { SettingsReader } from '../../core/settings/settings.js';
import { type HttpAnswer, type HttpClient, HttpProblem, withoutCredentials } from './http-client.js';

export interface ExternalLoginOptions {
  client: HttpClient;
  clock: Clock;
  log: Log;
  settings: SettingsReader;
  /** `--extauth`; undefined: not configured. */
  url: string | undefined;
  /** Of this program, for the User-Agent header. */
  version: string;
}

/** Questions that may be on their way at the same time. */
const askedAtOnce = 8;

const badSignature = { error: 'tokenSignature' } as const;
const badToken = { error: 'tokenInvalid' } as const;

/** DER of "an Ed25519 public key follows": the setting holds the raw 32 bytes. */
const keyPrefix = Buffer.from('302a300506032b6570032100', 'hex');

const guestAnswers: ReadonlyMap<unknown, GuestAnswer> = new Map<string, GuestAnswer>([
  ['auth', 'auth'],
  ['guest', 'guest'],
  ['outgroup', 'outgroup'],
  ['banned', 'banned'],
]);

export class HttpExternalLogin implements ExternalLogin {
  readonly #options: ExternalLoginOptions;
  #isDown = false;
  readonly #waiting = new FairQueue<() => Promise<void>>({ waitingAtMost: 256, waitingPerSource: 16 });
  #asking = 0;
  #key: { text: string; key: KeyObject | undefined } = { text: '', key: undefined };

  constructor(options: ExternalLoginOptions) {
    this.#options = options;
  }

  get url(): string | undefined {
    return this.#options.settings.get('extauth') ? this.#options.url : undefined;
  }

  get group(): string {
    return this.#options.settings.get('extauthgroup');
  }

  /** A few questions at a time: clients cannot cause more than the login server can answer. */
  queryGuest(username: string, done: (answer: GuestAnswer) => void, address: string): void {
    if (this.#waiting.add(address, () => this.#ask(username).then(done))) this.#askNext();
    else done('busy');
  }

  #askNext(): void {
    if (this.#asking >= askedAtOnce) return;
    const ask = this.#waiting.take();
    if (!ask) return;
    this.#asking++;
    void ask().finally(() => {
      this.#asking--;
      this.#askNext();
    });
  }

  check(token: string, nonce: string): ExternalUser | { error: TokenRefusal } {
    const parts = token.split('.');
    const [version, payloadText = '', avatarText = ''] = parts;
    const isKnown = (version === '1' && parts.length === 3) || (version === '2' && parts.length === 4);
    const signature = isKnown ? fromBase64(parts.at(-1) ?? '') : undefined;
    const key = this.#currentKey();
    if (signature === undefined || signature.length !== 64 || key === undefined) return badSignature;
    const signed = Buffer.from(token.slice(0, token.lastIndexOf('.')), 'utf8');
    if (!verify(null, signed, key, signature)) return badSignature;

    const payload = fromBase64(payloadText);
    const avatar = version === '2' ? fromBase64(avatarText) : Buffer.alloc(0);
    if (payload === undefined || avatar === undefined) return badToken;
    const user = readPayload(payload.toString('utf8'), nonce, this.group);
    if (user === undefined) return badToken;
    return { ...user, avatar: avatar.length > 0 ? avatar : undefined };
  }

  async #ask(username: string): Promise<GuestAnswer> {
    const { client, url, version } = this.#options;
    if (url === undefined) return 'unreachable';
    const { group } = this;
    try {
      const answer = await client.request({
        method: 'POST',
        url,
        headers: { 'User-Agent': `DrawpileExtAuthClient/${version}` },
        body: { username, ...(group !== '' && { group }) },
        isTrusted: true,
      });
      const status = statusOf(answer);
      this.#isDown = false;
      return guestAnswers.get(status) ?? 'refused';
    } catch (error) {
      if (!(error instanceof HttpProblem)) throw error;
      this.#reportOnce(error.message);
      return 'unreachable';
    }
  }

  /** One line for each time that the server goes away, not one for everybody who comes in meanwhile. */
  #reportOnce(problem: string): void {
    if (this.#isDown) return;
    this.#isDown = true;
    const { clock, log, settings, url = '' } = this.#options;
    const consequence = settings.get('extauthfallback')
      ? 'guests may log in (extauthfallback is on)'
      : 'only accounts of this server can log in (extauthfallback is off)';
    log.write({
      time: clock.now(),
      level: 'warn',
      topic: 'Status',
      message: `Cannot reach the login server ${withoutCredentials(url)}: ${problem}; until it answers, ${consequence}`,
    });
  }

  #currentKey(): KeyObject | undefined {
    const text = this.#options.settings.get('extauthkey');
    if (text !== this.#key.text) this.#key = { text, key: keyOf(text) };
    return this.#key.key;
  }
}

/** The `status` of an answer, whatever it is; a problem when there is no JSON to read it from. */
function statusOf({ status, text }: HttpAnswer): unknown {
  if (status >= 300) throw new HttpProblem(reason('answer-status', { status }));
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new HttpProblem(reason('answer-not-json'));
  }
  return typeof body === 'object' && body !== null ? (body as { status?: unknown }).status : undefined;
}

function keyOf(text: string): KeyObject | undefined {
  const raw = fromBase64(text.trim());
  if (raw?.length !== 32) return undefined;
  return createPublicKey({ key: Buffer.concat([keyPrefix, raw]), format: 'der', type: 'spki' });
}

/** Standard alphabet only, padding optional. http.md §3.5 */
function fromBase64(text: string): Buffer | undefined {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}

function readPayload(text: string, nonce: string, group: string): Omit<ExternalUser, 'avatar'> | undefined {
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return undefined;
  const { username, nonce: answered, group: given, flags = [], uid } = payload as Record<string, unknown>;
  if (typeof username !== 'string' || !isUserName(username)) return undefined;
  const expected = nonceNumber(nonce);
  if (expected === undefined || typeof answered !== 'string' || nonceNumber(answered) !== expected)
    return undefined;
  if (group === '' ? given !== undefined && given !== null : given !== group) return undefined;
  if (!Array.isArray(flags)) return undefined;
  return {
    username,
    uid: uidOf(uid),
    flags: flags.filter((flag): flag is string => typeof flag === 'string' && flag !== ''),
  };
}

/** The rules of login.md §6 hold for names from outside too: the rest of the protocol builds on them. */
function isUserName(name: string): boolean {
  return name !== '' && name.length <= 22 && !name.includes('"');
}

/** Hex as a 64-bit number: case, leading zeros, blanks around it and `0x` make no difference. */
function nonceNumber(text: string): bigint | undefined {
  const [, digits] = /^(?:0x)?0*([0-9a-f]{1,16})$/i.exec(text.trim()) ?? [];
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}

function uidOf(uid: unknown): number | string | undefined {
  if (typeof uid === 'number') return Math.trunc(uid);
  return typeof uid === 'string' && uid !== '' ? uid : undefined;
}
