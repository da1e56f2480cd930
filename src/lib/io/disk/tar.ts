// Archives: many files in one, written and read piece by piece; tar-stream has the format. Only plain files under
// plain names are accepted, because archives come from elsewhere.

import { once } from 'node:events';
import { extract, type Headers, pack } from 'tar-stream';
import { refusal } from '../../core/errors.js';

export class TarWriter {
  readonly #pack = pack();

  /** The archive. The writer ends when it is no longer read. */
  get pieces(): AsyncIterable<Uint8Array> {
    return this.#pack as AsyncIterable<Uint8Array>;
  }

  /** The content must be exactly `sizeBytes` long. Resolves when the archive has taken all of it. */
  async add(
    name: string,
    sizeBytes: number,
    modified: number,
    content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const header: Headers = { name, size: sizeBytes, mtime: new Date(modified), mode: 0o600, type: 'file' };
    let settle: (error?: Error | null) => void = () => {};
    const taken = new Promise<void>((resolve, reject) => {
      settle = (error) => (error ? reject(error) : resolve());
    });
    taken.catch(() => {});
    const entry = this.#pack.entry(header, (error) => settle(error));
    // the promise reports it; without a listener an error event would end the process
    entry.on('error', () => {});
    let written = 0;
    for await (const piece of content) {
      written += piece.length;
      if (written > sizeBytes) break;
      if (!entry.write(piece)) await Promise.race([once(entry, 'drain'), taken]);
    }
    if (written !== sizeBytes) {
      const error = new RangeError(`${name}: ${written} bytes, not ${sizeBytes}`);
      this.abort(error);
      throw error;
    }
    entry.end();
    await taken;
  }

  end(): void {
    this.#pack.finalize();
  }

  /** The reader of the archive gets this error. */
  abort(error: Error): void {
    this.#pack.destroy(error);
  }
}

export interface TarEntry {
  name: string;
  /** Must be read to its end before the next entry is asked for. */
  content: AsyncIterable<Buffer>;
}

/** The files of an archive, in order. Refusal `badInput` when it is none, or breaks off. */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const entries = extract();
  const fed = feed(source, entries);
  try {
    for await (const entry of entries) {
      // What a folder is called follows from the files in it.
      if (entry.header.type === 'directory') {
        entry.resume();
        continue;
      }
      yield { name: plainName(entry.header), content: translated(entry as AsyncIterable<Buffer>) };
    }
  } catch (error) {
    throw translate(error);
  } finally {
    await fed;
  }
}

/** Hands over the source; what goes wrong with it goes wrong with the entries. */
async function feed(source: AsyncIterable<Buffer>, entries: ReturnType<typeof extract>): Promise<void> {
  try {
    for await (const piece of source) {
      if (entries.destroyed) return;
      if (!entries.write(piece)) await Promise.race([once(entries, 'drain'), once(entries, 'close')]);
    }
    entries.end();
  } catch (error) {
    entries.destroy(error as Error);
  }
}

async function* translated(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* content;
  } catch (error) {
    throw translate(error);
  }
}

/** The library has no codes, only these texts; all other errors come from reading the file, and stay as they are. */
function translate(error: unknown): unknown {
  const { message } = error as Error;
  if (/^Unexpected end of data/.test(message)) {
    return refusal('archive-cut');
  }
  if (/^Invalid tar header/.test(message)) {
    return refusal('archive-damaged');
  }
  return error;
}

/** `tar` writes `./name` for what is in the folder that it packs. */
function plainName({ name: given, type }: Headers): string {
  const name = given.replace(/^(\.\/)+/, '');
  if (type !== 'file' && type !== 'contiguous-file') {
    throw refusal('archive-odd-file', { name });
  }
  const isPlain = name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isPlain || name.includes('\0') || name.includes('\\')) {
    throw refusal('archive-name-outside', { name });
  }
  return name;
}
