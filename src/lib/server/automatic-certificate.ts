// The certificate that the server obtains automatically (`--acme`): combines the renewal with its folder and the
// authority, and provides the certificate for handshakes. Until an authority has issued one it is self-signed, with
// the key that the issued one will have: connections are encrypted from the start, and clients that pin the key
// notice no change.

import { createPrivateKey } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import { ChallengeAnswers, type ChallengeKind, challengePorts } from '../core/certificates/challenges.js';
import { CertificateFailure } from '../core/certificates/failures.js';
import type { Authority, KeyPair } from '../core/certificates/needs.js';
import { Renewal } from '../core/certificates/renewal.js';
import type { Clock, LogLevel, Random } from '../core/session/needs.js';
import { AcmeAuthority } from '../io/acme/authority.js';
import { CertificateFolder } from '../io/acme/certificate-folder.js';
import type { AuthorityHttp } from '../io/acme/directory.js';
import { lookFromHere } from '../io/acme/reachability.js';
import {
  certificateNumber,
  makeCertificateRequest,
  makeChallengeContext,
} from '../io/net/certificate-request.js';
import { contextOf, factsOf, readKeyPair } from '../io/net/certificates.js';
import { makeKey, makeSelfSigned } from '../io/net/self-signed.js';
import { addressesOf } from '../io/outside/name-lookup.js';

export interface AutomaticCertificateOptions {
  names: readonly string[];
  email: string | undefined;
  directory: string;
  acceptsTerms: boolean;
  rotatesKey: boolean;
  /** Where it is kept. */
  folder: string;
  /** PEM of a key that clients know already, of a certificate that was made before; undefined: none. */
  knownKey: string | undefined;
  /** Ports on which checks are answered; 0: none. */
  ports: Readonly<Record<ChallengeKind, number>>;
  http: AuthorityHttp;
  clock: Clock;
  /** For the talk with the authority; `clock` when left out. */
  networkClock?: Clock;
  random: Random;
  /** Where the authority looks; the usual ports when left out. */
  publicPorts?: Readonly<Record<ChallengeKind, number>>;
  addressesOf?: (name: string) => Promise<readonly string[]>;
  /** Ten years and more are pinned by clients; this one goes as soon as another is there. */
  writeLog(level: LogLevel, text: string): void;
}

const provisionalDays = 365;

export class AutomaticCertificate {
  readonly #options: AutomaticCertificateOptions;
  readonly #folder: CertificateFolder;
  readonly challenges = new ChallengeAnswers<SecureContext>();
  #context: SecureContext | undefined;
  #renewal: Renewal | undefined;

  constructor(options: AutomaticCertificateOptions) {
    this.#options = options;
    this.#folder = new CertificateFolder({ folder: options.folder, readPair: readKeyPair });
  }

  /** Current certificate; undefined: `prepare` has not been called. */
  get context(): SecureContext | undefined {
    return this.#context;
  }

  /** Undefined before `prepare`. */
  get renewal(): Renewal | undefined {
    return this.#renewal;
  }

  get names(): readonly string[] {
    return this.#options.names;
  }

  get directory(): string {
    return this.#options.directory;
  }

  /** Reads the folder, or begins one: from now on handshakes are answered. Fault when it cannot be read or written. */
  async prepare(): Promise<void> {
    const { clock, writeLog, names } = this.#options;
    const { pair, account, progress, damaged } = this.#folder.read();
    for (const { file, reason } of damaged) {
      const aside = this.#folder.setAside(file, clock.now());
      const what = file === this.#folder.pairFile ? ': a new certificate is ordered' : '';
      writeLog('error', `${file} cannot be used (${reason}); it is now ${aside ?? 'replaced'}${what}`);
    }
    const usable = pair ?? (await this.#makeProvisional(names));
    this.#context = contextOf(usable);
    const authority = this.#makeAuthority(account);
    this.#renewal = new Renewal(
      {
        names,
        directory: this.#options.directory,
        challenges: this.#kinds,
        rotatesKey: this.#options.rotatesKey,
        authority,
        store: this.#folder,
        clock,
        random: this.#options.random,
        checkReachability: () => this.#checkReachability(),
        writeLog,
        onIssued: (issued) => {
          this.#context = contextOf(issued);
        },
      },
      { pair: usable, progress },
    );
  }

  /** From now on it is ordered and renewed. */
  start(): void {
    this.#renewal?.start();
  }

  stop(): void {
    this.#renewal?.stop();
  }

  get #kinds(): ChallengeKind[] {
    const { ports } = this.#options;
    return (Object.keys(challengePorts) as ChallengeKind[]).filter((kind) => ports[kind] !== 0);
  }

  async #makeProvisional(names: readonly string[]): Promise<KeyPair> {
    const { clock, knownKey } = this.#options;
    const made = makeSelfSigned({
      names,
      days: provisionalDays,
      nowMs: clock.now(),
      key: knownKey === undefined ? makeKey() : createPrivateKey(knownKey),
    });
    const pair = { facts: factsOf(made.certificate), chain: made.certificate, key: made.key };
    try {
      // Before anybody sees it: clients remember its key.
      await this.#folder.savePair(pair);
    } catch (error) {
      throw error instanceof CertificateFailure ? error.shown : error;
    }
    return pair;
  }

  #makeAuthority(account: ReturnType<CertificateFolder['read']>['account']): Authority {
    const { directory, email, acceptsTerms, http, clock, networkClock } = this.#options;
    return new AcmeAuthority({
      directory,
      email,
      acceptsTerms,
      http,
      clock: networkClock ?? clock,
      account,
      saveAccount: (changed) => this.#folder.saveAccount(changed),
      makeKey,
      makeRequest: makeCertificateRequest,
      numberOf: certificateNumber,
      factsOf,
      answer: (check) => this.#answer(check),
    });
  }

  #answer({ kind, name, token, text }: { kind: ChallengeKind; name: string; token: string; text: string }) {
    return kind === 'http-01'
      ? this.challenges.addToken(token, text)
      : this.challenges.addName(name, makeChallengeContext(name, text, this.#options.clock.now()));
  }

  async #checkReachability(): Promise<void> {
    const { names, http, random, writeLog, ports, publicPorts = challengePorts } = this.#options;
    const found = await lookFromHere({
      names,
      http,
      random,
      ports: this.#kinds.map((kind) => ({ kind, port: publicPorts[kind], own: ports[kind] })),
      addressesOf: this.#options.addressesOf ?? addressesOf,
      answer: (check) => this.#answer(check),
    });
    for (const { message, hint } of found) {
      writeLog(
        'warn',
        `${message} (${hint}). The order is tried anyway: this machine may see less than others do.`,
      );
    }
  }
}
