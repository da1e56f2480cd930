// Before the first order: what an authority will see that looks whether the names lead here. A look from inside may differ
// from one from outside (routers, split DNS), so this only warns.

import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { type ChallengeKind, challengePath, challengeProtocol } from '../../core/certificates/challenges.js';
import { type Fault, fault } from '../../core/errors.js';
import type { Random } from '../../core/session/needs.js';
import type { AuthorityHttp } from './directory.js';

export interface ReachabilityOptions {
  names: readonly string[];
  /** The checks for which a port is open: where an authority looks, and where this server listens. */
  ports: readonly { kind: ChallengeKind; port: number; own: number }[];
  http: AuthorityHttp;
  random: Random;
  /** Rejects when there are none. */
  addressesOf(name: string): Promise<readonly string[]>;
  /** As for an authority's check. */
  answer(check: { kind: ChallengeKind; name: string; token: string; text: string }): () => void;
}

const waitMs = 10_000;

/** What is in the way, one fault for each; empty: nothing, as far as this machine can see. */
export async function lookFromHere(options: ReachabilityOptions): Promise<Fault[]> {
  const found: Fault[] = [];
  for (const name of options.names) {
    let addresses: readonly string[];
    try {
      addresses = await options.addressesOf(name);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      found.push(fault('acme-name-not-found-here', { name, reason: code ?? message }, error));
      continue;
    }
    for (const address of addresses) {
      for (const { kind, port, own } of options.ports) {
        const token = Buffer.from(options.random.bytes(24)).toString('base64url');
        const text = `${token}.looking`;
        const end = options.answer({ kind, name, token, text });
        const check = { name, address, port, token, text };
        try {
          const isOurs = await (kind === 'http-01'
            ? answersByHttp(options.http, check)
            : answersByTls(check));
          if (!isOurs) found.push(fault('acme-other-answers', { name, port, address }));
        } catch (error) {
          // A machine without IPv6 cannot check what others see there.
          if (isUnreachable(error)) continue;
          const reason = (error as Error).message;
          found.push(fault('acme-port-not-answering', { name, port, own, address, reason }, error));
        } finally {
          end();
        }
      }
    }
  }
  return found;
}

interface Check {
  name: string;
  address: string;
  port: number;
  token: string;
  text: string;
}

function isUnreachable(error: unknown): boolean {
  const { code, cause } = error as NodeJS.ErrnoException;
  return ['ENETUNREACH', 'EADDRNOTAVAIL'].includes(
    code ?? (cause as NodeJS.ErrnoException | undefined)?.code ?? '',
  );
}

async function answersByHttp(
  http: AuthorityHttp,
  { name, address, port, token, text }: Check,
): Promise<boolean> {
  const host = isIP(address) === 6 ? `[${address}]` : address;
  const answer = await http.request({
    method: 'GET',
    url: `http://${host}:${port}${challengePath}${token}`,
    headers: { host: name },
    isTrusted: true,
    timeLimitMs: waitMs,
  });
  return answer.status === 200 && answer.text.trim() === text;
}

function answersByTls({ name, address, port, text }: Check): Promise<boolean> {
  const digest = createHash('sha256').update(text).digest();
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address,
      port,
      servername: name,
      ALPNProtocols: [challengeProtocol],
      rejectUnauthorized: false,
    });
    let isConnected = false;
    socket.setTimeout(waitMs, () => socket.destroy(new Error(`no answer within ${waitMs / 1000} seconds`)));
    socket.once('connect', () => {
      isConnected = true;
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // Whoever knows nothing of such checks ends the handshake.
      if (isConnected) resolve(false);
      else if (error.code === 'ECONNREFUSED') reject(new Error('Connection refused', { cause: error }));
      else reject(error);
    });
    socket.once('secureConnect', () => {
      const shown = socket.getPeerX509Certificate()?.raw;
      socket.destroy();
      resolve(shown?.includes(digest) === true);
    });
  });
}
