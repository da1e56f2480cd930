// The latest picture of a session for the public page: read once for all requests, and served only as the type that
// it really is.

import { pictureType } from '../../core/session/picture-type.js';
import type { Thumbnail } from '../../core/session/thumbnails.js';
import { etagOf } from './web-site.js';

export interface PublicPicture {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

interface WithThumbnails {
  find(id: string): { thumbnails: { load(done: (found: Thumbnail | undefined) => void): void } } | undefined;
}

/** Of one moment: each session is asked once. */
export class PublicPictures {
  readonly #directory: WithThumbnails;
  readonly #byId = new Map<string, Promise<PublicPicture | undefined>>();

  constructor(directory: WithThumbnails) {
    this.#directory = directory;
  }

  /** Undefined: there is none, or none that a browser should show. */
  of(id: string): Promise<PublicPicture | undefined> {
    const known = this.#byId.get(id);
    if (known) return known;
    const found = this.#load(id);
    this.#byId.set(id, found);
    return found;
  }

  async #load(id: string): Promise<PublicPicture | undefined> {
    const session = this.#directory.find(id);
    if (session === undefined) return undefined;
    const newest = await new Promise<Thumbnail | undefined>((resolve) => session.thumbnails.load(resolve));
    const type = newest && pictureType(newest.bytes);
    if (newest === undefined || type === undefined) return undefined;
    return { bytes: newest.bytes, type, etag: etagOf(newest.bytes), at: newest.at };
  }
}
