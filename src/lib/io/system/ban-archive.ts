// Ban lists as text: compressed, and sealed with the server's key (sessions.md §17; XSalsa20-Poly1305).
import { Buffer } from 'node:buffer';
import { deflateSync, inflateSync } from 'node:zlib';
import type { BanArchive, BanArchiveError } from '../../core/session/needs.js';
import { lazyPackage } from './lazy-packages.js';

/** A list of 1000 bans is far below this. */
const inflatedAtMost = 4 * 1024 * 1024;

/** Four bytes of length, then a zlib stream. */
function compress(json: string): Buffer {
  const plain = Buffer.from(json);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(plain.length);
  return Buffer.concat([length, deflateSync(plain)]);
}

function decompress(bytes: Uint8Array): string | undefined {
  try {
    return inflateSync(bytes.subarray(4), { maxOutputLength: inflatedAtMost }).toString('utf8');
  } catch {
    return undefined;
  }
}

export class SealingBanArchive implements BanArchive {
  readonly #key: Uint8Array | undefined;

  /** `key`: 32 bytes. */
  constructor(key?: Uint8Array) {
    this.#key = key;
  }

  get canSeal(): boolean {
    return this.#key !== undefined;
  }

  pack(json: string): string {
    return `p${compress(json).toString('base64')}`;
  }

  seal(json: string): string | undefined {
    if (!this.#key) return undefined;
    const nacl = lazyPackage('tweetnacl');
    const nonce = nacl.randomBytes(nacl.secretbox.nonceLength);
    const sealed = nacl.secretbox(compress(json), nonce, this.#key);
    return `c${Buffer.from(nonce).toString('base64')}:${Buffer.from(sealed).toString('base64')}`;
  }

  open(text: string): { json: string; isSealed: boolean } | { error: BanArchiveError } {
    const parts = /^(?:p([A-Za-z0-9+/]+=*)|c([A-Za-z0-9+/]+=*):([A-Za-z0-9+/]+=*))$/.exec(text);
    if (!parts) return { error: 'banimportmalformed' };
    let packed: Uint8Array | null;
    if (parts[1] !== undefined) {
      packed = Buffer.from(parts[1], 'base64');
    } else {
      const nacl = lazyPackage('tweetnacl');
      const nonce = Buffer.from(parts[2] ?? '', 'base64');
      const sealed = Buffer.from(parts[3] ?? '', 'base64');
      if (nonce.length !== nacl.secretbox.nonceLength || sealed.length <= nacl.secretbox.overheadLength) {
        return { error: 'banimportmalformed' };
      }
      if (!this.#key) return { error: 'banimportunconfigured' };
      packed = nacl.secretbox.open(sealed, nonce, this.#key);
      if (!packed) return { error: 'banimportcrypterror' };
    }
    const json = decompress(packed);
    return json === undefined ? { error: 'banimportinvalid' } : { json, isSealed: parts[1] === undefined };
  }
}
