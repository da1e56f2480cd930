// Orders certificates from an authority (RFC 8555 §7): account, order, checks of the names, request, certificate.

import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { ChallengeKind } from '../../core/certificates/challenges.js';
import { CertificateFailure, failure, failureOf } from '../../core/certificates/failures.js';
import type {
  Authority,
  CertificateFacts,
  KeyPair,
  Order,
  RenewalWindow,
} from '../../core/certificates/needs.js';
import { reason } from '../../core/errors/reason.js';
import type { Clock } from '../../core/session/needs.js';
import {
  AcmeClient,
  type AuthorityAnswer,
  type AuthorityHttp,
  type Directory,
  isText,
  objectOf,
  problemOf,
  type Signer,
} from './directory.js';
import { AccountKey, makeAccountKey } from './signed-request.js';

/** An account of this server at an authority. */
export interface Account {
  /** PEM. */
  readonly key: string;
  /** Its address, by which it is named; undefined: not known there yet. */
  readonly url: string | undefined;
  /** Of the authority that knows it. */
  readonly directory: string;
  readonly email: string | undefined;
}

export interface AcmeOptions {
  directory: string;
  email: string | undefined;
  acceptsTerms: boolean;
  http: AuthorityHttp;
  clock: Clock;
  account: Account | undefined;
  /** Rejects with a CertificateFailure. */
  saveAccount(account: Account): Promise<void>;
  makeKey(): KeyObject;
  /** DER. */
  makeRequest(names: readonly string[], key: KeyObject): Uint8Array;
  /** Number of a certificate for renewal information; undefined: it has none. */
  numberOf(pem: string): string | undefined;
  factsOf(pem: string): CertificateFacts;
  /** From now on the check is answered; returns how to end that. */
  answer(check: { kind: ChallengeKind; name: string; token: string; text: string }): () => void;
}

/** A check that takes longer is given up: authorities take seconds, and up to a minute. */
const checkWithinMs = 5 * 60_000;
const askAgainMs = { least: 250, usual: 1000, most: 15_000 };
const defaultWindowMs = 6 * 3_600_000;

export class AcmeAuthority implements Authority {
  readonly #options: AcmeOptions;
  readonly #client: AcmeClient;
  #account: Account | undefined;
  #isStopped = false;
  #wake: (() => void) | undefined;

  constructor(options: AcmeOptions) {
    this.#options = options;
    this.#client = new AcmeClient(options.directory, options.http, options.clock);
    this.#account = options.account;
  }

  async order(request: Order): Promise<KeyPair> {
    const directory = await this.#client.directory();
    let signer = await this.#signer(directory);
    const context = { names: request.names };
    const number = request.replaces === undefined ? undefined : this.#options.numberOf(request.replaces);
    const order = await this.#newOrder(directory, signer, request.names, number).catch(async (error) => {
      // It may have forgotten the account: test authorities do, and a database may have been put back.
      if (!(error instanceof CertificateFailure) || error.code !== 'acme-account-refused') throw error;
      signer = await this.#register(directory, this.#account?.key ?? makeAccountKey());
      return this.#newOrder(directory, signer, request.names, number);
    });
    for (const url of textsOf(order.body.authorizations)) {
      await this.#prove(directory, signer, url, request.challenge);
    }
    const ready = await this.#poll(directory, signer, order.url, context, (status) => status !== 'pending');
    if (ready.status === 'invalid') throw this.#problemOf(ready.error, context);
    const key = request.key === undefined ? this.#options.makeKey() : createPrivateKey(request.key);
    let done = ready;
    if (ready.status === 'ready') {
      const csr = Buffer.from(this.#options.makeRequest(request.names, key)).toString('base64url');
      await this.#client.post(directory, String(order.body.finalize), signer, { csr }, context);
      done = await this.#poll(
        directory,
        signer,
        order.url,
        context,
        (status) => status === 'valid' || status === 'invalid',
      );
    }
    if (done.status !== 'valid' || !isText(done.certificate)) throw this.#problemOf(done.error, context);
    const type = 'application/pem-certificate-chain';
    const { answer } = await this.#client.post(directory, done.certificate, signer, undefined, context, type);
    return this.#pairOf(answer.text, key);
  }

  async renewalWindow(chain: string): Promise<RenewalWindow | undefined> {
    const directory = await this.#client.directory();
    const number = this.#options.numberOf(chain);
    if (directory.renewalInfo === undefined || number === undefined) return undefined;
    const found = await this.#client.look(`${directory.renewalInfo.replace(/\/$/, '')}/${number}`);
    const { suggestedWindow, explanationURL } = found?.body ?? {};
    const { start, end } = (suggestedWindow ?? {}) as { start?: unknown; end?: unknown };
    const from = Date.parse(String(start));
    const until = Date.parse(String(end));
    if (!(until >= from)) return undefined;
    return {
      start: from,
      end: until,
      explanation: isText(explanationURL) ? explanationURL : undefined,
      askAgainMs: found?.retryAfterMs ?? defaultWindowMs,
    };
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake?.();
  }

  /** The account, made if need be. */
  async #signer(directory: Directory): Promise<Signer> {
    const { acceptsTerms, email } = this.#options;
    const { terms } = directory;
    if (terms !== undefined && !acceptsTerms) throw failure('acme-terms', { terms });
    const known = this.#account;
    if (known?.directory === this.#client.url && known.url !== undefined && known.email === email) {
      return { key: new AccountKey(known.key), account: known.url };
    }
    return this.#register(directory, known?.key ?? makeAccountKey());
  }

  /** Also finds the account that the authority has for this key. */
  async #register(directory: Directory, pem: string): Promise<Signer> {
    const { email, saveAccount } = this.#options;
    // Before the authority knows it: a key that is lost is an account that is lost.
    await saveAccount({ key: pem, url: undefined, directory: this.#client.url, email });
    const key = new AccountKey(pem);
    const contact = email === undefined ? [] : [`mailto:${email}`];
    const payload = { termsOfServiceAgreed: true, contact };
    const post = (account: string | undefined, payload: object) => {
      const url = account ?? directory.newAccount;
      return this.#client.post(directory, url, { key, account }, payload, { names: [] });
    };
    const { answer } = await post(undefined, payload);
    const url = locationOf(answer);
    if (url === undefined)
      throw failure('acme-refused', { reason: reason('authority-account-without-address') });
    // 200: it was there before, perhaps with another address for mail.
    if (answer.status === 200) await post(url, { contact });
    const account = { key: pem, url, directory: this.#client.url, email };
    await saveAccount(account);
    this.#account = account;
    return { key, account: url };
  }

  async #newOrder(
    directory: Directory,
    signer: Signer,
    names: readonly string[],
    replaces: string | undefined,
  ): Promise<{ url: string; body: Record<string, unknown> }> {
    const identifiers = names.map((value) => ({ type: 'dns', value }));
    const payload = {
      identifiers,
      ...(replaces !== undefined && directory.renewalInfo !== undefined && { replaces }),
    };
    const { answer } = await this.#client.post(directory, directory.newOrder, signer, payload, { names });
    const url = locationOf(answer);
    if (url === undefined)
      throw failure('acme-refused', { reason: reason('authority-order-without-address') });
    return { url, body: objectOf(answer.text) };
  }

  /** One name, or it is proven already. */
  async #prove(directory: Directory, signer: Signer, url: string, kind: ChallengeKind): Promise<void> {
    const post = (to: string, payload: object | undefined, names: readonly string[]) =>
      this.#client.post(directory, to, signer, payload, { names });
    const authorization = objectOf((await post(url, undefined, [])).answer.text);
    if (authorization.status === 'valid') return;
    const name = String((authorization.identifier as { value?: unknown } | undefined)?.value);
    const context = { names: [name], challenge: kind };
    const challenges = listOf(authorization.challenges);
    const challenge = challenges.find(({ type }) => type === kind);
    if (challenge === undefined) throw failure('acme-challenge-not-offered', { challenge: kind, name });
    const token = String(challenge.token);
    // It becomes part of a path.
    if (!/^[\w-]+$/.test(token)) throw failure('acme-refused', { reason: reason('authority-token-invalid') });
    const text = signer.key.authorization(token);
    const end = this.#options.answer({ kind, name, token, text });
    try {
      await post(String(challenge.url), {}, [name]);
      const over = (status: unknown) => status !== 'pending' && status !== 'processing';
      const done = await this.#poll(directory, signer, url, context, over);
      if (done.status === 'valid') return;
      const failed = listOf(done.challenges).find(({ error }) => error !== undefined);
      throw this.#problemOf(failed?.error, context);
    } finally {
      end();
    }
  }

  /** Asks again until the status is one that is waited for. */
  async #poll(
    directory: Directory,
    signer: Signer,
    url: string,
    context: { names: readonly string[]; challenge?: ChallengeKind },
    isOver: (status: unknown) => boolean,
  ): Promise<Record<string, unknown>> {
    const { clock } = this.#options;
    const end = clock.monotonic() + checkWithinMs;
    for (;;) {
      // Of the request, not of the check: who is not allowed to look is a matter of the account.
      const { answer, retryAfterMs } = await this.#client.post(directory, url, signer, undefined, {
        names: context.names,
      });
      const body = objectOf(answer.text);
      if (isOver(body.status)) return body;
      if (clock.monotonic() > end) {
        const why = reason('authority-too-slow', { minutes: checkWithinMs / 60_000 });
        throw failure('acme-directory-down', { directory: this.#client.url, reason: why });
      }
      const { least, usual, most } = askAgainMs;
      await this.#pause(Math.min(Math.max(retryAfterMs ?? usual, least), most));
    }
  }

  async #pause(ms: number): Promise<void> {
    const { clock } = this.#options;
    await new Promise<void>((resolve) => {
      const timer = clock.after(ms, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
    this.#wake = undefined;
    if (this.#isStopped) throw failure('acme-refused', { reason: reason('server-stopping') });
  }

  #problemOf(error: unknown, context: { names: readonly string[]; challenge?: ChallengeKind }) {
    const problem =
      typeof error === 'object' && error !== null
        ? problemOf(error as Record<string, unknown>)
        : { type: '', detail: reason('authority-without-reason'), status: 400 };
    return failureOf(problem, { directory: this.#client.url, ...context });
  }

  #pairOf(chain: string, key: KeyObject): KeyPair {
    try {
      const facts = this.#options.factsOf(chain);
      return { facts, chain, key: key.export({ type: 'pkcs8', format: 'pem' }) as string };
    } catch (cause) {
      const { message } = cause as Error;
      throw failure('acme-refused', { reason: reason('authority-no-certificate', { message }) }, { cause });
    }
  }
}

function locationOf(answer: AuthorityAnswer): string | undefined {
  const { location } = answer.headers;
  return isText(location) ? location : undefined;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isText) : [];
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'object' && each !== null) : [];
}
