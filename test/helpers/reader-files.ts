// The files that pages take for granted: recordings, templates, and what a drawpile-srv left behind.

import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Reader } from './reader.js';
import Database from './sqlite.js';

const vectors = path.resolve('test/vectors/formats');

/** Only what the page speaks of. */
export async function fillFolder(reader: Reader, pageText: string): Promise<void> {
  if (pageText.includes('session.dprec')) await writeRecordings(reader);
  if (pageText.includes('config.db')) writeOriginal(reader.folder);
}

async function writeRecordings(reader: Reader): Promise<void> {
  const { folder } = reader;
  writeFileSync(path.join(folder, 'session.dptxt'), text('4.25.1'));
  writeFileSync(path.join(folder, 'old.dptxt'), text('4.24.0'));
  const { status, output } = await reader.type(`
    dp rec convert session.dptxt session.dprec
    dp rec convert old.dptxt old.dprec
    rm session.dptxt old.dptxt
  `);
  if (status !== 0) throw new Error(output);
}

function writeOriginal(folder: string): void {
  const database = new Database(path.join(folder, 'config.db'));
  database.exec(readFileSync(path.join(vectors, 'db/config-2.3.sql'), 'utf8'));
  database.close();
  mkdirSync(path.join(folder, 'sessions'));
  cpSync(path.join(vectors, 'v23/store'), path.join(folder, 'sessions'), {
    recursive: true,
    filter: (from) => !from.endsWith('.dptxt'),
  });
  // As drawpile-srv left them: its user's.
  for (const name of [
    '.',
    'config.db',
    'sessions',
    ...readdirSync(path.join(folder, 'sessions')).map((file) => `sessions/${file}`),
  ]) {
    const file = path.join(folder, name);
    chmodSync(file, name === '.' || name === 'sessions' ? 0o755 : 0o644);
    if (process.getuid?.() === 0) chownSync(file, 65_534, 65_534);
  }
}

/** Both dialects name messages alike; 2.2's has values without quotes. */
function text(version: '4.24.0' | '4.25.1'): string {
  const isOld = version === '4.24.0';
  const line = (start: string, fields: Record<string, unknown>) =>
    `${start} ${
      isOld
        ? Object.entries(fields)
            .map(([name, value]) => `${name}=${value}`)
            .join(' ')
        : JSON.stringify(fields)
    }`;
  return [
    `!version=dp:${version}`,
    line('1 join', { name: 'alice' }),
    line('1 resize', { bottom: 600, right: 800 }),
    ...Array.from({ length: 20 }, () => [line('1 interval', { msecs: 60_000 }), '1 penup']).flat(),
    '',
  ].join('\n');
}
