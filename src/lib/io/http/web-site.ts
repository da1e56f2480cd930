// A web interface served beside the API (http.md §1.14), confined to its folder.

import { realpath } from 'node:fs/promises';
import * as path from 'node:path';
import { readRegularAsync, sizeLimits } from '../files/regular-file.js';

export interface SiteFolder {
  folder: string;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** The file that a path stands for. A folder is its index.html, or the root's where it has none. */
export async function findSiteFile(
  { folder }: SiteFolder,
  urlPath: string,
): Promise<{ type: string; bytes: Buffer } | undefined> {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
  if (decoded.includes('\0')) return undefined;
  if (!decoded.endsWith('/')) return read(folder, decoded);
  return (await read(folder, `${decoded}index.html`)) ?? read(folder, '/index.html');
}

async function read(folder: string, name: string): Promise<{ type: string; bytes: Buffer } | undefined> {
  try {
    const root = await realpath(folder);
    const file = await realpath(path.join(root, name));
    // Links may not lead out of the folder either.
    if (!file.startsWith(`${root}${path.sep}`)) return undefined;
    const type = types[path.extname(file).toLowerCase()] ?? 'application/octet-stream';
    return { type, bytes: (await readRegularAsync(file, sizeLimits.webPage)).bytes };
  } catch {
    return undefined;
  }
}
