// Which share of a server's CPU time is OpenSSL itself, sampled by `perf`: the rest of TLS is Node and dp.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const samplesPerSecond = 2000;
/** `perf` attaches to all threads before it samples. */
const attachMs = 500;

/** Names of functions that Node's own binary has from OpenSSL: ciphers, records, handshakes, its memory and error lists. */
const openSslFunction =
  /^(do_ssl|_?aes|aesni|gcm|ghash|chacha|poly1305|sha\d|keccak|ecp|x25519|bn_|BN_|EC_|EVP|evp|SSL|ssl|tls|dtls|BIO|bio|mem_(read|write|ctrl)|CRYPTO|crypto|ERR_|err_|OPENSSL|ossl|openssl|RAND|WPACKET|PACKET|cipher_|generic_|OBJ_|ASN1|X509|EC|MD5|buf_|record_)/;

/** `undefined`: there is no `perf` here, or it may not look into other processes. */
export async function sampleOpenSsl(pid: number, folder: string): Promise<OpenSslSampling | undefined> {
  const file = path.join(folder, 'perf.data');
  const args = ['record', '-e', 'cpu-clock', '-F', String(samplesPerSecond), '-o', file, '-p', String(pid)];
  const perf = spawn('perf', args, { stdio: 'ignore' });
  const isGone = once(perf, 'exit').then(
    () => true,
    () => true, // no such program
  );
  const isEarly = await Promise.race([isGone, sleep(attachMs, false)]);
  return isEarly ? undefined : new OpenSslSampling(perf, file);
}

export class OpenSslSampling {
  readonly #perf: ChildProcess;
  readonly #file: string;

  constructor(perf: ChildProcess, file: string) {
    this.#perf = perf;
    this.#file = file;
  }

  /** Ends the sampling. 0 to 1; what libc does for OpenSSL is not in it. */
  async share(): Promise<number> {
    const exit = once(this.#perf, 'exit');
    this.#perf.kill('SIGINT');
    await exit;
    const args = ['report', '-i', this.#file, '--stdio', '--no-children', '--sort', 'symbol'];
    const report = execFileSync('perf', args, {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return shareOf(report);
  }
}

/** Sums the lines of `perf report --sort symbol` that are OpenSSL's. */
export function shareOf(report: string): number {
  let percent = 0;
  for (const line of report.split('\n')) {
    const [, share = '0', name = ''] = /^\s*([\d.]+)%\s+\[\.\]\s+(\S+)/.exec(line) ?? [];
    if (openSslFunction.test(name)) percent += Number(share);
  }
  return percent / 100;
}
