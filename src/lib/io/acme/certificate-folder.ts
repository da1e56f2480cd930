// The folder of the certificate that this server obtains for itself: certificate and key in one file, so that one never
// lies there without the other; the account at the authority; and what is remembered of renewals. Each is replaced at once
// and readable for the server's user only. What is damaged is set aside, never used and never overwritten.

import * as fs from 'node:fs';
import * as path from 'node:path';
import { failure } from '../../core/certificates/failures.js';
import type { CertificateStore, KeyPair } from '../../core/certificates/needs.js';
import { type Progress, readProgress } from '../../core/certificates/progress.js';
import { type Reason, reason } from '../../core/errors/reason.js';
import { fault } from '../../core/errors.js';
import { folderModes, makeFolder } from '../files/folders.js';
import { fileModes, reasonOf, sizeLimits, whyFull } from '../files/regular-file.js';
import { replaceFile } from '../files/replace-file.js';
import { readTextFile } from '../files/text-file.js';
import type { Account } from './authority.js';
import { isText, objectOf } from './directory.js';
import { AccountKey } from './signed-request.js';

export interface FolderOptions {
  folder: string;
  /** Key and chain of a PEM text; throws when they cannot be used. */
  readPair(pem: string): KeyPair;
}

/** What is in a folder; undefined: not there, or damaged. */
export interface FolderContent {
  pair: KeyPair | undefined;
  account: Account | undefined;
  progress: Progress | undefined;
  /** Files that cannot be used, with the reason. */
  damaged: readonly { file: string; reason: Reason | string }[];
}

/** What becomes of a damaged file. */
export const damagedHint = 'start the server: it sets the file aside and orders a certificate if it has none';

export class CertificateFolder implements CertificateStore {
  readonly #options: FolderOptions;

  constructor(options: FolderOptions) {
    this.#options = options;
  }

  get folder(): string {
    return this.#options.folder;
  }

  get pairFile(): string {
    return path.join(this.folder, 'certificate.pem');
  }

  get #accountFile(): string {
    return path.join(this.folder, 'account.json');
  }

  get #progressFile(): string {
    return path.join(this.folder, 'state.json');
  }

  /** Nothing is changed. Fault where this user may not read. */
  read(): FolderContent {
    const damaged: { file: string; reason: Reason | string }[] = [];
    const take = <Value>(file: string, parse: (text: string) => Value | undefined): Value | undefined => {
      try {
        const value = parse(readTextFile(file, sizeLimits.pem, { refusesLink: true }).text);
        if (value === undefined) damaged.push({ file, reason: reason('file-incomplete') });
        return value;
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
        if (code === 'EACCES' || code === 'EPERM') {
          const what = 'certificate';
          throw fault('certificate-unreadable', { what, file, reason: reason('permission-denied') }, cause);
        }
        damaged.push({ file, reason: reasonOf(cause) });
        return undefined;
      }
    };
    return {
      pair: take(this.pairFile, (text) => this.#options.readPair(text)),
      account: take(this.#accountFile, readAccount),
      progress: take(this.#progressFile, readProgress),
      damaged,
    };
  }

  /** Gives a damaged file another name, which is the answer; undefined: that failed, it will be replaced. */
  setAside(file: string, nowMs: number): string | undefined {
    const stamp = new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
    const aside = `${file}.damaged-${stamp}Z`;
    try {
      fs.renameSync(file, aside);
      return aside;
    } catch {
      return undefined;
    }
  }

  async savePair({ key, chain }: KeyPair): Promise<void> {
    await this.#save(this.pairFile, `${key.trimEnd()}\n${chain.trimEnd()}\n`);
  }

  async saveAccount(account: Account): Promise<void> {
    await this.#save(this.#accountFile, `${JSON.stringify(account, null, 2)}\n`);
  }

  async saveProgress(progress: Progress): Promise<void> {
    await this.#save(this.#progressFile, `${JSON.stringify(progress, null, 2)}\n`);
  }

  async #save(file: string, text: string): Promise<void> {
    try {
      makeFolder(this.folder, folderModes.private);
      await replaceFile(file, text, { mode: fileModes.secret });
    } catch (cause) {
      throw failure(
        'acme-disk',
        { folder: this.folder, reason: whyFull(cause) ?? reasonOf(cause) },
        { cause },
      );
    }
  }
}

function readAccount(text: string): Account | undefined {
  const { key, url, directory, email } = objectOf(text);
  if (!isText(key) || !isText(directory)) return undefined;
  new AccountKey(key);
  return {
    key,
    directory,
    url: isText(url) ? url : undefined,
    email: isText(email) ? email : undefined,
  };
}
