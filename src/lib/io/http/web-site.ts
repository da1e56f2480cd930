// Serves a web interface beside the API (http.md §1.14), confined to its folder. Browsers revalidate at each request
// and get 304 if nothing changed.

import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import * as path from 'node:path';
import { readRegularAsync, sizeLimits } from '../files/regular-file.js';

export interface SiteFolder {
  folder: string;
  /** Its address, such as `/admin`; left out: it is the root. */
  prefix?: string;
}

export interface SiteFile {
  /** MIME type. */
  readonly type: string;
  readonly bytes: Buffer;
  /** Entity tag, quoted: another content has another one. */
  readonly etag: string;
  /** Date of the last change as HTTP writes it, whole seconds. */
  readonly lastModified: string;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.htm': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.xml': 'application/xml',
  '.wasm': 'application/wasm',
  '.pdf': 'application/pdf',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.ttf': 'font/ttf',
  '.otf': 'font/otf',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
};

/** The file that a path stands for. A folder is its index.html, or the root's where it has none. */
export async function findSiteFile(
  { folder, prefix = '' }: SiteFolder,
  urlPath: string,
): Promise<SiteFile | undefined> {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
  if (decoded.includes('\0') || !decoded.startsWith(`${prefix}/`)) return undefined;
  decoded = decoded.slice(prefix.length);
  if (!decoded.endsWith('/')) return read(folder, decoded);
  return (await read(folder, `${decoded}index.html`)) ?? read(folder, '/index.html');
}

async function read(folder: string, name: string): Promise<SiteFile | undefined> {
  try {
    const root = await realpath(folder);
    const file = await realpath(path.join(root, name));
    // Links may not lead out of the folder either.
    if (!file.startsWith(`${root}${path.sep}`)) return undefined;
    const { bytes, stats } = await readRegularAsync(file, sizeLimits.webPage);
    return {
      type: typeOf(file),
      bytes,
      // Of the content, not of time and size: an update may keep both.
      etag: etagOf(bytes),
      lastModified: stats.mtime.toUTCString(),
    };
  } catch {
    return undefined;
  }
}

/** MIME type of a file by its name. */
export function typeOf(file: string): string {
  return types[path.extname(file).toLowerCase()] ?? 'application/octet-stream';
}

export function etagOf(bytes: Uint8Array): string {
  return `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
}

/**
 * Whether the asking browser has this file as it is (RFC 9110 §13.1). A tag counts before a date; a date that cannot be
 * read counts for nothing.
 */
export function hasUnchanged(
  headers: Readonly<Pick<IncomingHttpHeaders, 'if-none-match' | 'if-modified-since'>>,
  { etag, lastModified }: Pick<SiteFile, 'etag'> & Partial<Pick<SiteFile, 'lastModified'>>,
): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined) {
    if (tags.trim() === '*') return true;
    return [...tags.matchAll(/(?:W\/)?("[^"]*")/g)].some(([, tag]) => tag === etag);
  }
  const since = headers['if-modified-since'];
  return since !== undefined && lastModified !== undefined && Date.parse(lastModified) <= Date.parse(since);
}
